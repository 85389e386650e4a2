// Our side dies at any point of an update, and named at none: the next run starts from a read,
// finds the truth and finishes the work.
#include <chrono>
#include <deque>
#include <optional>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/update/update_transaction.hpp"
#include "net/random.hpp"
#include "net/uv_loop.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using std::chrono::seconds;

constexpr const char* kZone =
    "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
    "www A 192.0.2.1\nwww A 192.0.2.2\nwww A 192.0.2.200\n";

// A run that ends after so many steps: what it has asked by then is on the wire or not, what comes
// back reaches nobody.
class MortalRun {
 public:
  MortalRun(const Named& named, std::vector<RrsetChange> changes)
      : exchange_(loop_, random_,
                  {.zone = name("example.com"),
                   .servers = {{.ip = net::IpAddress::parse(named.address()).value(),
                                .port = named.port()}},
                   .key = load_key(named.key_path())}),
        transaction_({.zone = name("example.com"), .diagnosis = exchange_.context()},
                     std::move(changes)) {}

  enum class Death { before_send, after_send, after_reply, before_read_back, after_read_back };

  // True when it lived to that point.
  bool run_until(Death death, const Named& named) {
    Actions first = transaction_.step(Started{}, loop_.now());
    if (death == Death::before_send) {
      return first.questions.size() == 1;
    }
    ask(first);
    if (death == Death::after_send) {
      return wait_for_update(named);
    }
    if (!wait_for_answers(1)) {
      return false;
    }
    if (death == Death::after_reply) {
      return true;
    }
    Actions read_back = take_answers();
    if (death == Death::before_read_back) {
      return read_back.questions.size() == 2;
    }
    ask(read_back);
    return wait_for_answers(2);
  }

 private:
  void ask(Actions& actions) {
    for (Ask& question : actions.questions) {
      handles_.push_back(
          exchange_.ask(question.message, [this, id = question.id](const Answer& answer) {
            answers_.push_back({.id = id, .answer = answer});
            loop_.stop();
          }));
    }
  }
  Actions take_answers() {
    Actions last;
    for (Answered& answer : answers_) {
      last = transaction_.step(std::move(answer), loop_.now());
    }
    answers_.clear();
    return last;
  }
  bool wait_for_answers(std::size_t count) {
    bool late = false;
    const net::Handle limit = loop_.at(loop_.now() + seconds(10), [&] {
      late = true;
      loop_.stop();
    });
    while (answers_.size() < count && !late) {
      loop_.run();
    }
    return !late;
  }
  // Turns the loop only until named has got the message.
  bool wait_for_update(const Named& named) {
    const net::SteadyTime end = loop_.now() + seconds(10);
    while (named.update_count() == 0 && loop_.now() < end) {
      const net::Handle turn =
          loop_.at(loop_.now() + std::chrono::milliseconds(1), [this] { loop_.stop(); });
      loop_.run();
    }
    return named.update_count() == 1;
  }

  net::UvLoop loop_{};
  net::SystemRandom random_{};
  Exchange exchange_;
  UpdateTransaction transaction_;
  std::vector<net::Handle> handles_{};
  std::deque<Answered> answers_{};
};

// What every run does: read, compare, write.
OutcomeKind finish_the_work(const Named& named, const Strings& wanted) {
  ClientFixture client(named.address(), named.port(), named.key_path());
  const ReadResult found = client.read(key_of("www.example.com"));
  REQUIRE(found);
  return client.update({change(*found, wanted)}).rrsets[0].outcome.kind;
}

TEST_CASE("we die in the middle of an update and the next run finishes it") {
  using Death = MortalRun::Death;
  struct Row {
    const char* what;
    Death death;
    bool may_be_undone;  // the zone may still be as before
  };
  for (const Row& row : {Row{"before the update is sent", Death::before_send, true},
                         Row{"after it is sent", Death::after_send, true},
                         Row{"after the reply", Death::after_reply, false},
                         Row{"before the read-back", Death::before_read_back, false},
                         Row{"after the read-back", Death::after_read_back, false}}) {
    INFO(row.what);
    const Named named({.zone_text = kZone});
    const Strings wanted = {"192.0.2.2", "192.0.2.200"};
    {
      const RrSet observed = rrset("www.example.com", {"192.0.2.1", "192.0.2.2", "192.0.2.200"});
      MortalRun run(named, {change(observed, wanted)});
      REQUIRE(run.run_until(row.death, named));
    }
    const OutcomeKind kind = finish_the_work(named, wanted);
    if (row.death == Death::before_send) {
      CHECK(kind == OutcomeKind::applied);
    } else if (!row.may_be_undone) {
      CHECK(kind == OutcomeKind::unchanged);
    }
    // Whether the orphan landed before or after the read: never anything but what was wanted.
    CHECK((kind == OutcomeKind::applied || kind == OutcomeKind::unchanged));
    CHECK(named.lookup("www.example.com") == wanted);
    CHECK(named.serial() == 2);
  }
}

TEST_CASE("a stopped primary carries an orphan out on waking: it shows at the next read") {
  Named named({.zone_text = kZone});
  const RrSet before = rrset("www.example.com", {"192.0.2.1", "192.0.2.2", "192.0.2.200"});
  UpdateReport report;
  {
    ClientFixture client(named.address(), named.port(), named.key_path(),
                         {.timeout = std::chrono::milliseconds(300)});
    REQUIRE(client.read(key_of("www.example.com")));
    named.pause();
    report = client.update({change(before, {"192.0.2.1", "192.0.2.200"})});
  }
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_FALSE(report.rrsets[0].observed);
  named.resume();
  // .2 has recovered in between, so what lands late is drift; somebody who reads finds and mends
  // it.
  ClientFixture client(named.address(), named.port(), named.key_path());
  RrSet found = client.read(key_of("www.example.com")).value();
  const auto end = std::chrono::steady_clock::now() + seconds(10);
  while (same_records(found, before) && std::chrono::steady_clock::now() < end) {
    found = client.read(key_of("www.example.com")).value();
  }
  CHECK(found.to_strings() == Strings{"192.0.2.1", "192.0.2.200"});
  report = client.update({change(found, before.to_strings())});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("www.example.com") == before.to_strings());
}

}  // namespace
}  // namespace ronda::test
