// The certificates of a TLS session that is established: when they end, and who they are. What a
// server presents and what was needed to verify it are two things: a stale intermediate that nobody
// uses is presented all the same.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/time.hpp"

struct ssl_st;
struct stack_st_X509;
struct x509_store_ctx_st;

namespace ronda::net {

struct CertificateEnds {
  std::optional<WallTime> presented{};  // the earliest among all that were presented
  // The earliest within the chain that was verified, its root included; unset when none was.
  std::optional<WallTime> verified{};
  friend bool operator==(const CertificateEnds&, const CertificateEnds&) = default;
};

CertificateEnds certificate_ends(const ssl_st* session);
CertificateEnds earliest(const CertificateEnds& a, const CertificateEnds& b);

// Each certificate presented as one line, the server's own first: whose, by whom, until when.
std::vector<std::string> describe_certificates(const ssl_st* session);

// As a server presented it; while it is verified its session does not know it yet.
using CertificateChain = std::shared_ptr<stack_st_X509>;
CertificateChain presented_in(const x509_store_ctx_st* verification);
std::vector<std::string> describe_certificates(const CertificateChain& chain);

}  // namespace ronda::net
