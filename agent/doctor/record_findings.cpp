#include <algorithm>
#include <utility>

#include "agent/doctor/zone_findings.hpp"
#include "dnsupdate/update/diagnosis.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::Rcode;
using dnsupdate::ReadFaultKind;
using dnsupdate::RrType;

constexpr std::uint32_t kHighTtl = 60;
constexpr std::size_t kUsualCap = 100;

class RecordExamination {
 public:
  RecordExamination(const ZoneFacts& facts, const RecordFacts& record)
      : facts_(facts),
        record_(record),
        owner_(record.key.owner.to_string()),
        type_(to_string(record.key.type)) {}

  std::vector<DoctorFinding> run() {
    judge_name();
    if (takes_updates(facts_)) {
      judge_permission();
    }
    if (record_.read) {
      judge_ttl();
      judge_size();
      judge_wildcard();
    }
    return std::move(findings_);
  }

 private:
  void say(Grade grade, const char* topic, std::string text, std::string mend = {}) {
    findings_.push_back({.grade = grade,
                         .topic = topic,
                         .subject = owner_ + " " + type_,
                         .text = std::move(text),
                         .mend = std::move(mend)});
  }

  void judge_name() {
    if (record_.zone_below) {
      const std::string below = record_.zone_below->to_string();
      say(Grade::bad, "name",
          "it lies in the zone \"" + below + "\", which " + facts_.server +
              " has too: what is written into \"" + facts_.zone.to_string() + "\" is never seen",
          "an entry in \"zones\" for \"" + below + "\"");
      return;
    }
    if (record_.read) {
      return;
    }
    const dnsupdate::ReadFault& fault = record_.read.error();
    std::string mend = "`rndc zonestatus " + facts_.zone.to_string() + "` and named's log";
    if (record_.alias == RrType::CNAME) {
      mend = "the alias's target as \"name\" of the service; or `update delete " + owner_ +
             ". CNAME` in nsupdate";
    } else if (fault.kind == ReadFaultKind::alias) {
      mend = "the name that the DNAME leads to as \"name\" of the service, or a name beside it";
    } else if (fault.kind == ReadFaultKind::referral) {
      mend =
          "an entry in \"zones\" for the zone below, with its own primary; or delete the NS "
          "records of the cut";
    }
    say(Grade::bad, "name", fault.detail, std::move(mend));
  }

  // What an allowed update comes to are its conditions.
  void judge_permission() {
    if (!record_.permission) {
      say(Grade::bad, "policy", record_.permission.error().detail, "named's log");
      return;
    }
    const Rcode rcode = record_.permission->message.rcode();
    if (rcode == Rcode::YXRRSET || rcode == Rcode::NXRRSET) {
      say(Grade::ok, "policy", "the key \"" + facts_.key_name + "\" may change it");
    } else if (rcode == Rcode::REFUSED) {
      say(Grade::bad, "policy",
          facts_.server + " does not let the key \"" + facts_.key_name +
              "\" change this name and type (REFUSED), though it takes updates of the zone",
          "`grant " + facts_.key_name + " name " + owner_ + " " + type_ +
              ";` in the zone's update-policy, then `rndc reconfig`");
    } else {
      const dnsupdate::DiagnosisContext context{.server = facts_.server,
                                                .zone = facts_.zone.to_string(),
                                                .key_name = facts_.key_name,
                                                .algorithm = facts_.algorithm};
      const std::string text = dnsupdate::diagnose_reply(context, rcode);
      say(Grade::bad, "policy",
          text.empty() ? facts_.server + " does not heed the conditions of an update" : text,
          "named's log");
    }
  }

  void judge_wildcard() {
    if (record_.wildcard == Wildcard::none) {
      return;
    }
    const bool is_there =
        record_.permission && record_.permission->message.rcode() == Rcode::YXRRSET;
    if (is_there) {
      say(Grade::ok, "wildcard",
          "a wildcard above answers for names without records; this one has its own");
      return;
    }
    say(Grade::warn, "wildcard",
        std::string(record_.wildcard == Wildcard::same_type
                        ? "the records seen are those of a wildcard above, dead or alive; the "
                          "first change"
                        : "a wildcard above answers for this name; the first record") +
            " gives the name its own, and hides the wildcard's other types (MX, TXT) from it",
        "write the records of all types this name needs before ronda does");
  }

  void judge_ttl() {
    const std::uint32_t ttl = record_.read->ttl;
    if (record_.read->empty() || ttl <= kHighTtl) {
      return;
    }
    const std::string text = "its TTL of " + std::to_string(ttl) +
                             " s lets resolvers hand out a dead address for as long";
    if (!record_.ttl) {
      say(Grade::warn, "ttl", text, R"("ttl": 30 in the service, written with the next change)");
    } else if (*record_.ttl <= kHighTtl) {
      say(Grade::ok, "ttl",
          text + "; the next change brings it down to " + std::to_string(*record_.ttl));
    } else {
      say(Grade::warn, "ttl", text, R"(a lower "ttl" in the service, such as 30)");
    }
  }

  void judge_size() {
    const std::size_t records = std::max(record_.read->data.size(), record_.addresses);
    if (records > kUsualCap) {
      say(Grade::warn, "records",
          "it has or may get " + std::to_string(records) +
              " records, and BIND's max-records-per-type allows 100: more are refused (SERVFAIL), "
              "and a zone that has them does not load after a restart",
          "`max-records-per-type " + std::to_string(2 * records) +
              ";` in the zone, or publish fewer");
    }
  }

  const ZoneFacts& facts_;
  const RecordFacts& record_;
  const std::string owner_;
  const std::string type_;
  std::vector<DoctorFinding> findings_{};
};

}  // namespace

std::vector<DoctorFinding> find_record_faults(const ZoneFacts& facts, const RecordFacts& record) {
  return RecordExamination(facts, record).run();
}

}  // namespace ronda::agent
