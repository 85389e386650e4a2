// Traps of a real BIND in what it accepts: batches that fall together, TTL, spelling, limits, and
// the disturbances of its administrator.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/journal.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

const std::string kHead = "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n";
constexpr const char* kPolicy =
    "dnssec-policy \"p\" { keys { csk lifetime unlimited algorithm ecdsap256sha256; }; };";

Strings addresses(int first, int last) {
  Strings texts;
  for (int i = first; i <= last; ++i) {
    texts.push_back("192.0.2." + std::to_string(i));
  }
  return texts;
}

std::string records(const std::string& owner, const Strings& data) {
  std::string text;
  for (const std::string& one : data) {
    text += owner + " A " + one + "\n";
  }
  return text;
}

TEST_CASE("poisoned batches") {
  const Named named({.zone_text = kHead +
                                  "denied A 192.0.2.1\ndenied A 192.0.2.2\nstale A 192.0.2.1\n" +
                                  records("full", addresses(1, 100)),
                     .zone_options = "update-policy { deny ronda name denied.example.com. ANY;\n"
                                     "  grant ronda zonesub ANY; }; max-records-per-type 100;"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet denied = client.read(key_of("denied.example.com")).value();
  const RrSet full = client.read(key_of("full.example.com")).value();
  const UpdateReport report = client.update({
      change(rrset("first.example.com", {}), {"192.0.2.1"}),
      change(denied, {"192.0.2.1"}),
      change(rrset("mail.example.com", {}, RrType::MX), {"10 nowhere.example.com"}),
      change(rrset("stale.example.com", {"192.0.2.9"}), {"192.0.2.8"}),
      change(full, addresses(1, 101)),
      change(rrset("last.example.com", {}), {"192.0.2.2"}),
  });
  const auto kind = [&](std::size_t i) { return report.rrsets[i].outcome.kind; };
  const auto detail = [&](std::size_t i) { return report.rrsets[i].outcome.detail; };
  CHECK(kind(0) == OutcomeKind::applied);
  CHECK(kind(1) == OutcomeKind::rejected);
  CHECK_THAT(detail(1), ContainsSubstring("update-policy"));
  CHECK(kind(2) == OutcomeKind::rejected);
  CHECK_THAT(detail(2), ContainsSubstring("MX would be left without an address"));
  CHECK(kind(3) == OutcomeKind::conflict);
  CHECK(report.rrsets[3].observed->to_strings() == Strings{"192.0.2.1"});
  CHECK(kind(4) == OutcomeKind::rejected);
  CHECK_THAT(detail(4), ContainsSubstring("max-records-per-type"));
  CHECK(kind(5) == OutcomeKind::applied);
  CHECK(named.lookup("first.example.com") == Strings{"192.0.2.1"});
  CHECK(named.lookup("denied.example.com").size() == 2);
  CHECK(named.lookup("mail.example.com", "MX").empty());
  CHECK(named.lookup("stale.example.com") == Strings{"192.0.2.1"});
  CHECK(named.lookup("full.example.com").size() == 100);
  CHECK(named.lookup("last.example.com") == Strings{"192.0.2.2"});
}

TEST_CASE("TTL: never a reason to write; with a change of records it is written to the whole set") {
  const Named named({.zone_text = kHead + "www 600 A 192.0.2.1\nwww 600 A 192.0.2.2\n"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet both = client.read(key_of("www.example.com")).value();
  REQUIRE(both.ttl == 600);
  // A TTL alone is no reason to write.
  UpdateReport report = client.update({change(both, {"192.0.2.1", "192.0.2.2"}, 30)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unchanged);
  CHECK(named.update_count() == 0);
  report = client.update({change(both, {"192.0.2.1"}, 600)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->ttl == 600);
  const RrSet one = report.rrsets[0].observed.value();
  report = client.update({change(one, {"192.0.2.1", "192.0.2.3"}, 30)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->ttl == 30);
  const RrSet two = report.rrsets[0].observed.value();
  report = client.update({change(two, {"192.0.2.1"}, 120)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->ttl == 120);
}

TEST_CASE("TTL: dnssec-policy clamps it") {
  const Named named({.zone_text = kHead,
                     .zone_options = "update-policy { grant ronda zonesub ANY; };\n"
                                     "  dnssec-policy clamping; inline-signing no;",
                     .statements = "dnssec-policy \"clamping\" { keys { csk lifetime unlimited "
                                   "algorithm ecdsap256sha256; }; max-zone-ttl 86400; };"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  UpdateReport report =
      client.update({change(rrset("www.example.com", {}), {"192.0.2.1"}, 172'800)});
  REQUIRE(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  const RrSet clamped = report.rrsets[0].observed.value();
  CHECK(clamped.ttl == 86'400);
  const std::uint64_t sent = named.update_count();
  report = client.update({change(clamped, {"192.0.2.1"}, 172'800)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unchanged);
  CHECK(named.update_count() == sent);
}

TEST_CASE("owner case: the zone's spelling stays") {
  const Named named({.zone_text = kHead + "UpPer A 192.0.2.1\n"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet upper = client.read(key_of("upper.example.com")).value();
  RrsetChange more = change(upper, {"192.0.2.1", "192.0.2.2"});
  more.wanted.key.owner = name("upper.example.com");  // as it stands in somebody's config
  const UpdateReport report = client.update({more});
  REQUIRE(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  const std::string answer =
      run_command({"/usr/bin/dig", "@" + named.address(), "-p", std::to_string(named.port()),
                   "+norecurse", "+noall", "+answer", "upper.example.com", "A"});
  CHECK_THAT(answer, ContainsSubstring("UpPer.example.com.") && ContainsSubstring("192.0.2.2"));
}

TEST_CASE("limits: a swap in an RRset of 100, and the 101st record") {
  const Named named({.zone_text = kHead + records("www", addresses(1, 100)),
                     .zone_options = "update-policy { grant ronda zonesub ANY; };"
                                     " max-records-per-type 100;"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet full = client.read(key_of("www.example.com")).value();
  UpdateReport report = client.update({change(full, addresses(1, 101))});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::SERVFAIL);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("max-records-per-type"));
  CHECK(named.serial() == 1);
  report = client.update({change(full, addresses(2, 101))});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("www.example.com").size() == 100);
}

TEST_CASE("limits: an RRset of 150 under a limit of 100 does not survive a restart") {
  Named named({.zone_text = kHead + records("www", addresses(1, 150)),
               .zone_options = "update-policy { grant ronda zonesub ANY; };"
                               " max-records-per-type 0;",
               .control = true});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet large = client.read(key_of("www.example.com")).value();
  REQUIRE(large.data.size() == 150);
  std::string config = read_file(named.folder() + "/named.conf");
  const std::string limit = "max-records-per-type 0";
  config.replace(config.find(limit), limit.size(), "max-records-per-type 100");
  write_file(named.folder() + "/named.conf", config);
  named.rndc({"reconfig"});
  const UpdateReport report = client.update({change(large, addresses(2, 150))});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("www.example.com").size() == 149);
  named.kill();
  named.start();
  const ReadResult gone = client.read(key_of("www.example.com"));
  REQUIRE_FALSE(gone);
  CHECK(gone.error().rcode == Rcode::SERVFAIL);
  CHECK_THAT(gone.error().detail, ContainsSubstring("the zone is not loaded"));
}

TEST_CASE("limits: update-policy A(2) ignores a third record with NOERROR") {
  const Named named({.zone_text = kHead + "www A 192.0.2.1\nwww A 192.0.2.2\n",
                     .zone_options = "update-policy { grant ronda zonesub A(2) AAAA; };"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet both = client.read(key_of("www.example.com")).value();
  const UpdateReport report =
      client.update({change(both, {"192.0.2.1", "192.0.2.2", "192.0.2.3"})});
  INFO(to_string(report.rrsets[0].outcome.kind));
  CHECK((report.rrsets[0].outcome.kind == OutcomeKind::unknown ||
         report.rrsets[0].outcome.kind == OutcomeKind::rejected));
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("A(2)"));
  CHECK(named.serial() == 1);
}

TEST_CASE("limits: missing private keys") {
  Named named({.zone_text = kHead,
               .zone_options = "update-policy { grant ronda zonesub ANY; };\n"
                               "  dnssec-policy p; inline-signing no;",
               .statements = kPolicy});
  ClientFixture client(named.address(), named.port(), named.key_path());
  UpdateReport report = client.update({change(rrset("a.example.com", {}), {"192.0.2.1"})});
  REQUIRE(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  int removed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(named.folder())) {
    if (entry.path().extension() == ".private") {
      removed += std::filesystem::remove(entry.path()) ? 1 : 0;
    }
  }
  REQUIRE(removed == 1);
  named.kill();
  named.start();
  REQUIRE(client.read(key_of("a.example.com")));
  report = client.update({change(rrset("b.example.com", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::SERVFAIL);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("private keys"));
  CHECK(named.lookup("b.example.com").empty());
}

TEST_CASE("last address of an NS host") {
  const Named named({.zone_text = kHead + "ns AAAA 2001:db8::1\n"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet four = client.read(key_of("ns.example.com")).value();
  const RrSet six = client.read(key_of("ns.example.com", RrType::AAAA)).value();
  UpdateReport report = client.update({change(four, {})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  report = client.update({change(six, {})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::REFUSED);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("NS or MX"));
  CHECK(named.lookup("ns.example.com", "AAAA").size() == 1);
}

TEST_CASE("no fault found: reload, reconfig, sync, freeze, edit and thaw between updates") {
  Named named({.zone_text = kHead,
               .zone_options = "update-policy { grant ronda zonesub ANY; }; max-journal-size 100m;",
               .control = true});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const std::string zone = "example.com";
  const std::vector<std::vector<std::string>> disturbances{
      {"reload"}, {"reconfig"}, {"sync", "-clean", zone}, {"freeze", zone}};
  int refused = 0;
  Strings present;
  for (int round = 0; round < 12; ++round) {
    const auto& disturbance = disturbances[static_cast<std::size_t>(round) % 4];
    named.rndc(disturbance);
    const bool frozen = disturbance.front() == "freeze";
    const std::string owner = "n" + std::to_string(round) + ".example.com";
    UpdateReport report = client.update({change(rrset(owner, {}), {"192.0.2.1"})});
    INFO(disturbance.front() << ": " << report.rrsets[0].outcome.detail);
    if (frozen) {
      ++refused;
      CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
      CHECK(report.rrsets[0].outcome.rcode == Rcode::REFUSED);
      CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("rndc thaw"));
      std::string text = read_file(named.folder() + "/zone.db");
      text += "hand" + std::to_string(round) + ".example.com. 60 IN A 192.0.2.99\n";
      write_file(named.folder() + "/zone.db", text);
      // rndc returns before the zone is read anew, and until then it stays frozen.
      named.rndc({"thaw", zone});
      CHECK(eventually(std::chrono::seconds(5), [&] {
        report = client.update({change(rrset(owner, {}), {"192.0.2.1"})});
        return report.rrsets[0].outcome.kind == OutcomeKind::applied;
      }));
    }
    REQUIRE(report.rrsets[0].outcome.kind == OutcomeKind::applied);
    present.push_back(owner);
  }
  CHECK(refused == 3);
  for (const std::string& owner : present) {
    CHECK(named.lookup(owner) == Strings{"192.0.2.1"});
  }
}

}  // namespace
}  // namespace ronda::test
