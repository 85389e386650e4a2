#include "probes/portioned_connection.hpp"

#include <string>
#include <utility>

#include "probes/dialogue.hpp"

namespace ronda::probes {

namespace {

// Beside what is looked at: headers, certificates, and what frames and TLS add.
constexpr std::size_t kAround = std::size_t{256} * 1024;

}  // namespace

PortionedConnection::PortionedConnection(net::Loop& loop, const CheckSpec& check)
    : loop_(loop), source_(check.source), most_(2 * check.read_limit + kAround) {}

int PortionedConnection::connect(const net::Endpoint& peer, net::SocketAddress& instead) {
  auto relay = net::Relay::open(loop_, peer, source_, most_);
  if (!relay) {
    refused_ = std::move(relay.error());
    return -1;
  }
  relay_ = std::move(*relay);
  instead = relay_->address();
  return relay_->take_end();
}

std::optional<net::SteadyTime> PortionedConnection::connected_at() const {
  return relay_ ? relay_->connected_at() : std::nullopt;
}

std::optional<ProbeResult> PortionedConnection::problem() const {
  if (refused_) {
    return from_fault(*refused_);
  }
  if (relay_ && relay_->fault()) {
    return from_fault(*relay_->fault());
  }
  if (relay_ && relay_->overflowed()) {
    return make_fail(Code::L7RSP, "expected an answer over HTTP/2, got " + std::to_string(most_) +
                                      " bytes without one");
  }
  return std::nullopt;
}

}  // namespace ronda::probes
