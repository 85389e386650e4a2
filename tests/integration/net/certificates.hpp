// Certificates made at test time with OpenSSL's API, and a TLS server that greets once.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace ronda::test {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

struct Identity {
  Key key{};
  Certificate certificate{};
};

inline Identity make_identity(const std::string& names, long days, const Identity* issuer) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate(X509_new(), X509_free);
  static long serial = 1;
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400L * 30);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400L * days);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const std::string common =
      (issuer == nullptr ? "Test CA " : "Test leaf ") + std::to_string(serial);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
  const Identity own{key, certificate};
  const Identity& signer = issuer == nullptr ? own : *issuer;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer.certificate.get()));
  const auto extend = [&](int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, signer.certificate.get(), certificate.get(), nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) {
      throw std::runtime_error("bad certificate extension " + value);
    }
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!names.empty()) {
    extend(NID_subject_alt_name, names);
  }
  X509_sign(certificate.get(), signer.key.get(), EVP_sha256());
  return own;
}

inline void write_pem(const Certificate& certificate, const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new_file(file.c_str(), "w"), BIO_free);
  PEM_write_bio_X509(out.get(), certificate.get());
}

inline void write_pem(const Key& key, const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new_file(file.c_str(), "w"), BIO_free);
  PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

using ServerContext = std::shared_ptr<SSL_CTX>;

inline ServerContext server_context(const Identity& identity) {
  const ServerContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  return context;
}

using Session = std::unique_ptr<SSL, void (*)(SSL*)>;

// Blocks; nullptr when the handshake failed.
inline Session accept_tls(const ServerContext& context, int descriptor) {
  Session session(SSL_new(context.get()), SSL_free);
  SSL_set_fd(session.get(), descriptor);
  if (SSL_accept(session.get()) != 1) {
    session.reset();
  }
  return session;
}

}  // namespace ronda::test
