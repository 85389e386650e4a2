#include "probes/certificate.hpp"

#include <string>

namespace ronda::probes {

void judge_certificate(ProbeResult& result, const CheckSpec& check,
                       const net::CertificateEnds& ends, net::WallTime now) {
  result.cert_not_after = ends.presented;
  result.cert_chain_not_after = ends.verified;
  const auto end = ends.verified ? ends.verified : ends.presented;
  std::string remark;
  const bool passed = result.verdict == Verdict::pass || result.verdict == Verdict::warn;
  if (passed && end && *end - now < check.cert_warn) {
    result.verdict = Verdict::warn;
    result.code = result.code == Code::L7OK ? Code::L7OKC : result.code;
    remark = *end <= now ? "certificate ended " + net::format_rfc3339(*end)
                         : "certificate ends " + net::format_rfc3339(*end) + ", sooner than " +
                               net::format_duration(check.cert_warn);
  }
  if (!check.tls_settings.verify) {
    remark += std::string(remark.empty() ? "" : ", ") + "certificate not verified";
  }
  if (!remark.empty()) {
    result.detail = printable(remark + (result.detail.empty() ? "" : "; ") + result.detail);
  }
}

void note_certificates(Tracer& tracer, const std::vector<std::string>& presented,
                       const net::CertificateEnds& ends, net::Duration at) {
  for (const std::string& certificate : presented) {
    tracer.note("certificate " + certificate, at);
  }
  if (ends.verified) {
    tracer.note("verified, the chain until " + net::format_rfc3339(*ends.verified), at);
  }
}

}  // namespace ronda::probes
