// The connection of an HTTP/2 check. libcurl 7.88 reads the frames of HTTP/2 as long as any come,
// and no timer would be served while somebody sends empty ones: it gets them through a relay, in
// portions and not without end. What became of the connection is known here, since libcurl sees no
// more than its end.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/relay.hpp"
#include "net/time.hpp"
#include "probes/check.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

class PortionedConnection {
 public:
  PortionedConnection(net::Loop& loop, const CheckSpec& check);

  // A socket for libcurl, which it connects to `instead` and takes for the replica's; -1: there is
  // none. The one before, of a redirect, ends.
  int connect(const net::Endpoint& peer, net::SocketAddress& instead);
  bool stands() const { return relay_ != nullptr && relay_->connected_at().has_value(); }
  std::optional<net::SteadyTime> connected_at() const;
  // Why nothing can have come of it; nothing: that is not known here.
  std::optional<ProbeResult> problem() const;

 private:
  net::Loop& loop_;
  std::optional<net::IpAddress> source_;
  std::size_t most_;
  std::unique_ptr<net::Relay> relay_{};
  std::optional<net::Fault> refused_{};
};

}  // namespace ronda::probes
