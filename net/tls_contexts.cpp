#include "net/tls_contexts.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/descriptor.hpp"
#include "net/tls_pin.hpp"
#include "net/tls_refusal.hpp"

namespace ronda::net {

namespace {

// Where distributions keep the bundle. A directory of hashed files would be read during handshakes.
constexpr std::array kSystemBundles{"/etc/ssl/certs/ca-certificates.crt",
                                    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

// The reason for the last failure, by OpenSSL's own account.
std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

// The errno when what failed wanted a descriptor or memory that we have not: it says nothing about
// the file, and is soon over. Else 0. OpenSSL puts the cause in front of what followed from it.
int shortage() {
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  if (reason == ERR_R_MALLOC_FAILURE) {
    return ENOMEM;
  }
  const bool is_short = reason == EMFILE || reason == ENFILE || reason == ENOMEM;
  return ERR_GET_LIB(code) == ERR_LIB_SYS && is_short ? reason : 0;
}

std::string cannot_read(const std::string& file, int error) {
  return "cannot read " + file + ": " + std::strerror(error);
}

// OpenSSL calls a missing file "system lib": ask the system ourselves.
std::string cannot_use(const std::string& file, const std::string& purpose) {
  if (const int error = shortage(); error != 0) {
    return cannot_read(file, error);
  }
  const Descriptor readable(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!readable) {
    return cannot_read(file, errno);
  }
  return file + " holds no usable " + purpose + " in PEM form (" + openssl_reason() + ")";
}

enum class Loaded : std::uint8_t { yes, no, not_now };

Loaded load_bundle(SSL_CTX* context, const char* file) {
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context, file) == 1) {
    return Loaded::yes;
  }
  return shortage() != 0 ? Loaded::not_now : Loaded::no;
}

// OpenSSL's own place serves where no bundle is, or where its variables name others; but it takes
// what it cannot read for empty: so not for a file that is there.
bool load_system_store(SSL_CTX* context) {
  const char* file = std::getenv("SSL_CERT_FILE");
  const bool has_directory = std::getenv("SSL_CERT_DIR") != nullptr;
  if (file != nullptr) {
    const Loaded loaded = load_bundle(context, file);
    if (loaded == Loaded::not_now || (loaded == Loaded::yes && !has_directory)) {
      return loaded == Loaded::yes;
    }
  } else if (!has_directory) {
    for (const char* bundle : kSystemBundles) {
      if (const Loaded loaded = load_bundle(context, bundle); loaded != Loaded::no) {
        return loaded == Loaded::yes;
      }
    }
  }
  return SSL_CTX_set_default_verify_paths(context) == 1;
}

// Without this OpenSSL would ask for a passphrase on the terminal.
int refuse_passphrase(char*, int, int, void*) {
  return -1;
}

// ALPN: each name with its length in front.
bool offer(SSL_CTX* context, const std::string& protocol) {
  if (protocol.size() > 255) {
    return false;
  }
  const std::string list = static_cast<char>(protocol.size()) + protocol;
  return SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(list.data()),
                                 static_cast<unsigned>(list.size())) == 0;
}

std::string identify(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.cert_file.empty() != settings.key_file.empty()) {
    return "a client certificate needs both cert_file and key_file";
  }
  if (settings.cert_file.empty()) {
    return {};
  }
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, settings.cert_file.c_str()) != 1) {
    return cannot_use(settings.cert_file, "certificate");
  }
  ERR_clear_error();
  if (SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
      return "the key in " + settings.key_file + " does not belong to the certificate in " +
             settings.cert_file;
    }
    return cannot_use(settings.key_file, "unencrypted private key");
  }
  return {};
}

std::string prepare(const std::shared_ptr<ssl_ctx_st>& owned, const TlsSettings& settings) {
  SSL_CTX* context = owned.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  read_one_message_at_a_time(context);
  SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
  SSL_CTX_set_cert_verify_callback(context, verify_or_remember, nullptr);
  if (!settings.ca_file.empty()) {
    ERR_clear_error();
    if (SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1) {
      return cannot_use(settings.ca_file, "CA certificate");
    }
    // Whoever names a file trusts what stands in it, an intermediate CA included.
    X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  } else if (settings.verify && !load_system_store(context)) {
    const int error = shortage();
    return "cannot load the system's CA certificates (" +
           (error != 0 ? std::string(std::strerror(error)) + ")"
                       : openssl_reason() + "); install ca-certificates or set ca_file");
  }
  if (!settings.pin.empty()) {
    if (std::string problem = pin_problem(settings.pin); !problem.empty()) {
      return problem;
    }
    if (!require_pin(owned, settings.pin, settings.verify)) {
      return "cannot set up TLS: no memory";
    }
  }
  if (!settings.alpn.empty() && !offer(context, settings.alpn)) {
    return "cannot offer the protocol " + settings.alpn;
  }
  return identify(context, settings);
}

struct Built {
  TlsContext context;
  bool lasts = true;  // false: for want of something that may be there a moment later
};

Built build(const TlsSettings& settings) {
  ERR_clear_error();
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  std::string problem =
      context ? prepare(context, settings) : "cannot set up TLS: " + openssl_reason();
  Built built{.context = std::move(context)};
  if (!problem.empty()) {
    built = {.context = std::unexpected(std::move(problem)), .lasts = shortage() == 0};
  }
  ERR_clear_error();
  return built;
}

}  // namespace

TlsContext TlsContexts::get(const TlsSettings& settings) {
  if (const auto known = contexts_.find(settings); known != contexts_.end()) {
    return known->second;
  }
  Built built = build(settings);
  if (built.lasts) {
    contexts_.emplace(settings, built.context);
  }
  return built.context;
}

void TlsContexts::renew() {
  for (auto& [settings, context] : contexts_) {
    if (Built fresh = build(settings); fresh.context) {
      context = std::move(fresh.context);
    }
  }
}

void read_one_message_at_a_time(ssl_ctx_st* context) {
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
}

}  // namespace ronda::net
