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

  // Connects in curl's stead, as a Relay does: a descriptor that curl takes for connected and
  // closes itself, or -1.
  using Connector = std::function<int(const Endpoint& peer)>;

  // `easy` is a CURL*, the caller's; `on_done` gets the CURLcode, never inside this call. Sets
  // OPENSOCKETFUNCTION; `*open_error` receives the errno when a socket could not be opened. With a
  // connector the caller's SOCKOPTFUNCTION must say CURL_SOCKOPT_ALREADY_CONNECTED.
  void add(void* easy, int* open_error, std::function<void(int result)> on_done,
           Connector connector = nullptr);
  void remove(void* easy);  // also in mid-transfer; no call follows

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ronda::net
