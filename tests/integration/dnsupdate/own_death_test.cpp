// Our side dies at any point of an update, and named at none: the next run starts from a read,
// finds the truth and finishes the work.
#include <chrono>

#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/dnsupdate/mortal_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using std::chrono::seconds;

constexpr const char* kZone =
    "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
    "www A 192.0.2.1\nwww A 192.0.2.2\nwww A 192.0.2.200\n";

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
      MortalRun run({.zone = name("example.com"),
                     .servers = {{.ip = net::IpAddress::parse(named.address()).value(),
                                  .port = named.port()}},
                     .key = load_key(named.key_path())},
                    {change(observed, wanted)}, [&] { return named.update_count() == 1; });
      REQUIRE(run.run_until(row.death));
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
