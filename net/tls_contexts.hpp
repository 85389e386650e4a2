// TLS client settings as a value, and the contexts built from them: once per distinct settings,
// since loading a CA store costs milliseconds and reads files. Build them before the loop runs or
// in the worker; afterwards they are shared and immutable.
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
  friend auto operator<=>(const TlsSettings&, const TlsSettings&) = default;
};

class TlsContexts {
 public:
  // The context stays valid as long as this object or any stream that uses it lives. The error is a
  // sentence that names the file. Blocks on file reads for settings not seen before.
  std::expected<std::shared_ptr<ssl_ctx_st>, std::string> get(const TlsSettings& settings);

 private:
  std::map<TlsSettings, std::shared_ptr<ssl_ctx_st>> contexts_{};
};

}  // namespace ronda::net
