#include "agent/cli/connection_trial.hpp"

#include <memory>
#include <utility>
#include <variant>

#include "net/tcp_stream.hpp"

namespace ronda::agent {
namespace {

class ConnectionTrial final : public net::Cancellable {
 public:
  ConnectionTrial(net::Loop& loop, const net::Endpoint& server,
                  std::optional<net::IpAddress> source, net::Duration limit,
                  std::function<void(bool)> on_done)
      : on_done_(std::move(on_done)) {
    auto stream =
        net::TcpStream::connect(loop, server, source, [this](const net::StreamEvent& event) {
          finish(std::holds_alternative<net::Connected>(event));
        });
    const net::Duration wait = stream ? limit : net::Duration::zero();
    timer_ = loop.at(loop.now() + wait, [this] { finish(false); });
    stream_ = stream ? *std::move(stream) : nullptr;
  }

 private:
  // Nothing is touched behind it: the callback may drop this object.
  void finish(bool connects) {
    if (const auto on_done = std::exchange(on_done_, {})) {
      on_done(connects);
    }
  }

  std::function<void(bool)> on_done_;
  std::unique_ptr<net::TcpStream> stream_{};
  net::Handle timer_{};
};

}  // namespace

net::Handle try_to_connect(net::Loop& loop, const net::Endpoint& server,
                           std::optional<net::IpAddress> source, net::Duration limit,
                           std::function<void(bool connects)> on_done) {
  return std::make_unique<ConnectionTrial>(loop, server, source, limit, std::move(on_done));
}

}  // namespace ronda::agent
