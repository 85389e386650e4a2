// One TCP connection, plain or TLS, that never blocks: connect, send, receive, start TLS in the
// middle. It knows no protocol and no deadline; the owner sets a timer and drops the stream. TLS
// verification is against the name handed to start_tls (RFC 9525), SNI included when the name is
// not an address.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "net/address.hpp"
#include "net/fault.hpp"
#include "net/loop.hpp"
#include "net/tls_certificates.hpp"

struct ssl_ctx_st;

namespace ronda::net {

struct Connected {};
struct Secured {
  std::string protocol{};  // "TLSv1.3"
  CertificateEnds ends{};
};
struct Received {
  std::span<const std::byte> bytes{};  // valid during the callback only
};
struct Closed {};  // the peer ended its side in good order
using StreamEvent = std::variant<Connected, Secured, Received, Closed, Fault>;

class TcpStream {
 public:
  // May drop the stream from inside. After Closed or Fault nothing more is reported.
  using OnEvent = std::function<void(const StreamEvent&)>;

  // Starts connecting; Connected or Fault follows, never inside this call. The error is a Fault
  // that happened at once (no descriptor, no route, unusable source address). TCP_NODELAY and
  // CLOEXEC set.
  static std::expected<std::unique_ptr<TcpStream>, Fault> connect(Loop& loop, const Endpoint& peer,
                                                                  std::optional<IpAddress> source,
                                                                  OnEvent on_event);
  virtual ~TcpStream() = default;  // closes at once, without TLS close_notify being waited for
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  // Queues and writes what the kernel takes; each call is one write where it fits. More than 1 MiB
  // unsent is a Fault (ours to avoid: no caller has that much to say).
  virtual void send(std::span<const std::byte> bytes) = 0;
  // Only with nothing unsent. Secured or Fault{tls_handshake} follows. `server_name` is verified
  // and, unless it is an address, sent as SNI. Bytes received before are not carried over.
  virtual void start_tls(std::shared_ptr<ssl_ctx_st> context, const std::string& server_name,
                         bool verify) = 0;
  virtual Endpoint local() const = 0;
  // Once Secured: each certificate of the server as one line, see describe_certificates.
  virtual std::vector<std::string> certificates() const = 0;

 protected:
  TcpStream() = default;
};

}  // namespace ronda::net
