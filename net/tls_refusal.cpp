#include "net/tls_refusal.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace ronda::net {

namespace {

constexpr int kRefusal = 0;  // OpenSSL's slot for the application's own data

}  // namespace

void remember_refusal_at(ssl_st* session, Refusal* refusal) {
  SSL_set_ex_data(session, kRefusal, refusal);
}

Refusal* refusal_of(const x509_store_ctx_st* verification) {
  const auto* session = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return session == nullptr ? nullptr : static_cast<Refusal*>(SSL_get_ex_data(session, kRefusal));
}

int verify_or_remember(x509_store_ctx_st* verification, void*) {
  const int verified = X509_verify_cert(verification);
  if (Refusal* refusal = verified == 1 ? nullptr : refusal_of(verification); refusal != nullptr) {
    refusal->presented = presented_in(verification);
  }
  return verified;
}

}  // namespace ronda::net
