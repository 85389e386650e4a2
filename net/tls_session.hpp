// One TLS client session over bytes handed in and taken out: no socket, no loop. Verification is
// against a name (RFC 9525: subject alternative names only) or an address.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/tls_certificates.hpp"
#include "net/tls_refusal.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace ronda::net {

class TlsSession {
 public:
  enum class Status { done, wants_bytes, closed, failed };

  TlsSession(std::shared_ptr<ssl_ctx_st> context, const std::string& server_name, bool verify);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Encrypted bytes from the peer. At most 64 KiB before the next read() or handshake().
  void feed(std::span<const std::byte> bytes);
  // Encrypted bytes for the peer since the last call, also after a failure (the alert).
  std::vector<std::byte> take_output();

  Status handshake();
  bool established() const { return established_; }
  // done: `*length` bytes (at least one) are in `buffer`; ask again until it wants bytes. Failed,
  // too, when the peer says more in TLS's own messages than anybody needs.
  Status read(std::span<std::byte> buffer, std::size_t* length);
  bool write(std::span<const std::byte> bytes);
  void say_goodbye();  // close_notify

  // After Status::failed: one short phrase.
  const std::string& failure() const { return failure_; }
  std::string protocol() const;
  CertificateEnds certificate_ends() const;
  // See describe_certificates; also of a server that was refused for them.
  std::vector<std::string> certificates() const;

 private:
  Status settle(int result);
  std::string describe_failure() const;

  std::shared_ptr<ssl_ctx_st> context_;
  ssl_st* session_ = nullptr;
  std::string name_;
  bool established_ = false;
  int messages_ = 0;  // of TLS's own, since the handshake
  std::string failure_{};
  Refusal refusal_{};
};

}  // namespace ronda::net
