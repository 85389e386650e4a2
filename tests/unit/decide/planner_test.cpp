#include "agent/decide/planner.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::RrSet;
using dnsupdate::RrsetChange;
using dnsupdate::RrType;
using test::ips;

ServiceConfig www(std::string_view members) {
  ServiceConfig service = test::service_of(members);
  service.name = dnsupdate::Name::parse("www.example.com").value();
  return service;
}

RrSet set_of(RrType type, std::uint32_t ttl, std::string_view addresses,
             std::string_view owner = "www.example.com") {
  RrSet set{.key = {dnsupdate::Name::parse(owner).value(), type}, .ttl = ttl};
  for (const net::IpAddress& address : ips(addresses)) {
    set.insert(to_rdata(address));
  }
  return set;
}

TEST_CASE("planner: a service owns the families it has members or fallbacks of", "[planner]") {
  CHECK(rrset_keys(www("192.0.2.1")).size() == 1);
  CHECK(rrset_keys(www("192.0.2.1")).front().type == RrType::A);
  CHECK(rrset_keys(www("2001:db8::1")).front().type == RrType::AAAA);
  CHECK(rrset_keys(www("192.0.2.1 2001:db8::1")).size() == 2);
  ServiceConfig service = www("192.0.2.1");
  service.fallback = ips("2001:db8::9");
  CHECK(rrset_keys(service).size() == 2);
  service.probes_only = true;
  CHECK(rrset_keys(service).empty());
}

TEST_CASE("planner: addresses to records and back", "[planner]") {
  const auto all = ips("192.0.2.1 192.0.2.255 2001:db8::1 2001:db8::ffff");
  const std::vector<RrSet> sets = {set_of(RrType::AAAA, 30, "2001:db8::ffff 2001:db8::1"),
                                   set_of(RrType::A, 30, "192.0.2.255 192.0.2.1")};
  CHECK(addresses(sets) == all);
  CHECK(to_rdata(all[1]).to_string() == "192.0.2.255");
  CHECK(to_rdata(all[3]).to_string() == "2001:db8::ffff");
}

TEST_CASE("planner: no difference, no change", "[planner]") {
  ServiceConfig service = www("192.0.2.1 192.0.2.2");
  service.ttl = 60;
  const std::vector<RrSet> observed = {set_of(RrType::A, 300, "192.0.2.2 192.0.2.1")};
  CHECK(plan_changes(service, observed, ips("192.0.2.1 192.0.2.2")).empty());
  CHECK(plan_changes(service, {}, {}).empty());
}

TEST_CASE("planner: TTLs", "[planner]") {
  ServiceConfig service = www("192.0.2.1 192.0.2.2");
  const std::vector<RrSet> observed = {set_of(RrType::A, 300, "192.0.2.2")};
  CHECK(plan_changes(service, observed, ips("192.0.2.1")).at(0).wanted.ttl == 300);
  CHECK(plan_changes(service, {}, ips("192.0.2.1")).at(0).wanted.ttl == 30);
  const std::vector<RrSet> missing = {set_of(RrType::A, 0, "")};
  CHECK(plan_changes(service, missing, ips("192.0.2.1")).at(0).wanted.ttl == 30);
  service.ttl = 60;
  CHECK(plan_changes(service, observed, ips("192.0.2.1")).at(0).wanted.ttl == 60);
  CHECK(plan_changes(service, {}, ips("192.0.2.1")).at(0).wanted.ttl == 60);
}

TEST_CASE("planner: what was read is passed on as it was, in the zone's spelling", "[planner]") {
  const std::vector<RrSet> observed = {
      set_of(RrType::A, 300, "192.0.2.1 192.0.2.9", "WWW.Example.COM")};
  const auto changes = plan_changes(www("192.0.2.1"), observed, ips("192.0.2.1"));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].observed == observed[0]);
  CHECK(changes[0].wanted.key.owner.to_string() == "WWW.Example.COM");
  CHECK(changes[0].wanted.to_strings() == std::vector<std::string>{"192.0.2.1"});
}

TEST_CASE("planner: an empty wanted set removes, in a fixed order", "[planner]") {
  const std::vector<RrSet> observed = {set_of(RrType::AAAA, 60, "2001:db8::1"),
                                       set_of(RrType::A, 60, "192.0.2.1")};
  const auto changes = plan_changes(www("2001:db8::1 192.0.2.1"), observed, {});
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].wanted == set_of(RrType::A, 0, ""));
  CHECK(changes[1].wanted == set_of(RrType::AAAA, 0, ""));
}

TEST_CASE("planner: families", "[planner]") {
  SECTION("one change each") {
    const std::vector<RrSet> observed = {set_of(RrType::A, 60, "192.0.2.1")};
    const auto changes =
        plan_changes(www("192.0.2.1 2001:db8::1"), observed, ips("192.0.2.1 2001:db8::1"));
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].wanted == set_of(RrType::AAAA, 30, "2001:db8::1"));
  }
  SECTION("a retired address in a family the service has left goes") {
    const std::vector<RrSet> observed = {set_of(RrType::A, 60, "192.0.2.1"),
                                         set_of(RrType::AAAA, 60, "2001:db8::1")};
    const auto changes = plan_changes(www("192.0.2.1"), observed, ips("192.0.2.1"));
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].observed == observed[1]);
    CHECK(changes[0].wanted.empty());
  }
  SECTION("a family that is neither ours nor read is left alone") {
    CHECK(plan_changes(www("192.0.2.1"), {}, ips("2001:db8::1")).empty());
  }
}

TEST_CASE("planner: other owners and other types are nobody's business", "[planner]") {
  const std::vector<RrSet> observed = {set_of(RrType::A, 60, "192.0.2.7", "mail.example.com"),
                                       set_of(RrType::A, 60, "192.0.2.1")};
  CHECK(plan_changes(www("192.0.2.1"), observed, ips("192.0.2.1")).empty());
  ServiceConfig probes_only = www("192.0.2.1");
  probes_only.probes_only = true;
  CHECK(plan_changes(probes_only, observed, {}).empty());
}

}  // namespace
}  // namespace ronda::agent
