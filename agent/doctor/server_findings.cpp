#include "agent/doctor/findings.hpp"
#include "agent/doctor/questions.hpp"
#include "agent/doctor/zone_findings.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::NoReplyKind;
using dnsupdate::OutcomeKind;
using dnsupdate::Rcode;

// A NOTIFY that is not held back is there at once.
constexpr auto kQuickNotify = std::chrono::seconds(2);

std::string seconds_text(net::Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

void judge_failed_write(const ZoneFacts& facts, const dnsupdate::Outcome& outcome, bool removal,
                        ZoneFindings& findings) {
  const std::string owner = facts.write_test->owner.to_string();
  std::string text =
      (removal ? "a TXT record stays at " : "a TXT record could not be written to ") + owner +
      ": " + outcome.detail;
  std::string mend =
      "make the folder of the zone file writable for named: `chown bind` and `chmod u+w`; on "
      "Debian it is /var/lib/bind; `df` for its disk";
  if (outcome.rcode == Rcode::REFUSED) {
    mend = "`grant " + facts.key_name + " name " + owner +
           " TXT;` in the zone's update-policy, then `rndc reconfig`";
  } else if (outcome.kind == OutcomeKind::unknown) {
    text += "; it may still be written";
    mend = "look for it: `dig @" + facts.server.substr(0, facts.server.rfind(':')) + " " + owner +
           " TXT`";
  }
  findings.say(Grade::bad, "journal", facts, std::move(text), std::move(mend));
}

void judge_journal(const ZoneFacts& facts, ZoneFindings& findings) {
  if (!takes_updates(facts)) {
    return;
  }
  const std::string usual = "_ronda." + facts.zone.to_string();
  if (!facts.write_test) {
    findings.say(Grade::skip, "journal", facts,
                 "not tested: only a real change shows whether named can write it",
                 "`grant " + facts.key_name + " name " + usual +
                     " TXT;` in the update-policy and `ronda doctor --write-test`");
    return;
  }
  const WriteTestFacts& test = *facts.write_test;
  if (!test.obstacle.empty()) {
    findings.say(Grade::warn, "journal", facts, "not tested: " + test.obstacle,
                 "`--write-test NAME` with a name that has no records");
    return;
  }
  for (const auto* outcome : {&test.written, &test.removed}) {
    if (*outcome && (*outcome)->kind != OutcomeKind::applied) {
      judge_failed_write(facts, **outcome, outcome == &test.removed, findings);
      return;
    }
  }
  findings.say(Grade::ok, "journal", facts,
               "a TXT record was written to " + test.owner.to_string() + " and taken away again");
}

void judge_version(const ZoneFacts& facts, ZoneFindings& findings) {
  if (!facts.version) {
    findings.say(Grade::skip, "version", facts, facts.server + " does not tell its version");
  } else if (const auto fault = version_fault(*facts.version)) {
    findings.say(Grade::warn, "version", facts, "BIND " + *facts.version + " " + *fault,
                 "`apt-get install --only-upgrade bind9`");
  } else {
    findings.say(Grade::ok, "version", facts, *facts.version);
  }
}

class NameServerJudge {
 public:
  NameServerJudge(const ZoneFacts& facts, ZoneFindings& findings)
      : facts_(facts), findings_(findings) {}

  void judge(const NameServerFacts& server, bool after_change) {
    who_ = server.name + " (" + server.server.to_string() + ")";
    if (!server.has_address) {
      warn("the name server " + server.name + " has no address",
           "its A or AAAA record, or another NS record");
      return;
    }
    if (!server.answer) {
      judge_silence(server);
      return;
    }
    const auto serial = serial_of(server.answer, facts_.zone);
    if (!serial) {
      warn(who_ + " is a name server of the zone and does not serve it (" +
               to_string(server.answer->message.rcode()) + ")",
           "the zone in its named.conf, or another NS record");
      return;
    }
    judge_serial(server, *serial, after_change);
  }

 private:
  void warn(std::string text, std::string mend) {
    findings_.say(Grade::warn, "secondary", facts_, std::move(text), std::move(mend));
  }

  void judge_silence(const NameServerFacts& server) {
    const dnsupdate::NoReply& none = server.answer.error();
    if (!server.server.ip.is_v4() && none.kind == NoReplyKind::unreachable && !none.sent) {
      findings_.say(Grade::skip, "secondary", facts_, who_ + " not asked: " + none.detail);
      return;
    }
    warn(who_ + ": " + none.detail, "`dig @" + server.server.ip.to_string() + " " +
                                        facts_.zone.to_string() + " SOA` from here");
  }

  void judge_serial(const NameServerFacts& server, std::uint32_t serial, bool after_change) {
    const std::string has = who_ + " has serial " + std::to_string(serial);
    // It may have a change that was made while it was asked.
    const std::uint32_t first =
        serial_of(after_change ? facts_.last_soa : facts_.soa, facts_.zone).value_or(serial);
    const std::uint32_t last = serial_of(facts_.last_soa, facts_.zone).value_or(first);
    if (dnsupdate::behind(serial, first) > 0) {
      warn(has + ", the primary " + std::to_string(first) + ", and that for " +
               seconds_text(server.waited) +
               " at least: NOTIFY does not reach it, or it cannot transfer the zone",
           "`also-notify { " + server.server.ip.to_string() +
               "; };` and its address in allow-transfer on the primary, then `rndc notify " +
               facts_.zone.to_string() + "`; `rndc retransfer " + facts_.zone.to_string() +
               "` on the secondary, whose log says why");
    } else if (dnsupdate::behind(serial, last) < 0) {
      warn(has + ", the primary " + std::to_string(last) +
               ": it is ahead, so it follows another primary or the serial went back",
           "`primaries { }` of the zone in its named.conf; `rndc retransfer " +
               facts_.zone.to_string() + "` there");
    } else if (server.waited > kQuickNotify) {
      warn(who_ + " was in step only after " + seconds_text(server.waited) +
               ": the primary's notify-delay (5 s by default) holds NOTIFY back",
           "`notify-delay 0;` in the zone on the primary, then `rndc reconfig`");
    } else {
      findings_.say(
          Grade::ok, "secondary", facts_,
          who_ + " is in step, serial " + std::to_string(serial) +
              (after_change ? ", " + seconds_text(server.waited) + " after a change" : ""));
    }
  }

  const ZoneFacts& facts_;
  ZoneFindings& findings_;
  std::string who_{};
};

}  // namespace

ZoneFindings find_server_faults(const ZoneFacts& facts) {
  ZoneFindings findings;
  judge_journal(facts, findings);
  judge_version(facts, findings);
  const bool changed = facts.write_test && !facts.write_test->followers.empty();
  NameServerJudge judge(facts, findings);
  for (const NameServerFacts& server : changed ? facts.write_test->followers : facts.name_servers) {
    judge.judge(server, changed);
  }
  return findings;
}

}  // namespace ronda::agent
