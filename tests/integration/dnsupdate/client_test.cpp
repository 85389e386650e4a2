#include "dnsupdate/io/client.hpp"

#include <algorithm>

#include "dnsupdate/update/update_request.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

constexpr const char* kZone =
    "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
    "www A 192.0.2.1\nwww A 192.0.2.2\nUpPer A 192.0.2.9\n"
    "alias CNAME www\nsub NS ns.sub\nns.sub A 127.0.0.1\ntree DNAME other.example.net.\n";

NamedOptions zone_options(const std::string& policy = "grant ronda zonesub ANY;") {
  return {.zone_text = kZone, .zone_options = "update-policy { " + policy + " };"};
}

TEST_CASE("read: records at exactly the owner, and what is no answer") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path());

  const ReadResult www = client.read(key_of("www.example.com"));
  REQUIRE(www);
  CHECK(www->to_strings() == Strings{"192.0.2.1", "192.0.2.2"});
  CHECK(www->ttl == 60);
  const ReadResult upper = client.read(key_of("upper.example.com"));
  REQUIRE(upper);
  CHECK(upper->key.owner.to_string() == "UpPer.example.com");
  CHECK(client.read(key_of("none.example.com"))->empty());
  CHECK(client.read(key_of("www.example.com", RrType::AAAA))->empty());
  CHECK(client.read(key_of("alias.example.com")).error().kind == ReadFaultKind::alias);
  CHECK(client.read(key_of("a.tree.example.com")).error().kind == ReadFaultKind::alias);
  CHECK(client.read(key_of("x.sub.example.com")).error().kind == ReadFaultKind::referral);
  const ReadResult foreign = client.read(key_of("www.example.org"));
  CHECK(foreign.error().kind == ReadFaultKind::refused);
  CHECK(foreign.error().rcode == Rcode::REFUSED);
  CHECK(named.update_count() == 0);
}

TEST_CASE("update: add, remove, create, delete, nothing to do") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path());

  const RrSet www = client.read(key_of("www.example.com")).value();
  UpdateReport report = client.update({change(www, {"192.0.2.1", "192.0.2.3"})});
  REQUIRE(report.rrsets.size() == 1);
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NOERROR);
  CHECK(report.rrsets[0].outcome.detail.empty());
  CHECK(report.rrsets[0].observed->to_strings() == Strings{"192.0.2.1", "192.0.2.3"});
  REQUIRE(report.messages.size() == 1);
  CHECK(report.messages[0].serial == 2U);
  CHECK(report.messages[0].owners == std::vector<Name>{name("www.example.com")});
  CHECK(named.lookup("www.example.com") == Strings{"192.0.2.1", "192.0.2.3"});
  CHECK(named.serial() == 2);

  const RrSet now = report.rrsets[0].observed.value();
  report = client.update({change(now, {"192.0.2.1", "192.0.2.3"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unchanged);
  CHECK(report.messages.empty());
  CHECK(named.update_count() == 1);

  const RrSet fresh = client.read(key_of("new.example.com")).value();
  report = client.update({change(fresh, {"192.0.2.7"}, 30), change(now, {})});
  CHECK(report.messages.size() == 1);
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->ttl == 30);
  CHECK(report.rrsets[1].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("new.example.com") == Strings{"192.0.2.7"});
  CHECK(named.lookup("www.example.com").empty());
}

TEST_CASE("update: a stale observation is a conflict, and the fresh set comes back") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path());

  const RrSet stale = rrset("www.example.com", {"192.0.2.1"});
  UpdateReport report = client.update({change(stale, {"192.0.2.5"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NXRRSET);
  CHECK_FALSE(report.rrsets[0].outcome.detail.empty());
  CHECK(report.rrsets[0].observed->to_strings() == Strings{"192.0.2.1", "192.0.2.2"});
  CHECK(named.serial() == 1);

  const RrSet absent = rrset("www.example.com", {});
  report = client.update({change(absent, {"192.0.2.1", "192.0.2.2"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unchanged);
  CHECK(named.serial() == 1);
}

TEST_CASE("update: an address beside a CNAME is never a silent no-op") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path());
  const UpdateReport report =
      client.update({change(rrset("alias.example.com", {}), {"192.0.2.5"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::conflict);
  CHECK(named.serial() == 1);
}

TEST_CASE("a wrong key name and a wrong secret are told apart, with the cure") {
  const Named named(zone_options());
  const std::string other = named.write_key("other.key", "other");
  ClientFixture stranger(named.address(), named.port(), other);
  const auto results = stranger.read(
      {key_of("www.example.com"), key_of("ns.example.com"), key_of("www.example.com")});
  for (const ReadResult& result : results) {
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ReadFaultKind::unauthenticated);
    CHECK(result.error().rcode == Rcode::NOTAUTH);
    CHECK(result.error().tsig_error == TsigError::BADKEY);
    CHECK_THAT(result.error().detail, ContainsSubstring("\"other\"") &&
                                          ContainsSubstring(named.server()) &&
                                          ContainsSubstring("named.conf"));
  }
  const RrSet www = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});
  UpdateReport report = stranger.update({change(www, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NOTAUTH);
  CHECK(report.rrsets[0].outcome.tsig_error == TsigError::BADKEY);

  const std::string wrong = named.write_key("wrong.key", "ronda");
  ClientFixture liar(named.address(), named.port(), wrong);
  const ReadResult result = liar.read(key_of("www.example.com"));
  REQUIRE_FALSE(result);
  CHECK(result.error().tsig_error == TsigError::BADSIG);
  CHECK_THAT(result.error().detail, ContainsSubstring("secret"));
  report = liar.update({change(www, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK(report.rrsets[0].outcome.tsig_error == TsigError::BADSIG);
  CHECK(named.serial() == 1);
}

TEST_CASE("a zone the server does not serve") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path(),
                       {.zone = name("www.example.com")});
  const UpdateReport report =
      client.update({change(rrset("a.www.example.com", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[0].outcome.rcode == Rcode::NOTAUTH);
  CHECK_FALSE(report.rrsets[0].outcome.tsig_error);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("not the primary of zone"));
}

TEST_CASE("nobody listens") {
  Named named(zone_options());
  named.kill();
  ClientFixture client(named.address(), named.port(), named.key_path());
  const ReadResult result = client.read(key_of("www.example.com"));
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ReadFaultKind::unreachable);
  CHECK(result.error().detail ==
        "connection to " + named.server() + " refused: is named running and listening there?");
  const UpdateReport report = client.update({change(rrset("www.example.com", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  named.start();
  CHECK(client.read(key_of("www.example.com")));
}

TEST_CASE("one denied name does not take the batch down") {
  const Named named(zone_options("deny ronda name b.example.com. A; grant ronda zonesub A;"));
  ClientFixture client(named.address(), named.port(), named.key_path());
  const UpdateReport report = client.update({change(rrset("a.example.com", {}), {"192.0.2.1"}),
                                             change(rrset("b.example.com", {}), {"192.0.2.2"}),
                                             change(rrset("c.example.com", {}), {"192.0.2.3"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[1].outcome.kind == OutcomeKind::rejected);
  CHECK(report.rrsets[1].outcome.rcode == Rcode::REFUSED);
  CHECK_THAT(report.rrsets[1].outcome.detail, ContainsSubstring("update-policy"));
  CHECK(report.rrsets[2].outcome.kind == OutcomeKind::applied);
  CHECK(report.messages.size() == 4);
  CHECK(named.lookup("a.example.com") == Strings{"192.0.2.1"});
  CHECK(named.lookup("b.example.com").empty());
  CHECK(named.lookup("c.example.com") == Strings{"192.0.2.3"});
}

TEST_CASE("a hundred pipelined reads") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path());
  std::vector<RrsetKey> keys;
  for (int i = 0; i < 100; ++i) {
    keys.push_back(
        key_of(i % 3 == 0 ? "www.example.com" : "n" + std::to_string(i) + ".example.com"));
  }
  const auto results = client.read(keys);
  REQUIRE(results.size() == 100);
  for (std::size_t i = 0; i < results.size(); ++i) {
    REQUIRE(results[i]);
    CHECK(results[i]->data.size() == (i % 3 == 0 ? 2U : 0U));
  }
}

TEST_CASE("over UDP: read, update, and what is too large goes over TCP") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path(),
                       {.transport = Transport::udp});
  const RrSet www = client.read(key_of("www.example.com")).value();
  UpdateReport report = client.update({change(www, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  Strings many;
  for (int i = 1; i <= 60; ++i) {
    many.push_back("192.0.2." + std::to_string(i));
  }
  report = client.update({change(*report.rrsets[0].observed, many)});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].observed->data.size() == 60);
  CHECK(client.read(key_of("www.example.com"))->data.size() == 60);
}

TEST_CASE("the connection is reopened after the server went away and came back") {
  Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path());
  REQUIRE(client.read(key_of("www.example.com")));
  named.kill();
  named.start();
  CHECK(client.read(key_of("www.example.com")));
}

TEST_CASE("a paused primary: unknown, never applied, and it may land later") {
  Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path(),
                       {.timeout = std::chrono::milliseconds(300)});
  const RrSet www = client.read(key_of("www.example.com")).value();
  named.pause();
  const UpdateReport report = client.update({change(www, {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_FALSE(report.rrsets[0].observed);
  named.resume();
  REQUIRE(client.read(key_of("www.example.com")));
}

TEST_CASE("the text for nsupdate does the same as the message") {
  const Named named(zone_options());
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet www = client.read(key_of("www.example.com")).value();
  const RrSet txt = client.read(key_of("txt.example.com", RrType::TXT)).value();
  const std::string text =
      to_nsupdate_text(name("example.com"),
                       {change(www, {"192.0.2.1", "192.0.2.8"}, 60),
                        change(txt, {"\"two words\" \"quote \\\" here\""}, 60),
                        change(rrset("mx.example.com", {}, RrType::MX), {"10 ns.example.com"})});
  const std::string path = named.folder() + "/commands";
  write_file(path, "server " + named.address() + " " + std::to_string(named.port()) + "\n" + text);
  const std::string output = run_command({"/usr/bin/nsupdate", "-k", named.key_path(), "-v", path});
  CHECK(output.empty());
  CHECK(named.lookup("www.example.com") == Strings{"192.0.2.1", "192.0.2.8"});
  CHECK(named.lookup("txt.example.com", "TXT") == Strings{"\"two words\" \"quote \\\" here\""});
  CHECK(named.lookup("mx.example.com", "MX") == Strings{"10 ns.example.com."});
  CHECK(named.serial() == 2);
  CHECK(named.update_count() == 1);
  // The prerequisites are in the text too: the same commands again must fail.
  CHECK_THAT(run_command({"/usr/bin/nsupdate", "-k", named.key_path(), "-v", path}),
             ContainsSubstring("update failed: "));
}

}  // namespace
}  // namespace ronda::test
