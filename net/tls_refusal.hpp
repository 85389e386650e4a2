// Why a server's certificate was refused, for whoever has to tell: OpenSSL forgets what was
// presented when its verification fails.
#pragma once

#include <string>

#include "net/tls_certificates.hpp"

struct ssl_st;
struct x509_store_ctx_st;

namespace ronda::net {

struct Refusal {
  CertificateChain presented{};  // nullptr: nothing was refused
  std::string pin{};             // of a server whose key is not the pinned one
};

// `refusal` lives as long as the session.
void remember_refusal_at(ssl_st* session, Refusal* refusal);
Refusal* refusal_of(const x509_store_ctx_st* verification);  // nullptr: nobody asked
// OpenSSL's own verification, for SSL_CTX_set_cert_verify_callback.
int verify_or_remember(x509_store_ctx_st* verification, void*);

}  // namespace ronda::net
