// From the answer to a query, or the want of one, to the result of the read: judge_read() with what
// the exchange knows of key, clock and connection in the sentence. Pure.
#pragma once

#include "dnsupdate/update/diagnosis.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "dnsupdate/update/reply.hpp"

namespace ronda::dnsupdate {

ReadResult judge_answer(const RrsetKey& key, const Answer& answer, DiagnosisContext context);

}  // namespace ronda::dnsupdate
