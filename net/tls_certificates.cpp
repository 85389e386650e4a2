#include "net/tls_certificates.hpp"

#include <algorithm>
#include <ctime>
#include <memory>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace ronda::net {

namespace {

std::optional<WallTime> end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) {
    return std::nullopt;
  }
  const std::time_t stamp = ::timegm(&parts);
  // Years beyond 2262 do not fit into nanoseconds.
  const auto latest = std::chrono::floor<std::chrono::seconds>(WallTime::max());
  if (std::chrono::sys_seconds(std::chrono::seconds(stamp)) >= latest) {
    return WallTime::max();
  }
  return WallTime(std::chrono::seconds(stamp));
}

std::optional<WallTime> earlier(const std::optional<WallTime>& a,
                                const std::optional<WallTime>& b) {
  return a && b ? std::min(*a, *b) : (a ? a : b);
}

std::optional<WallTime> earliest_end(const STACK_OF(X509) * certificates) {
  std::optional<WallTime> earliest;
  for (int i = 0; certificates != nullptr && i < sk_X509_num(certificates); ++i) {
    earliest = earlier(earliest, end_of(sk_X509_value(certificates, i)));
  }
  return earliest;
}

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(std::max(length, 0L))};
}

std::vector<std::string> describe(const STACK_OF(X509) * chain) {
  std::vector<std::string> lines;
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    const X509* one = sk_X509_value(chain, i);
    const auto end = end_of(one);
    lines.push_back(text_of(X509_get_subject_name(one)) + ", issued by " +
                    text_of(X509_get_issuer_name(one)) +
                    (end ? ", until " + format_rfc3339(*end) : std::string()));
  }
  return lines;
}

}  // namespace

CertificateEnds certificate_ends(const ssl_st* session) {
  CertificateEnds ends;
  ends.presented = earliest_end(SSL_get_peer_cert_chain(session));
  // Of a chain that did not verify OpenSSL keeps as much as it had built.
  if (SSL_get_verify_result(session) == X509_V_OK) {
    ends.verified = earliest_end(SSL_get0_verified_chain(session));
  }
  return ends;
}

CertificateEnds earliest(const CertificateEnds& a, const CertificateEnds& b) {
  return {earlier(a.presented, b.presented), earlier(a.verified, b.verified)};
}

std::vector<std::string> describe_certificates(const ssl_st* session) {
  return describe(SSL_get_peer_cert_chain(session));
}

CertificateChain presented_in(const x509_store_ctx_st* verification) {
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(verification);
  return {chain == nullptr ? nullptr : X509_chain_up_ref(chain),
          [](STACK_OF(X509) * held) { sk_X509_pop_free(held, X509_free); }};
}

std::vector<std::string> describe_certificates(const CertificateChain& chain) {
  return describe(chain.get());
}

}  // namespace ronda::net
