#include <cstdlib>

#include "agent/doctor/zone_findings.hpp"
#include "dnsupdate/update/diagnosis.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::NoReplyKind;
using dnsupdate::Rcode;
using dnsupdate::TsigError;

constexpr std::chrono::seconds kSkewWarning{60};
constexpr const char* kSynchronise = "`timedatectl set-ntp true` on both hosts";

std::string in_quotes(const std::string& name) {
  return "\"" + name + "\"";
}

// BADKEY is said of the name and of the algorithm.
void judge_unknown_key(const ZoneFacts& facts, ZoneFindings& findings) {
  const std::string key = in_quotes(facts.key_name);
  if (!facts.other_algorithm) {
    findings.say(Grade::bad, "key", facts,
                 facts.server + " knows no key called " + key +
                     " (NOTAUTH, BADKEY): its name differs, or named.conf does not include it",
                 "`include` a copy of " + facts.key_file +
                     " in the primary's named.conf, then `rndc reconfig`; or copy the key file it "
                     "includes already over ours");
    return;
  }
  const OtherAlgorithm& other = *facts.other_algorithm;
  findings.say(Grade::bad, "key", facts,
               facts.server + " has the key " + key + " as " + other.name + ", and " +
                   facts.key_file + " says " + facts.algorithm + " (NOTAUTH, BADKEY)" +
                   (other.same_secret ? "" : "; the secrets differ too"),
               other.same_secret ? "`algorithm " + other.name + ";` in " + facts.key_file
                                 : "copy the key file that the primary's named.conf includes to " +
                                       facts.key_file);
}

void judge_authority(const ZoneFacts& facts, ZoneFindings& findings) {
  const auto& plain = facts.plain_soa;
  const bool resolver = plain && !plain->message.header.aa &&
                        (plain->message.rcode() == Rcode::NOERROR || plain->message.header.ra);
  if (resolver) {
    findings.say(Grade::bad, "primary", facts,
                 facts.server +
                     " answers for the zone without authority: it is a resolver, or it does not "
                     "serve the zone",
                 "the primary's own address as \"primary\" in the config");
  }
}

void judge_silence(const ZoneFacts& facts, ZoneFindings& findings) {
  const dnsupdate::NoReply& none = facts.soa.error();
  if (none.kind != NoReplyKind::unauthenticated) {
    const auto colon = facts.server.rfind(':');
    findings.say(
        Grade::lost, "primary", facts, none.detail,
        std::string(facts.over_tls ? "for a fault of the certificate \"ca_file\", \"name\" "
                                     "or \"pin\" in the zone's \"tls\"; else "
                                   : "") +
            "on the primary `ss -ltnp 'sport = :" + facts.server.substr(colon + 1) +
            "'` and `listen-on` in named.conf; or another \"primary\" in the config");
    return;
  }
  if (none.tsig_error == TsigError::BADSIG) {
    findings.say(Grade::bad, "key", facts,
                 facts.server + " has the key " + in_quotes(facts.key_name) + " (" +
                     facts.algorithm + ") with another secret (NOTAUTH, BADSIG)",
                 "copy the key file that the primary's named.conf includes to " + facts.key_file);
  } else if (none.tsig_error == TsigError::BADKEY) {
    judge_unknown_key(facts, findings);
  } else {
    findings.say(Grade::bad, "key", facts, none.detail,
                 "as \"primary\" the address of a server that takes TSIG; nothing between us that "
                 "answers in its place");
  }
  judge_authority(facts, findings);
}

// Verified, so it knows the key, and refused all the same: BADTIME, BADTRUNC.
void judge_refusal(const ZoneFacts& facts, ZoneFindings& findings) {
  const dnsupdate::Reply& reply = *facts.soa;
  if (reply.tsig_error != TsigError::BADTIME) {
    const dnsupdate::DiagnosisContext context{.server = facts.server,
                                              .zone = facts.zone.to_string(),
                                              .key_name = facts.key_name,
                                              .algorithm = facts.algorithm};
    findings.say(Grade::bad, "key", facts,
                 dnsupdate::diagnose_reply(context, Rcode::NOTAUTH, reply.tsig_error),
                 "the same key file on both hosts, then `rndc reconfig`");
    return;
  }
  std::string apart = "the two clocks are more than 300 s apart";
  if (reply.skew) {
    const auto seconds = reply.skew->count();
    apart = "the primary's clock is " + std::to_string(std::llabs(seconds)) + " s " +
            (seconds < 0 ? "behind" : "ahead of") + " this host's, and 300 s are allowed";
  }
  findings.say(Grade::bad, "clock", facts,
               facts.server + " refuses every message (NOTAUTH, BADTIME): " + apart, kSynchronise);
}

void judge_clock(const ZoneFacts& facts, ZoneFindings& findings) {
  if (!facts.soa->skew) {
    return;
  }
  const auto seconds = facts.soa->skew->count();
  const auto apart = std::llabs(seconds);
  if (std::chrono::seconds(apart) > kSkewWarning) {
    findings.say(Grade::warn, "clock", facts,
                 "the primary's clock is " + std::to_string(apart) + " s " +
                     (seconds < 0 ? "behind" : "ahead of") +
                     " this host's; with more than 300 s it refuses every message",
                 kSynchronise);
  } else {
    findings.say(Grade::ok, "clock", facts,
                 "this host's and the primary's are " + std::to_string(apart) + " s apart");
  }
}

void judge_algorithm(const ZoneFacts& facts, ZoneFindings& findings) {
  const std::string accepted =
      facts.server + " accepts " + in_quotes(facts.key_name) + " (" + facts.algorithm + ")";
  if (facts.algorithm.starts_with("hmac-md5") || facts.algorithm == "hmac-sha1") {
    findings.say(Grade::warn, "key", facts, accepted + ", an algorithm of the past",
                 "`tsig-keygen " + facts.key_name + "` makes one with hmac-sha256, for both hosts");
  } else {
    findings.say(Grade::ok, "key", facts, accepted);
  }
}

}  // namespace

ZoneFindings find_key_faults(const ZoneFacts& facts) {
  ZoneFindings findings;
  findings.go_on = false;
  if (!facts.not_found.empty()) {
    findings.say(Grade::lost, "primary", facts, facts.not_found,
                 R"("primary": "ADDRESS" in the config)");
  } else if (!facts.soa) {
    judge_silence(facts, findings);
  } else if (facts.soa->tsig_error) {
    judge_refusal(facts, findings);
  } else {
    judge_algorithm(facts, findings);
    judge_clock(facts, findings);
    findings.go_on = true;
  }
  return findings;
}

}  // namespace ronda::agent
