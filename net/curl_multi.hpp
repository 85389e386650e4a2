// libcurl's multi interface on our loop: the glue alone. It owns no request; whoever adds an easy
// handle sets every option of it and gets one call when the transfer ends. Sockets are opened by
// us, with CLOEXEC, because curl hides EMFILE.
#pragma once

#include <functional>
#include <memory>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace ronda::net {

class CurlMulti {
 public:
  explicit CurlMulti(Loop& loop);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  // Opens a socket for curl and says where curl is to connect it, as a Relay does; -1: none.
  using Connector = std::function<int(const Endpoint& peer, SocketAddress& instead)>;

  // `easy` is a CURL*, the caller's; `on_done` gets the CURLcode, never inside this call. Sets
  // OPENSOCKETFUNCTION; `*open_error` receives the errno when a socket could not be opened.
  void add(void* easy, int* open_error, std::function<void(int result)> on_done,
           Connector connector = nullptr);
  void remove(void* easy);  // also in mid-transfer; no call follows

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ronda::net
