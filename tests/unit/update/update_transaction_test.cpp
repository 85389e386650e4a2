#include "dnsupdate/update/update_transaction.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/update/driver.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using std::chrono::milliseconds;
using std::chrono::seconds;

const RrSet kTwo = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});
const RrSet kOne = rrset("www.example.com", {"192.0.2.1"});

TEST_CASE("applied only after the read-back shows it") {
  Driver driver;
  driver.primary.put(kTwo);
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  REQUIRE(report.rrsets.size() == 1);
  CHECK(report.rrsets[0].outcome ==
        Outcome{.kind = OutcomeKind::applied, .rcode = Rcode::NOERROR, .server = "s:53"});
  CHECK(report.rrsets[0].observed == kOne);
  REQUIRE(report.messages.size() == 1);
  CHECK(report.messages[0].serial == 2U);
  CHECK(report.messages[0].elapsed == milliseconds(3));
  CHECK(driver.asked.size() == 3);
}

TEST_CASE("nothing to send: unchanged, without a message") {
  Driver driver;
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1", "192.0.2.2"}, 30)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unchanged);
  CHECK(report.messages.empty());
  CHECK(driver.asked.empty());
  CHECK(driver.run({}).rrsets.empty());
}

TEST_CASE("a lost compare-and-swap is a conflict with the fresh set") {
  Driver driver;
  driver.primary.put(kTwo);
  UpdateReport report = driver.run({change(kOne, {"192.0.2.3"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NXRRSET);
  CHECK(report.rrsets[0].observed == kTwo);
  CHECK(driver.primary.committed(kTwo.key) == kTwo);
  report = driver.run({change(kOne, {"192.0.2.1", "192.0.2.2"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unchanged);
}

TEST_CASE("a synthesized answer is told from a race") {
  Driver driver;
  // The primary answers queries with records its zone does not hold.
  driver.network = [](const Message& message) -> std::optional<Answer> {
    if (is_update(message) || message.question[0].type == RrType::SOA) {
      return std::nullopt;
    }
    FakePrimary wildcard(name("example.com"));
    wildcard.put(kTwo);
    return wildcard.answer(message);
  };
  UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("synthesized"));

  Driver hidden;
  hidden.primary.put(kTwo);
  hidden.network = [](const Message& message) -> std::optional<Answer> {
    if (is_update(message)) {
      return std::nullopt;
    }
    return FakePrimary(name("example.com")).answer(message);
  };
  report = hidden.run({change(rrset("www.example.com", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("does not show"));
}

TEST_CASE("a lost reply is settled by reading back") {
  struct Row {
    const char* what;
    bool executed;
    OutcomeKind kind;
    std::size_t questions;
  };
  for (const Row& row : {Row{"it landed", true, OutcomeKind::applied, 3},
                         Row{"it did not, so far", false, OutcomeKind::unknown, 5}}) {
    INFO(row.what);
    Driver driver;
    driver.primary.put(kTwo);
    driver.network = [&](const Message& message) -> std::optional<Answer> {
      if (!is_update(message)) {
        return std::nullopt;
      }
      if (row.executed) {
        driver.primary.answer(message);
      }
      return std::unexpected(lost());
    };
    const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
    CHECK(report.rrsets[0].outcome.kind == row.kind);
    CHECK_FALSE(report.rrsets[0].outcome.rcode);
    CHECK(report.rrsets[0].observed == (row.executed ? kOne : kTwo));
    CHECK(driver.asked.size() == row.questions);
  }
}

TEST_CASE("it lands between the first and the second look") {
  Driver driver;
  driver.primary.put(kTwo);
  std::optional<Message> late;
  int reads = 0;
  driver.network = [&](const Message& message) -> std::optional<Answer> {
    if (is_update(message)) {
      late = message;
      return std::unexpected(lost());
    }
    if (message.question[0].type == RrType::SOA && ++reads == 1) {
      Answer answer = driver.primary.answer(message);
      driver.primary.answer(*late);
      return answer;
    }
    return std::nullopt;
  };
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.messages[0].elapsed >= seconds(1));
}

TEST_CASE("a reply that proves nothing never means applied") {
  Driver nothing_works;
  nothing_works.network = [](const Message&) { return std::unexpected(bad_key()); };
  UpdateReport report = nothing_works.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome == Outcome{.kind = OutcomeKind::unknown,
                                            .rcode = Rcode::NOTAUTH,
                                            .tsig_error = TsigError::BADKEY,
                                            .server = "s:53",
                                            .detail = "does not know the key"});
  CHECK_FALSE(report.rrsets[0].observed);
  CHECK(nothing_works.asked.size() == 3);

  Driver reads_work;
  reads_work.primary.put(kTwo);
  reads_work.network = [](const Message& message) -> std::optional<Answer> {
    return is_update(message) ? std::optional<Answer>(std::unexpected(bad_key())) : std::nullopt;
  };
  report = reads_work.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[0].outcome.tsig_error == TsigError::BADKEY);
}

TEST_CASE("what was never sent is said so at once") {
  Driver driver;
  driver.network = [](const Message&) { return std::unexpected(lost(false)); };
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("not sent"));
  CHECK(driver.asked.size() == 1);
}

TEST_CASE("one denied owner is split off and the others go through") {
  Driver driver;
  driver.primary.denied.insert(name("b.example.com"));
  const UpdateReport report =
      driver.run({change(rrset("a.example.com", {}), {"192.0.2.1"}),
                  change(rrset("b.example.com", {}), {"192.0.2.2"}),
                  change(rrset("a.example.com", {}, RrType::AAAA), {"2001:db8::1"}),
                  change(rrset("c.example.com", {}), {})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[1].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[1].outcome.rcode == Rcode::REFUSED);
  CHECK(report.rrsets[2].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[3].outcome.kind == OutcomeKind::unchanged);
  REQUIRE(report.messages.size() == 3);
  CHECK(report.messages[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.messages[0].owners.size() == 2);
  CHECK(driver.primary.updates == 4);  // one of them the harmless question after the refusal
  CHECK(driver.primary.effective_updates == 1);
}

TEST_CASE("rcodes to outcomes, one owner") {
  struct Row {
    Rcode rcode;
    OutcomeKind kind;
  };
  for (const Row& row :
       {Row{Rcode::REFUSED, OutcomeKind::rejected}, Row{Rcode::SERVFAIL, OutcomeKind::rejected},
        Row{Rcode::NOTAUTH, OutcomeKind::rejected}, Row{Rcode::NOTZONE, OutcomeKind::rejected},
        Row{Rcode::FORMERR, OutcomeKind::rejected}, Row{Rcode::NOTIMP, OutcomeKind::rejected},
        Row{Rcode{11}, OutcomeKind::rejected}, Row{Rcode::YXDOMAIN, OutcomeKind::conflict},
        Row{Rcode::NXDOMAIN, OutcomeKind::conflict}}) {
    INFO(to_string(row.rcode));
    Driver driver;
    driver.primary.put(kTwo);
    driver.network = [&](const Message& message) -> std::optional<Answer> {
      return is_update(message) ? std::optional<Answer>(with_rcode(row.rcode)) : std::nullopt;
    };
    const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
    CHECK(report.rrsets[0].outcome.rcode == row.rcode);
    CHECK(report.rrsets[0].outcome.kind == row.kind);
    CHECK_FALSE(report.rrsets[0].outcome.detail.empty());
    CHECK(driver.primary.committed(kTwo.key) == kTwo);
  }
}

TEST_CASE("a wrong zone is not tried again owner by owner") {
  Driver driver;
  driver.network = [](const Message&) { return with_rcode(Rcode::NOTAUTH); };
  const UpdateReport report = driver.run({change(rrset("a.example.com", {}), {"192.0.2.1"}),
                                          change(rrset("b.example.com", {}), {"192.0.2.2"})});
  CHECK(report.messages.size() == 1);
  CHECK(report.rrsets[1].outcome.kind == OutcomeKind::rejected);
}

TEST_CASE("NOERROR for an addition the server drops is unknown, not applied") {
  Driver driver;
  driver.primary.ignores_additions = true;
  const UpdateReport report = driver.run({change(rrset("www.example.com", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NOERROR);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("accepted the change"));
}

TEST_CASE("another writer right after us") {
  Driver removal;
  removal.primary.put(kTwo);
  removal.after_update = [&] { removal.primary.put(kTwo); };
  UpdateReport report = removal.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("superseded"));
  CHECK(report.rrsets[0].observed == kTwo);

  Driver addition;
  addition.after_update = [&] {
    addition.primary.put(rrset("www.example.com", {"192.0.2.1", "192.0.2.77"}));
  };
  report = addition.run({change(rrset("www.example.com", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->data.size() == 2);
}

TEST_CASE("accepted, but the read-back fails: tried twice, then unknown") {
  Driver driver;
  driver.primary.put(kTwo);
  driver.network = [](const Message& message) -> std::optional<Answer> {
    return is_update(message) ? std::nullopt : std::optional<Answer>(std::unexpected(lost()));
  };
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NOERROR);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("could not be read back"));
  CHECK(driver.asked.size() == 5);
}

TEST_CASE("a large batch is cut by owner, no owner twice") {
  Driver driver;
  std::vector<RrsetChange> changes;
  for (int i = 0; i < 40; ++i) {
    const std::string owner = "host" + std::to_string(i % 20) + ".example.com";
    changes.push_back(change(rrset(owner, {}, i < 20 ? RrType::A : RrType::AAAA),
                             {i < 20 ? "192.0.2.1" : "2001:db8::1"}));
  }
  const UpdateReport report = driver.run(changes, 600);
  CHECK(report.messages.size() > 3);
  std::vector<Name> owners;
  for (const MessageOutcome& message : report.messages) {
    owners.insert(owners.end(), message.owners.begin(), message.owners.end());
  }
  CHECK(owners.size() == 20);
  for (const RrsetOutcome& rrset : report.rrsets) {
    CHECK(rrset.outcome.kind == OutcomeKind::applied);
  }
}

TEST_CASE("answers nobody waits for change nothing") {
  UpdateTransaction transaction({.zone = name("example.com")}, {change(kTwo, {"192.0.2.1"})});
  const Actions first = transaction.step(Started{}, {});
  REQUIRE(first.questions.size() == 1);
  const Actions stray = transaction.step(Answered{.id = 99, .answer = Reply{}}, {});
  CHECK(stray.questions.empty());
  CHECK_FALSE(stray.report);
  const Actions twice = transaction.step(Woken{}, {});
  CHECK(twice.questions.empty());
}

}  // namespace
}  // namespace ronda::test
