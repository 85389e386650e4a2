// Traps of a real BIND in its answers: records that are not in the zone, records that are and do
// not show, answers of another name, answers that do not come.
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

const std::string kHead = "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n";

TEST_CASE("wildcard above") {
  const Named named({.zone_text = kHead + "*.w A 192.0.2.50\n*.w MX 10 ns\n"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  // The synthesized set reads as if it were ours.
  const RrSet made_up = client.read(key_of("host.w.example.com")).value();
  REQUIRE(made_up.to_strings() == Strings{"192.0.2.50"});
  UpdateReport report = client.update({change(made_up, {"192.0.2.7"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NXRRSET);
  CHECK_THAT(report.rrsets[0].outcome.detail,
             ContainsSubstring("synthesized") && ContainsSubstring("wildcard"));
  CHECK(named.serial() == 1);

  // Added by hand the name stands for itself, and hides the wildcard's other types.
  REQUIRE(named.lookup("host.w.example.com", "MX").size() == 1);
  report = client.update({change(rrset("host.w.example.com", {}), {"192.0.2.7"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("host.w.example.com") == Strings{"192.0.2.7"});
  CHECK(named.lookup("host.w.example.com", "MX").empty());

  // With its last record gone the wildcard's address is back: the removal was applied all the same.
  report = client.update({change(report.rrsets[0].observed.value(), {})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->to_strings() == Strings{"192.0.2.50"});
  CHECK(named.lookup("host.w.example.com") == Strings{"192.0.2.50"});
}

TEST_CASE("DNS64 on the primary invents AAAA") {
  const Named named(
      {.zone_text = kHead + "www A 192.0.2.1\n", .options = "dns64 64:ff9b::/96 { };"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet invented = client.read(key_of("www.example.com", RrType::AAAA)).value();
  REQUIRE(invented.to_strings() == Strings{"64:ff9b::c000:201"});
  UpdateReport report = client.update({change(invented, {"2001:db8::1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK_THAT(report.rrsets[0].outcome.detail,
             ContainsSubstring("synthesized") && ContainsSubstring("DNS64"));
  CHECK(named.serial() == 1);
  report = client.update({change(rrset("www.example.com", {}, RrType::AAAA), {"2001:db8::1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("www.example.com", "AAAA") == Strings{"2001:db8::1"});
}

TEST_CASE("filter-aaaa on the primary hides AAAA") {
  const Named named({.zone_text = kHead + "www A 192.0.2.1\nwww AAAA 2001:db8::1\n",
                     .statements = "plugin query \"filter-aaaa.so\" { filter-aaaa-on-v4 yes; };"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet nothing = client.read(key_of("www.example.com", RrType::AAAA)).value();
  REQUIRE(nothing.empty());
  const UpdateReport report = client.update({change(nothing, {"2001:db8::2"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::YXRRSET);
  CHECK_THAT(report.rrsets[0].outcome.detail,
             ContainsSubstring("does not show") && ContainsSubstring("filter-aaaa"));
  CHECK(named.serial() == 1);
}

TEST_CASE("RPZ on the primary changes RD=1 reads only") {
  const Named named({.zone_text = kHead + "www A 192.0.2.1\n",
                     .options = "response-policy { zone \"rpz\"; } qname-wait-recurse no;",
                     .statements = "zone \"rpz\" { type primary; file \"rpz.db\"; };",
                     .files = {{"rpz.db",
                                "$TTL 60\n@ SOA ns.example.com. h 1 3600 600 86400 60\n"
                                "@ NS ns.example.com.\n"
                                "www.example.com A 203.0.113.1\n"}},
                     .recursion = true});
  // named reads its policy zones after it is ready.
  CHECK(eventually(std::chrono::seconds(10), [&] {
    return run_command({"/usr/bin/dig", "@" + named.address(), "-p", std::to_string(named.port()),
                        "+short", "+timeout=1", "www.example.com", "A"}) == "203.0.113.1\n";
  }));
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet www = client.read(key_of("www.example.com")).value();
  CHECK(www.to_strings() == Strings{"192.0.2.1"});
  const UpdateReport report = client.update({change(www, {"192.0.2.2"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("www.example.com") == Strings{"192.0.2.2"});
}

TEST_CASE("CNAME or DNAME at or above the owner, name below a zone cut") {
  const Named named({.zone_text = kHead +
                                  "www A 192.0.2.1\nalias CNAME www\ntree DNAME www.example.com.\n"
                                  "sub NS ns.sub\nns.sub A 127.0.0.1\n"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const ReadResult alias = client.read(key_of("alias.example.com"));
  REQUIRE_FALSE(alias);
  CHECK(alias.error().kind == ReadFaultKind::alias);
  CHECK_THAT(alias.error().detail, ContainsSubstring("is an alias (CNAME at alias.example.com)"));
  const ReadResult tree = client.read(key_of("a.tree.example.com"));
  REQUIRE_FALSE(tree);
  CHECK(tree.error().kind == ReadFaultKind::alias);
  CHECK_THAT(tree.error().detail, ContainsSubstring("is an alias (DNAME at tree.example.com)"));
  const ReadResult below = client.read(key_of("x.sub.example.com"));
  REQUIRE_FALSE(below);
  CHECK(below.error().kind == ReadFaultKind::referral);
  CHECK_THAT(below.error().detail, ContainsSubstring("below the zone cut at sub.example.com"));

  // Whoever writes without reading first: BIND says NOERROR to all of these.
  UpdateReport report = client.update({change(rrset("alias.example.com", {}), {"192.0.2.9"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK(named.serial() == 1);
  report = client.update({change(rrset("x.sub.example.com", {}), {"192.0.2.9"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("below the zone cut"));
  CHECK(named.serial() == 2);  // it is in the zone, and nobody will ever see it
  CHECK(named.lookup("x.sub.example.com").empty());
  report = client.update({change(rrset("b.tree.example.com", {}), {"192.0.2.9"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("is an alias"));
}

TEST_CASE("reads under stress: a zone that is loading or not loaded is not empty") {
  std::string records = kHead + "www A 192.0.2.1\n";
  for (int i = 0; i < 100'000; ++i) {
    records += "n" + std::to_string(i) + " A 192.0.2.2\n";
  }
  Named named({.zone_text = records,
               .statements = "zone \"broken.test\" { type primary; file \"no-such-file\"; "
                             "update-policy { grant ronda zonesub ANY; }; };"});
  ClientFixture broken(named.address(), named.port(), named.key_path(),
                       {.zone = name("broken.test")});
  const ReadResult unloaded = broken.read(key_of("www.broken.test"));
  REQUIRE_FALSE(unloaded);
  CHECK(unloaded.error().rcode == Rcode::SERVFAIL);
  CHECK_THAT(unloaded.error().detail, ContainsSubstring("the zone is not loaded"));
  const UpdateReport report = broken.update({change(rrset("www.broken.test", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);

  int servfail = 0;
  int unread = 0;
  int wrong = 0;
  ReadResult last;
  // Once is enough, unless the reader had no turn while named was loading.
  for (int attempt = 0; attempt < 5 && servfail == 0; ++attempt) {
    named.kill();
    std::atomic<bool> started = false;
    // named dies with the thread that starts it: that must be this one.
    const std::jthread reading([&] {
      ClientFixture client(named.address(), named.port(), named.key_path());
      for (bool done = false; !done;) {
        done = started;
        last = client.read(key_of("www.example.com"));
        wrong += last && last->to_strings() != Strings{"192.0.2.1"} ? 1 : 0;
        unread += !last ? 1 : 0;
        servfail += !last && last.error().rcode == Rcode::SERVFAIL ? 1 : 0;
      }
    });
    named.start();
    started = true;
  }
  CHECK(wrong == 0);
  CHECK(last);
  CHECK(unread > 0);
  // 9.20 takes no question before its zones are loaded.
  CHECK((servfail > 0 || named_series() != "9.18"));
}

TEST_CASE("reads under stress: response rate limiting") {
  const Named named({.zone_text = kHead + "www A 192.0.2.1\n",
                     .options = "rate-limit { responses-per-second 2; window 5; slip 4; };"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  for (int i = 0; i < 50; ++i) {
    REQUIRE(client.read(key_of("www.example.com")));
  }
  ClientFixture datagrams(named.address(), named.port(), named.key_path(),
                          {.transport = Transport::udp, .timeout = std::chrono::milliseconds(500)});
  const std::vector<RrsetKey> keys(40, key_of("www.example.com"));
  int lost = 0;
  for (const ReadResult& result : datagrams.read(keys)) {
    if (result) {
      CHECK(result->to_strings() == Strings{"192.0.2.1"});
    } else {
      CHECK(result.error().kind == ReadFaultKind::unreachable);
      ++lost;
    }
  }
  INFO(lost << " of 40 reads over UDP lost");
  CHECK(lost < 40);
}

TEST_CASE("reads under stress: sixty addresses over UDP") {
  std::string records = kHead;
  for (int i = 1; i <= 60; ++i) {
    records += "many A 192.0.2." + std::to_string(i) + "\n";
  }
  const Named named({.zone_text = records});
  ClientFixture client(named.address(), named.port(), named.key_path(),
                       {.transport = Transport::udp});
  CHECK(client.read(key_of("many.example.com"))->data.size() == 60);
}

}  // namespace
}  // namespace ronda::test
