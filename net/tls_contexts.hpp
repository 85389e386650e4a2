// TLS client settings as a value, and the contexts built from them: once per distinct settings,
// since loading a CA store costs milliseconds and reads files. Build and renew them before the loop
// runs or in the worker; afterwards they are shared and immutable.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace ronda::net {

struct TlsSettings {
  bool verify = true;
  std::string ca_file{};    // empty: the system store
  std::string cert_file{};  // client certificate, with key_file
  std::string key_file{};
  // SHA-256 of the server's public key in base64 (RFC 7469 pin-sha256, RFC 7858 appendix A). With
  // `verify` both must hold, without it the pin alone decides.
  std::string pin{};
  std::string alpn{};  // the protocol offered: "dot"
  friend auto operator<=>(const TlsSettings&, const TlsSettings&) = default;
};

using TlsContext = std::expected<std::shared_ptr<ssl_ctx_st>, std::string>;

class TlsContexts {
 public:
  // The context stays valid as long as this object or any stream that uses it lives. The error is a
  // sentence that names the file, and is remembered too unless only descriptors or memory were
  // missing. Blocks on file reads for settings not seen before.
  TlsContext get(const TlsSettings& settings);
  // Reads every file again, for CAs and certificates that were replaced in place; what cannot be
  // read now stays as it was. Blocks.
  void renew();

 private:
  std::map<TlsSettings, TlsContext> contexts_{};
};

// As is usual, SSL_read would go on past tickets and new keys for as long as the peer sends them,
// and hold the loop with it: so it says after each that it wants more.
void read_one_message_at_a_time(ssl_ctx_st* context);

}  // namespace ronda::net
