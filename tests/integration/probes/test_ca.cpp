#include "tests/integration/probes/test_ca.hpp"

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace ronda::test {

namespace {

std::shared_ptr<EVP_PKEY> make_key() {
  return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) {
    throw std::runtime_error("cannot make a certificate extension");
  }
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> make_certificate(const std::string& name, long from, long to, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

// The client's first choice of a protocol.
int agree(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
          unsigned, void*) {
  *length = offered[0];
  *chosen = offered + 1;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TestCa::TestCa() : key_(make_key()) {
  static std::atomic<int> count{0};
  const std::string number = std::to_string(count++);
  certificate_ = make_certificate("test CA " + number, -3600, 10L * 365 * 24 * 3600, key_.get());
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_.get(), certificate_.get(), NID_key_usage, "critical,keyCertSign");
  X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  file_ = std::filesystem::temp_directory_path() /
          ("ronda-ca-" + std::to_string(::getpid()) + "-" + number + ".pem");
  std::FILE* out = std::fopen(file_.c_str(), "w");
  if (out == nullptr) {
    throw std::runtime_error("cannot write the CA file");
  }
  PEM_write_X509(out, certificate_.get());
  std::fclose(out);
}

TestCa::~TestCa() {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

std::shared_ptr<X509> TestCa::intermediate(long from, long to, EVP_PKEY* key) const {
  auto made = make_certificate("test intermediate", from, to, key);
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  add_extension(made.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(made.get(), certificate_.get(), NID_key_usage, "critical,keyCertSign");
  X509_sign(made.get(), key_.get(), EVP_sha256());
  return made;
}

std::shared_ptr<SSL_CTX> TestCa::server(const LeafOptions& options) const {
  const auto key = make_key();
  const auto leaf =
      make_certificate(options.name, options.from_seconds, options.to_seconds, key.get());
  std::shared_ptr<X509> issuer = certificate_;
  std::shared_ptr<EVP_PKEY> issuer_key = key_;
  std::vector<std::shared_ptr<X509>> between;
  if (options.intermediate_to_seconds) {
    issuer_key = make_key();
    issuer = intermediate(-3600, *options.intermediate_to_seconds, issuer_key.get());
    if (options.stale_intermediate) {
      between.push_back(intermediate(-7200, -3600, issuer_key.get()));
    }
    between.push_back(issuer);
  }
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer.get()));
  if (options.alternative_name) {
    add_extension(leaf.get(), issuer.get(), NID_subject_alt_name, "DNS:" + options.name);
  }
  X509_sign(leaf.get(), issuer_key.get(), EVP_sha256());
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), leaf.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  if (options.agrees_on_protocol) {
    SSL_CTX_set_alpn_select_cb(context.get(), agree, nullptr);
  }
  for (const auto& certificate : between) {
    // The macro SSL_CTX_add1_chain_cert hides an old-style cast.
    SSL_CTX_ctrl(context.get(), SSL_CTRL_CHAIN_CERT, 1, certificate.get());
  }
  return context;
}

}  // namespace ronda::test
