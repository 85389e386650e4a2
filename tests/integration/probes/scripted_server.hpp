// A server on loopback in threads of its own whose behaviour is a function: what it does with each
// connection, in blocking style. It ends, and so do its connections, with the object.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

#include "net/address.hpp"

namespace ronda::test {

class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Up to and without the line end; what there was when the client closed.
  std::string line();
  std::string until_blank_line();             // a request's head
  std::string some();                         // what comes next, at most 4 KiB
  std::string exactly(std::size_t length);    // fewer when the client closes before
  std::string rest();                         // everything until the client closes
  std::size_t write(std::string_view bytes);  // how much went out before an error
  bool secure(const std::shared_ptr<SSL_CTX>& context);
  bool say_new_keys(
      int times);  // TLS 1.3 KeyUpdate messages, at once; false once the client is gone
  bool resumes_session() const;                    // what was verified then is not shown again
  bool stays_for(std::chrono::milliseconds time);  // false as soon as the client has gone
  void reset();                                    // closes with RST
  bool cut_short() const { return broken_; }  // the client ended with an error, not in good order
  std::string address() const;                // the client's

 private:
  int read_byte();  // -1 at the end
  int descriptor_;
  SSL* session_ = nullptr;
  bool broken_ = false;
};

// A port of loopback that nobody listens on, and that nobody else is given while this lives.
class ClosedPort {
 public:
  ClosedPort();
  ~ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  net::Endpoint endpoint() const { return endpoint_; }

 private:
  int descriptor_ = -1;
  net::Endpoint endpoint_{};
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;
  explicit ScriptedServer(Script script, const std::string& address = "127.0.0.1",
                          std::uint16_t port = 0);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  net::Endpoint endpoint() const { return endpoint_; }
  void note(const std::string& text);  // from a script
  std::vector<std::string> notes();

 private:
  void accept_all();
  void serve(int descriptor);

  Script script_;
  int listener_ = -1;
  net::Endpoint endpoint_{};
  std::mutex mutex_{};
  std::vector<std::string> notes_{};
  std::vector<int> open_{};  // descriptors of running scripts
  bool ending_ = false;
  std::vector<std::thread> scripts_{};
  std::thread acceptor_{};
};

}  // namespace ronda::test
