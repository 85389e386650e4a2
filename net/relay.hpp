// One connection to a peer, handed on through a local socket: for a library that owns its
// connection and reads until nothing is left, as libcurl 7.88 does with HTTP/2, and would hold the
// loop as long as a hostile peer sends. Through here it gets a measured portion in each turn of the
// loop, and no more than was agreed in all. It knows no protocol and no deadline; whoever opened it
// drops it when the library is done.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>

#include "net/address.hpp"
#include "net/client_socket.hpp"
#include "net/fault.hpp"
#include "net/loop.hpp"

namespace ronda::net {

class Relay {
 public:
  // Starts connecting. `most`: octets that the peer may send before it is cut off. The error is a
  // Fault that happened at once.
  static std::expected<std::unique_ptr<Relay>, Fault> open(Loop& loop, const Endpoint& peer,
                                                           const std::optional<IpAddress>& source,
                                                           std::size_t most);
  // What was said to the peer last, a goodbye for instance, is still handed on.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // The library's end, once: a socket that it connects to address(), which succeeds at once, and
  // closes. Non-blocking, CLOEXEC. The connection ends when that with the peer does.
  int take_end() { return outer_.release(); }
  const SocketAddress& address() const { return address_; }

  std::optional<SteadyTime> connected_at() const { return connected_at_; }
  // Why the connection failed; the library sees no more than its end.
  const std::optional<Fault>& fault() const { return fault_; }
  // The peer sent more than was agreed.
  bool overflowed() const { return overflowed_; }

 private:
  // A portion on its way from one end to the other.
  class Portion {
   public:
    bool empty() const { return sent_ == length_; }
    // 0: the end; -1: nothing now, or an error in errno.
    std::ptrdiff_t fill(int from, std::size_t most);
    // False: an error in errno.
    bool drain(int to);
    void drop() { sent_ = length_; }

   private:
    std::array<std::byte, 16384> bytes_;
    std::size_t length_ = 0;
    std::size_t sent_ = 0;
  };

  Relay(Loop& loop, ClientSocket socket, const Endpoint& peer, std::size_t most);

  bool listen();
  void on_caller();
  void on_peer(Interest ready);
  void on_inner(Interest ready);
  bool settle_connection();
  void take_from_peer();
  void take_from_inner();
  void hand_in();
  void hand_out();
  void end_inner();
  void fail(Phase phase, int error);
  void update_interest();

  Loop& loop_;
  Endpoint endpoint_;
  Descriptor peer_;
  Descriptor listener_{};
  Descriptor inner_{};  // once the library has connected
  Descriptor outer_{};
  SocketAddress address_{};
  std::size_t left_;  // that the peer may still send
  Portion in_{};      // from the peer
  Portion out_{};     // to the peer
  bool peer_ended_ = false;
  bool inner_ended_ = false;
  bool overflowed_ = false;
  std::optional<SteadyTime> connected_at_{};
  std::optional<Fault> fault_{};
  std::unique_ptr<Watch> peer_watch_{};
  std::unique_ptr<Watch> listener_watch_{};
  std::unique_ptr<Watch> inner_watch_{};
};

}  // namespace ronda::net
