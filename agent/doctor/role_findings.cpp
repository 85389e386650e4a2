#include <algorithm>
#include <optional>
#include <variant>

#include "agent/doctor/questions.hpp"
#include "agent/doctor/zone_findings.hpp"
#include "dnsupdate/io/zone_answer.hpp"
#include "dnsupdate/update/diagnosis.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::Rcode;

std::optional<Rcode> rcode_of(const dnsupdate::Answer& answer) {
  return answer ? std::optional(answer->message.rcode()) : std::nullopt;
}

dnsupdate::DiagnosisContext context_of(const ZoneFacts& facts, bool reading) {
  return {.server = facts.server,
          .zone = facts.zone.to_string(),
          .key_name = facts.key_name,
          .algorithm = facts.algorithm,
          .reading = reading};
}

std::string match_clients(const ZoneFacts& facts) {
  return "`match-clients { key " + facts.key_name +
         "; };` in the view that has the zone, before the other views, then `rndc reconfig`";
}

// The query was refused; an UPDATE says whether the zone is there at all.
void judge_refused_query(const ZoneFacts& facts, ZoneFindings& findings) {
  const std::string key = "\"" + facts.key_name + "\"";
  if (rcode_of(facts.update) != Rcode::NOTAUTH) {
    findings.say(Grade::bad, "zone", facts,
                 facts.server + " has the zone, but does not answer questions signed with " + key +
                     " (REFUSED): its allow-query leaves the key out",
                 "`allow-query { key " + facts.key_name +
                     "; };` in the zone, beside who may ask already, then `rndc reconfig`");
  } else if (serial_of(facts.plain_soa, facts.zone)) {
    findings.say(Grade::bad, "view", facts,
                 "the key " + key + " leads into a view of " + facts.server +
                     " that does not have the zone; without the key it is there, in another view",
                 match_clients(facts));
  } else {
    findings.say(
        Grade::bad, "zone", facts,
        facts.server +
            " does not have the zone (REFUSED, and NOTAUTH to an update), at "
            "least not in the view that " +
            key + " leads into",
        "the zone's real name and primary in the config; with views " + match_clients(facts));
  }
}

// What a resolver says that is not to recurse.
bool refers_to_root(const dnsupdate::Message& reply) {
  return std::ranges::any_of(reply.authority, [](const dnsupdate::ResourceRecord& record) {
    return record.type == dnsupdate::RrType::NS && record.owner.is_root();
  });
}

// Does it answer for exactly this zone, with authority? Returns the name in the SOA.
std::optional<dnsupdate::Name> judge_zone(const ZoneFacts& facts, ZoneFindings& findings) {
  const dnsupdate::Message& reply = facts.soa->message;
  const Rcode rcode = reply.rcode();
  if (rcode == Rcode::REFUSED) {
    judge_refused_query(facts, findings);
    return std::nullopt;
  }
  if (rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN) {
    findings.say(Grade::bad, "zone", facts,
                 dnsupdate::diagnose_reply(context_of(facts, true), rcode),
                 "`named-checkconf -z` on the primary names the fault in its file, `rndc reload " +
                     facts.zone.to_string() + "` when it is mended");
    return std::nullopt;
  }
  const auto judged = dnsupdate::judge_zone_answer(facts.zone, reply, false, facts.server);
  if (const auto* found = std::get_if<dnsupdate::FoundZone>(&judged)) {
    if (found->zone == facts.zone) {
      return found->primary;
    }
    const std::string real = found->zone.to_string();
    findings.say(
        Grade::bad, "zone", facts,
        facts.server + " has no zone of this name; the name lies in the zone \"" + real + "\"",
        R"("zone": ")" + real + R"(" in the config)");
  } else if (const auto* failed = std::get_if<dnsupdate::SearchFailed>(&judged);
             failed != nullptr && !refers_to_root(reply)) {
    findings.say(Grade::bad, "zone", facts, failed->why,
                 "the address of the zone's own primary as \"primary\" in the config");
  } else {
    findings.say(Grade::bad, "primary", facts,
                 facts.server +
                     " answers for the zone without authority: it is a resolver, or it does not "
                     "serve the zone",
                 "the primary's own address as \"primary\" in the config");
  }
  return std::nullopt;
}

void judge_secondary(const ZoneFacts& facts, const dnsupdate::Name& primary,
                     ZoneFindings& findings) {
  findings.say(Grade::bad, "primary", facts,
               facts.server + " is a secondary of the zone " +
                   (takes_updates(facts)
                        ? "that forwards updates: what is written through it is seen only after "
                          "the next transfer, and reads lie until then"
                        : "that does not forward updates (" +
                              (facts.update ? to_string(facts.update->message.rcode())
                                            : std::string("no answer")) +
                              ")"),
               "the real primary as \"primary\" in the config; the SOA names " +
                   primary.to_string() + ", `rndc zonestatus " + facts.zone.to_string() +
                   "` there says \"type: primary\"");
}

// The same zone with another serial, asked for without the key and answered with authority.
bool is_another_view(const ZoneFacts& facts) {
  const auto plain = serial_of(facts.plain_soa, facts.zone);
  return plain && plain != serial_of(facts.soa, facts.zone) &&
         plain != serial_of(facts.last_soa, facts.zone);
}

void judge_updates(const ZoneFacts& facts, ZoneFindings& findings) {
  const std::string zone = facts.zone.to_string();
  if (!facts.update) {
    findings.say(Grade::bad, "updates", facts, facts.update.error().detail, "named's log");
    return;
  }
  if (takes_updates(facts)) {
    findings.say(Grade::ok, "updates", facts, facts.server + " takes updates of the zone");
    return;
  }
  const Rcode rcode = facts.update->message.rcode();
  if (rcode == Rcode::REFUSED) {
    std::string text = facts.server +
                       " refuses every change of the zone (REFUSED): it is frozen, or it has "
                       "neither an update-policy nor an allow-update with the key \"" +
                       facts.key_name + "\"";
    if (is_another_view(facts)) {
      text += ", or the key leads into the wrong view: without it the zone has another serial";
    }
    findings.say(Grade::bad, "updates", facts, std::move(text),
                 "`rndc zonestatus " + zone + "`: with \"frozen: yes\" `rndc thaw " + zone +
                     "`; else `update-policy { grant " + facts.key_name +
                     " name NAME A AAAA; };` in the zone, then `rndc reconfig`");
    return;
  }
  findings.say(Grade::bad, "updates", facts,
               dnsupdate::diagnose_reply(context_of(facts, false), rcode),
               "`rndc zonestatus " + zone + "` and named's log");
}

}  // namespace

bool takes_updates(const ZoneFacts& facts) {
  return rcode_of(facts.update) == Rcode::YXRRSET || rcode_of(facts.update) == Rcode::NOERROR;
}

ZoneFindings find_role_faults(const ZoneFacts& facts) {
  ZoneFindings findings;
  const auto primary = judge_zone(facts, findings);
  findings.go_on = primary.has_value();
  if (!primary) {
    return findings;
  }
  if (is_secondary(facts.expire, facts.zone)) {
    judge_secondary(facts, *primary, findings);
    findings.go_on = false;  // it would be about the wrong server
    return findings;
  }
  judge_updates(facts, findings);
  if (takes_updates(facts) && is_another_view(facts)) {
    findings.say(Grade::ok, "view", facts,
                 "without the key the zone has another serial: the key \"" + facts.key_name +
                     "\" leads into a view of its own, which is the one examined here");
  }
  return findings;
}

}  // namespace ronda::agent
