// The truth table of one RRset.
#include <functional>

#include "agent/doctor/zone_findings.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doctor/facts_of.hpp"

using namespace ronda::agent;
using namespace ronda::dnsupdate;
using namespace ronda::test;

namespace {

std::vector<DoctorFinding> findings_with(const std::function<void(RecordFacts&)>& spoil) {
  ZoneFacts facts = healthy_facts();
  spoil(facts.records.front());
  return find_record_faults(facts, facts.records.front());
}

ReadResult fault(ReadFaultKind kind) {
  return std::unexpected(ReadFault{.kind = kind, .detail = "why"});
}

}  // namespace

TEST_CASE("a record that is well, there or not yet") {
  CHECK(heads(findings_with([](RecordFacts&) {})) == Strings{"ok policy"});
  CHECK(heads(findings_with([](RecordFacts& record) {
          record.read = rrset("www.example.com", {});
          record.permission = reply_of(Rcode::NXRRSET);
        })) == Strings{"ok policy"});
}

TEST_CASE("a policy that does not name it, or an answer nobody expects") {
  const auto refused =
      findings_with([](RecordFacts& record) { record.permission = reply_of(Rcode::REFUSED); });
  CHECK(heads(refused) == Strings{"bad policy"});
  CHECK(refused.front().subject == "www.example.com A");
  CHECK(refused.front().mend.starts_with("`grant ronda name www.example.com A;`"));
  const auto heedless =
      findings_with([](RecordFacts& record) { record.permission = reply_of(Rcode::NOERROR); });
  CHECK_THAT(heedless.front().text, ContainsSubstring("does not heed the conditions"));
  const auto failed =
      findings_with([](RecordFacts& record) { record.permission = reply_of(Rcode::SERVFAIL); });
  CHECK_THAT(failed.front().text, ContainsSubstring("SERVFAIL"));
  const auto silent = findings_with([](RecordFacts& record) {
    record.permission = std::unexpected(no_reply(NoReplyKind::timeout, "no answer"));
  });
  CHECK(silent.front().text == "no answer");
}

TEST_CASE("a name that cannot be managed") {
  struct Row {
    ReadFaultKind kind;
    std::optional<RrType> alias;
    const char* mend;
  };
  for (const Row& row :
       {Row{ReadFaultKind::alias, RrType::CNAME, "`update delete www.example.com. CNAME`"},
        Row{ReadFaultKind::alias, RrType::DNAME, "the DNAME leads to"},
        Row{ReadFaultKind::referral, {}, "\"zones\""},
        Row{ReadFaultKind::refused, {}, "rndc zonestatus example.com"}}) {
    INFO(row.mend);
    const auto findings = findings_with([&](RecordFacts& record) {
      record.read = fault(row.kind);
      record.alias = row.alias;
    });
    CHECK(heads(findings) == Strings{"bad name", "ok policy"});
    CHECK(findings.front().text == "why");
    CHECK_THAT(findings.front().mend, ContainsSubstring(row.mend));
  }
  const auto below =
      findings_with([](RecordFacts& record) { record.zone_below = name("www.example.com"); });
  CHECK(below.front().grade == Grade::bad);
  CHECK_THAT(below.front().text, ContainsSubstring("it lies in the zone \"www.example.com\""));
}

TEST_CASE("TTLs") {
  const auto with = [](std::uint32_t ttl, std::optional<std::uint32_t> wanted) {
    return heads(findings_with([&](RecordFacts& record) {
      record.read = rrset("www.example.com", {"192.0.2.1"}, RrType::A, ttl);
      record.ttl = wanted;
    }));
  };
  CHECK(with(60, {}) == Strings{"ok policy"});
  CHECK(with(61, {}) == Strings{"ok policy", "warn ttl"});
  CHECK(with(61, 60) == Strings{"ok policy", "ok ttl"});
  CHECK(with(61, 300) == Strings{"ok policy", "warn ttl"});
}

TEST_CASE("more records than BIND takes") {
  const auto findings = findings_with([](RecordFacts& record) { record.addresses = 101; });
  CHECK(heads(findings) == Strings{"ok policy", "warn records"});
  CHECK(heads(findings_with([](RecordFacts& record) { record.addresses = 100; })) ==
        Strings{"ok policy"});
  CHECK_THAT(findings.back().mend, ContainsSubstring("max-records-per-type 202;"));
}

TEST_CASE("wildcards") {
  const auto with = [](Wildcard wildcard, Rcode presence) {
    return about(findings_with([&](RecordFacts& record) {
                   record.wildcard = wildcard;
                   record.permission = reply_of(presence);
                 }),
                 "wildcard");
  };
  CHECK(with(Wildcard::same_type, Rcode::YXRRSET).grade == Grade::ok);
  CHECK(with(Wildcard::other_types, Rcode::YXRRSET).grade == Grade::ok);
  CHECK_THAT(with(Wildcard::same_type, Rcode::NXRRSET).text,
             ContainsSubstring("those of a wildcard above"));
  const auto others = with(Wildcard::other_types, Rcode::NXRRSET);
  CHECK(others.grade == Grade::warn);
  CHECK_THAT(others.text, ContainsSubstring("other types"));
}
