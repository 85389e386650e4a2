#include "net/tls_foreign.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/tls_contexts.hpp"

namespace ronda::net {

namespace {

bool has_alternative_name(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const int type = sk_GENERAL_NAME_value(names.get(), i)->type;
    if (type == GEN_DNS || type == GEN_IPADD) {
      return true;
    }
  }
  return false;
}

int verify(X509_STORE_CTX* verification, void* refusal) {
  int verified = X509_verify_cert(verification);
  if (verified == 1 && !has_alternative_name(X509_STORE_CTX_get0_cert(verification))) {
    X509_STORE_CTX_set_error(verification, X509_V_ERR_HOSTNAME_MISMATCH);
    verified = 0;
  }
  if (verified != 1) {
    static_cast<Refusal*>(refusal)->presented = presented_in(verification);
  }
  return verified;
}

}  // namespace

bool trust_as(ssl_ctx_st* context, const std::shared_ptr<ssl_ctx_st>& model, Refusal* refusal) {
  read_one_message_at_a_time(context);
  SSL_CTX_set_cert_verify_callback(context, verify, refusal);
  // The macros SSL_CTX_set1_verify_cert_store and SSL_CTX_get0_chain_certs hide old-style casts.
  X509_STORE* store = SSL_CTX_get_cert_store(model.get());
  const auto oldest = SSL_CTX_get_min_proto_version(model.get());
  if (SSL_CTX_set_min_proto_version(context, static_cast<int>(oldest)) != 1 ||
      SSL_CTX_ctrl(context, SSL_CTRL_SET_VERIFY_CERT_STORE, 1, store) != 1) {
    return false;
  }
  X509* certificate = SSL_CTX_get0_certificate(model.get());
  if (certificate == nullptr) {
    return true;
  }
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_ctrl(model.get(), SSL_CTRL_GET_CHAIN_CERTS, 0, static_cast<void*>(&chain));
  return SSL_CTX_use_cert_and_key(context, certificate, SSL_CTX_get0_privatekey(model.get()), chain,
                                  1) == 1;
}

std::string_view agreed_protocol(const ssl_st* session) {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(session, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

}  // namespace ronda::net
