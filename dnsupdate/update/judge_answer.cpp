#include "dnsupdate/update/judge_answer.hpp"

namespace ronda::dnsupdate {

ReadResult judge_answer(const RrsetKey& key, const Answer& answer, DiagnosisContext context) {
  if (const std::string& server = answer ? answer->server : answer.error().server;
      !server.empty()) {
    context.server = server;
  }
  if (!answer) {
    const NoReply& none = answer.error();
    return std::unexpected(ReadFault{.kind = none.kind == NoReplyKind::unauthenticated
                                                 ? ReadFaultKind::unauthenticated
                                                 : ReadFaultKind::unreachable,
                                     .rcode = none.rcode,
                                     .tsig_error = none.tsig_error,
                                     .server = context.server,
                                     .detail = none.detail});
  }
  ReadResult result = judge_read(key, answer->message, context.server);
  const Rcode rcode = answer->message.rcode();
  if (!result && rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN) {
    context.reading = true;
    result.error().tsig_error = answer->tsig_error;
    result.error().detail = diagnose_reply(context, rcode, answer->tsig_error, answer->skew);
  }
  return result;
}

}  // namespace ronda::dnsupdate
