// Refused, failed, dropped: the causes that a primary does not name are told apart.
#include "tests/unit/update/driver.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

const RrSet kTwo = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});

Strings addresses(int count) {
  Strings texts;
  for (int i = 1; i <= count; ++i) {
    texts.push_back("192.0.2." + std::to_string(i));
  }
  return texts;
}

TEST_CASE("REFUSED: policy, or a zone that takes no update at all") {
  Driver policy;
  policy.primary.put(kTwo);
  policy.primary.denied.insert(kTwo.key.owner);
  UpdateReport report = policy.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::REFUSED);
  CHECK_THAT(report.rrsets[0].outcome.detail,
             ContainsSubstring("update-policy") && ContainsSubstring("takes others"));
  CHECK(policy.asked.size() == 2);

  Driver frozen;
  frozen.primary.put(kTwo);
  frozen.primary.frozen = true;
  report = frozen.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("rndc thaw example.com"));

  Driver silent;
  silent.network = [](const Message& message) -> std::optional<Answer> {
    return message.authority.empty() ? Answer(std::unexpected(lost()))
                                     : Answer(with_rcode(Rcode::REFUSED));
  };
  report = silent.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::REFUSED);
}

TEST_CASE("SERVFAIL: too many records, missing keys, no journal, not loaded") {
  struct Row {
    const char* what;
    std::function<void(Driver&)> set_up;
    int records;
    const char* sentence;
  };
  const auto fails = [](Driver& driver) { driver.primary.failure = Rcode::SERVFAIL; };
  const std::vector<Row> rows = {
      {"cap", [](Driver&) {}, 101, "would have 101 records and max-records-per-type"},
      {"journal", fails, 1, "cannot write the journal"},
      {"keys",
       [&](Driver& driver) {
         fails(driver);
         driver.primary.has_dnssec_keys = true;
       },
       1, "private keys"},
      {"not loaded",
       [](Driver& driver) {
         driver.network = [](const Message&) { return with_rcode(Rcode::SERVFAIL); };
       },
       1, "not loaded"}};
  for (const Row& row : rows) {
    INFO(row.what);
    Driver driver;
    driver.primary.put(kTwo);
    row.set_up(driver);
    const UpdateReport report = driver.run({change(kTwo, addresses(row.records))});
    CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
    CHECK(report.rrsets[0].outcome.rcode == Rcode::SERVFAIL);
    CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring(row.sentence));
    CHECK(driver.primary.committed(kTwo.key) == kTwo);
  }
}

TEST_CASE("a swap in a full RRset fits, since deletes come first") {
  Driver driver;
  const RrSet full = rrset("www.example.com", addresses(100));
  driver.primary.put(full);
  Strings swapped = addresses(101);
  swapped.erase(swapped.begin());
  const UpdateReport report = driver.run({change(full, swapped)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(driver.primary.committed(full.key).data.size() == 100);
}

TEST_CASE("records that a limit in update-policy drops are counted") {
  Driver driver;
  driver.primary.put(kTwo);
  driver.primary.ignores_additions = true;
  const UpdateReport report = driver.run({change(kTwo, addresses(4))});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(report.rrsets[0].outcome.detail,
             ContainsSubstring("holds 2 of the 4 records") && ContainsSubstring("\"A(2)\""));
}

TEST_CASE("what would be a silent no-op is not sent") {
  Driver driver;
  driver.primary.put(kTwo);
  RrsetChange other = change(rrset("b.example.com", {}), {"192.0.2.1"});
  other.wanted.key.owner = name("c.example.com");
  const UpdateReport report =
      driver.run({change(rrset("a.example.com", {}), {"192.0.2.1"}, 0x8000'0000U), other,
                  change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("TTL of 2147483648 s"));
  CHECK(report.rrsets[1].outcome.kind == OutcomeKind::rejected);
  CHECK_THAT(report.rrsets[1].outcome.detail, ContainsSubstring("another RRset"));
  CHECK(report.rrsets[2].outcome.kind == OutcomeKind::applied);
  CHECK(report.messages.size() == 1);
}

}  // namespace
}  // namespace ronda::test
