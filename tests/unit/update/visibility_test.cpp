// Committed is not visible: polling, nudging, and what is said when nothing helps.
#include "dnsupdate/update/nudge.hpp"
#include "dnsupdate/update/update_request.hpp"
#include "tests/unit/update/driver.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using std::chrono::milliseconds;
using std::chrono::seconds;

const RrSet kTwo = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});
const RrSet kOne = rrset("www.example.com", {"192.0.2.1"});

Driver inline_signing(const RrSet& held, int lost_transfers) {
  Driver driver;
  driver.primary.put(held);
  driver.primary.has_dnssec_keys = true;
  driver.primary.lost_transfers = lost_transfers;
  return driver;
}

TEST_CASE("committed but not yet visible: polled until it shows") {
  Driver driver;
  driver.primary.put(kTwo);
  driver.primary.publishes_at_once = false;
  int reads = 0;
  driver.network = [&](const Message& message) -> std::optional<Answer> {
    if (!is_update(message) && ++reads == 9) {
      driver.primary.publish();
    }
    return std::nullopt;
  };
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].outcome.detail.empty());
  CHECK(report.rrsets[0].observed == kOne);
  CHECK(driver.primary.updates == 2);
  CHECK(report.messages[0].elapsed > milliseconds(150));
  CHECK(report.messages[0].elapsed < seconds(1));
  REQUIRE(report.messages[0].visible_after);
  CHECK(*report.messages[0].visible_after < report.messages[0].elapsed);
  CHECK(report.messages[0].nudges == 0);
}

TEST_CASE("a change that inline-signing has lost is nudged into sight after five seconds") {
  struct Row {
    const char* what;
    RrSet held;
    RrsetChange change;
  };
  const RrSet none = rrset("www.example.com", {});
  RrsetChange configured_ttl = change(kTwo, {"192.0.2.1"}, 5);
  for (const Row& row : {Row{"a removal", kTwo, change(kTwo, {"192.0.2.1"})},
                         Row{"an addition", kOne, change(kOne, {"192.0.2.1", "192.0.2.9"})},
                         Row{"a new RRset", none, change(none, {"192.0.2.1"}, 2)},
                         Row{"a swap", kOne, change(kOne, {"192.0.2.9"}, 30)},
                         Row{"no RRset any more", kTwo, change(kTwo, {})},
                         Row{"a removal with another TTL", kTwo, configured_ttl}}) {
    INFO(row.what);
    Driver driver = inline_signing(row.held, 1);
    const UpdateReport report = driver.run({row.change});
    CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
    CHECK(same_records(*report.rrsets[0].observed, row.change.wanted));
    CHECK(report.rrsets[0].observed->ttl == row.change.wanted.ttl);
    CHECK(driver.primary.committed(row.held.key) == *report.rrsets[0].observed);
    REQUIRE(report.messages.size() == 1);
    CHECK(report.messages[0].nudges == 1);
    REQUIRE(report.messages[0].visible_after);
    CHECK(*report.messages[0].visible_after >= seconds(5));
    CHECK(*report.messages[0].visible_after < milliseconds(5'100));
    CHECK(driver.primary.effective_updates == 3);
  }
}

TEST_CASE("the way back of a nudge may be lost too: the TTL ends as it was") {
  Driver driver = inline_signing(kTwo, 1);
  int effective = 0;
  driver.network = [&](const Message& message) -> std::optional<Answer> {
    if (is_update(message) && !message.authority.empty() && ++effective == 3) {
      driver.primary.lost_transfers = 1;
    }
    return std::nullopt;
  };
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed == kOne);
  CHECK(report.messages[0].nudges == 2);
  CHECK(*report.messages[0].visible_after < milliseconds(5'100));
  CHECK(report.messages[0].elapsed > seconds(7));
}

TEST_CASE("the first nudge may be lost like the change: again, and then the truth") {
  Driver driver = inline_signing(kTwo, 4);
  UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.messages[0].nudges == 2);
  CHECK(report.rrsets[0].observed == kOne);

  Driver never = inline_signing(kTwo, 1000);
  report = never.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK(report.messages[0].nudges == 3);
  CHECK(never.primary.committed(kTwo.key) == kOne);
  CHECK_THAT(report.rrsets[0].outcome.detail,
             ContainsSubstring("3 further changes") && ContainsSubstring("inline-signing"));
  CHECK_FALSE(report.messages[0].visible_after);
  CHECK(report.messages[0].elapsed < seconds(12));
}

TEST_CASE("a TTL that the server cuts does not make the nudge a no-op") {
  Driver driver = inline_signing(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}), 1);
  driver.primary.ttl_limit = 3600;
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1", "192.0.2.3"}, 172'800)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->ttl == 3600);
  CHECK(report.messages[0].nudges == 1);
}

TEST_CASE("another writer between the change and the nudge: nothing of theirs is touched") {
  Driver driver = inline_signing(kTwo, 1);
  const RrSet theirs = rrset("www.example.com", {"192.0.2.1", "192.0.2.77"});
  driver.network = [&](const Message& message) -> std::optional<Answer> {
    if (is_update(message) && message.authority.size() == 1 &&
        message.authority[0].rr_class == RrClass::IN) {
      driver.primary.put(theirs);
    }
    return std::nullopt;
  };
  const UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);  // .2 is gone
  CHECK(driver.primary.committed(kTwo.key) == theirs);

  Driver removal = inline_signing(kTwo, 1);
  removal.network = [&](const Message& message) -> std::optional<Answer> {
    if (is_update(message) && message.authority.size() == 1 &&
        message.authority[0].rr_class == RrClass::IN) {
      removal.primary.put(kTwo);
    }
    return std::nullopt;
  };
  const UpdateReport undone = removal.run({change(kTwo, {})});
  CHECK(undone.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(undone.rrsets[0].outcome.detail, ContainsSubstring("another writer"));
  CHECK(removal.primary.committed(kTwo.key) == kTwo);
}

TEST_CASE("a nudge whose answer is lost is undone or done again") {
  for (const bool executed : {true, false}) {
    for (const RrsetChange& wanted : {change(kTwo, {"192.0.2.1"}), change(kTwo, {})}) {
      INFO(executed << wanted.wanted.data.size());
      Driver driver = inline_signing(kTwo, 1);
      int steps = 0;
      driver.network = [&](const Message& message) -> std::optional<Answer> {
        if (is_update(message) && message.authority.size() == 1 &&
            message.authority[0].rr_class == RrClass::IN && ++steps == 1) {
          if (executed) {
            driver.primary.answer(message);
          }
          return std::unexpected(lost());
        }
        return std::nullopt;
      };
      const UpdateReport report = driver.run({wanted});
      // An RRset that the lost step may have brought back: the next reader decides.
      CHECK(same_records(driver.primary.committed(kTwo.key), wanted.wanted));
      CHECK(report.rrsets[0].outcome.kind != OutcomeKind::rejected);
      CHECK((report.rrsets[0].outcome.kind == OutcomeKind::applied) ==
            same_records(*report.rrsets[0].observed, wanted.wanted));
    }
  }
}

TEST_CASE("an unsigned zone is not nudged: a secondary that forwards shows the change in the end") {
  Driver driver;
  driver.primary.put(kTwo);
  driver.primary.publishes_at_once = false;
  driver.network = [&](const Message&) -> std::optional<Answer> {
    if (driver.now.time_since_epoch() > seconds(5)) {
      driver.primary.publish();
    }
    return std::nullopt;
  };
  UpdateReport report = driver.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.messages[0].nudges == 0);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("secondary that forwards"));

  Driver never;
  never.primary.put(kTwo);
  never.primary.publishes_at_once = false;
  never.network = [&](const Message& message) -> std::optional<Answer> {
    if (is_update(message) || message.question[0].type != RrType::SOA) {
      return std::nullopt;
    }
    return FakePrimary(name("example.com")).answer(message);  // always the old serial
  };
  report = never.run({change(kTwo, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("secondary that forwards"));
  CHECK(report.messages[0].elapsed >= seconds(10));
  CHECK(report.messages[0].elapsed < seconds(11));
  CHECK(never.asked.size() < 80);
}

TEST_CASE("the two messages of a nudge") {
  const Nudge nudge = make_nudge(
      name("example.com"),
      {change(kTwo, {"192.0.2.1"}, 3600), change(rrset("Old.example.com", {"192.0.2.5"}), {})});
  REQUIRE(nudge.step.authority.size() == 2);
  CHECK(nudge.step.authority[0].ttl == 30);
  CHECK(nudge.step.authority[1].owner.to_string() == "Old.example.com");
  CHECK(nudge.step.authority[1].ttl == 60);
  CHECK(nudge.step.answer[0].rr_class == RrClass::IN);
  CHECK(nudge.step.answer[1].rr_class == RrClass::NONE);
  REQUIRE(nudge.step_back.authority.size() == 2);
  CHECK(nudge.step_back.authority[0].ttl == 3600);
  CHECK(nudge.step_back.authority[1].rr_class == RrClass::NONE);
  CHECK(nudge.step_back.answer[1].rr_class == RrClass::IN);
  for (const std::uint32_t ttl : {0U, 1U, 2U, 29U, 30U, 31U, 86'400U}) {
    const Nudge one = make_nudge(name("example.com"), {change(kTwo, {"192.0.2.1"}, ttl)});
    CHECK(one.step.authority[0].ttl != one.step_back.authority[0].ttl);
    CHECK(one.step.authority[0].ttl <= 30);
    CHECK(one.step_back.authority[0].ttl == ttl);
  }
}

}  // namespace
}  // namespace ronda::test
