#include "dnsupdate/update/update_request.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

// One line a record: "owner class type ttl [rdata]".
Strings lines(const std::vector<ResourceRecord>& records) {
  Strings result;
  for (const ResourceRecord& record : records) {
    std::string line = record.owner.to_string() + " " + to_string(record.rr_class) + " " +
                       to_string(record.type) + " " + std::to_string(record.ttl);
    if (!record.rdata.empty()) {
      line += " " + Rdata::from_wire(record.type, record.rdata).value().to_string();
    }
    result.push_back(line);
  }
  return result;
}

TEST_CASE("update_message: header and zone section") {
  const Message message = update_message(name("example.com"), {});
  CHECK(message.header == Header{.opcode = Opcode::UPDATE});
  REQUIRE(message.question.size() == 1);
  CHECK(message.question[0] == Question{.name = name("example.com"), .type = RrType::SOA});
}

struct Row {
  const char* what;
  std::vector<RrsetChange> changes;
  Strings prerequisites;
  Strings updates;
};

TEST_CASE("update_message: prerequisites and updates") {
  const RrSet two = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});
  const RrSet none = rrset("www.example.com", {});
  const RrSet alias = rrset("www.example.com", {"a.example.net"}, RrType::CNAME);
  const RrSet no_alias = rrset("www.example.com", {}, RrType::CNAME);
  const std::vector<Row> rows = {
      {"swap",
       {change(two, {"192.0.2.2", "192.0.2.3"}, 30)},
       {"www.example.com IN A 0 192.0.2.1", "www.example.com IN A 0 192.0.2.2",
        "www.example.com NONE CNAME 0"},
       {"www.example.com NONE A 0 192.0.2.1", "www.example.com IN A 30 192.0.2.3"}},
      {"remove one: nothing is added, so no word about CNAME",
       {change(two, {"192.0.2.2"})},
       {"www.example.com IN A 0 192.0.2.1", "www.example.com IN A 0 192.0.2.2"},
       {"www.example.com NONE A 0 192.0.2.1"}},
      {"remove all: each record read, never the RRset as such",
       {change(two, {})},
       {"www.example.com IN A 0 192.0.2.1", "www.example.com IN A 0 192.0.2.2"},
       {"www.example.com NONE A 0 192.0.2.1", "www.example.com NONE A 0 192.0.2.2"}},
      {"create",
       {change(none, {"192.0.2.1"})},
       {"www.example.com NONE A 0", "www.example.com NONE CNAME 0"},
       {"www.example.com IN A 60 192.0.2.1"}},
      {"two types of one owner: one word about CNAME",
       {change(none, {"192.0.2.1"}),
        change(rrset("www.example.com", {}, RrType::AAAA), {"2001:db8::1"})},
       {"www.example.com NONE A 0", "www.example.com NONE CNAME 0", "www.example.com NONE AAAA 0"},
       {"www.example.com IN A 60 192.0.2.1", "www.example.com IN AAAA 60 2001:db8::1"}},
      {"an address instead of a CNAME: deletes before adds",
       {change(none, {"192.0.2.1"}), change(alias, {})},
       {"www.example.com NONE A 0", "www.example.com IN CNAME 0 a.example.net"},
       {"www.example.com NONE CNAME 0 a.example.net", "www.example.com IN A 60 192.0.2.1"}},
      {"a CNAME where nothing is: no other data either",
       {change(no_alias, {"b.example.net"})},
       {"www.example.com NONE CNAME 0", "www.example.com NONE ANY 0"},
       {"www.example.com IN CNAME 60 b.example.net"}},
      {"a CNAME for another",
       {change(alias, {"b.example.net"})},
       {"www.example.com IN CNAME 0 a.example.net"},
       {"www.example.com NONE CNAME 0 a.example.net", "www.example.com IN CNAME 60 b.example.net"}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const Message message = update_message(name("example.com"), row.changes);
    CHECK(lines(message.answer) == row.prerequisites);
    CHECK(lines(message.authority) == row.updates);
    CHECK(message.additional.empty());
  }
}

TEST_CASE("update_message keeps the zone's spelling of the owner") {
  const RrSet observed = rrset("UpPer.example.com", {"192.0.2.1"});
  const RrsetChange lower{.observed = observed,
                          .wanted = rrset("upper.example.com", {"192.0.2.1", "192.0.2.2"})};
  for (const auto& record : update_message(name("example.com"), {lower}).authority) {
    CHECK(record.owner.to_string() == "UpPer.example.com");
  }
}

TEST_CASE("to_nsupdate_text") {
  const RrSet two = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});
  CHECK(to_nsupdate_text(name("example.com"),
                         {change(two, {"192.0.2.2", "192.0.2.3"}, 30),
                          change(rrset("c.example.com", {}, RrType::CNAME), {"d.example.net"})}) ==
        "zone example.com.\n"
        "prereq yxrrset www.example.com. IN A 192.0.2.1\n"
        "prereq yxrrset www.example.com. IN A 192.0.2.2\n"
        "prereq nxrrset www.example.com. IN CNAME\n"
        "prereq nxrrset c.example.com. IN CNAME\n"
        "prereq nxdomain c.example.com.\n"
        "update delete www.example.com. IN A 192.0.2.1\n"
        "update add www.example.com. 30 IN A 192.0.2.3\n"
        "update add c.example.com. 60 IN CNAME d.example.net\n"
        "send\n");
}

TEST_CASE("questions that change nothing") {
  const Message exact = exact_question(
      name("example.com"), {rrset("a.example.com", {"192.0.2.1"}), rrset("b.example.com", {})});
  CHECK(lines(exact.answer) == Strings{"a.example.com IN A 0 192.0.2.1", "b.example.com NONE A 0"});
  CHECK(exact.authority.empty());
  CHECK(lines(presence_question(name("example.com"), key_of("a.example.com"), true).answer) ==
        Strings{"a.example.com ANY A 0"});
  CHECK(lines(presence_question(name("example.com"), key_of("a.example.com"), false).answer) ==
        Strings{"a.example.com NONE A 0"});
  CHECK_FALSE(query_message(key_of("a.example.com")).header.rd);
}

TEST_CASE("update_message: another TTL goes with a removal too, unless the RRset is full") {
  const RrSet two = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});
  CHECK(lines(update_message(name("example.com"), {change(two, {"192.0.2.1"}, 5)}).authority) ==
        Strings{"www.example.com NONE A 0 192.0.2.2", "www.example.com IN A 5 192.0.2.1"});
  CHECK(update_message(name("example.com"), {change(two, {"192.0.2.1"})}).authority.size() == 1);
  CHECK(update_message(name("example.com"), {change(two, {}, 5)}).authority.size() == 2);
  Strings many;
  for (int i = 1; i <= 102; ++i) {
    many.push_back("192.0.2." + std::to_string(i));
  }
  const RrSet full = rrset("www.example.com", many);
  many.pop_back();
  CHECK(update_message(name("example.com"), {change(full, many, 5)}).authority.size() == 1);
}

TEST_CASE("update_message: the zone's own NS are added before the old ones go") {
  const RrSet apex = rrset("example.com", {"ns1.example.com"}, RrType::NS);
  const auto updates =
      lines(update_message(name("example.com"), {change(apex, {"ns2.example.com"})}).authority);
  CHECK(updates ==
        Strings{"example.com IN NS 60 ns2.example.com", "example.com NONE NS 0 ns1.example.com"});
  const RrSet below = rrset("sub.example.com", {"ns1.example.com"}, RrType::NS);
  CHECK(update_message(name("example.com"), {change(below, {"ns2.example.com"})})
            .authority[0]
            .rr_class == RrClass::NONE);
}

}  // namespace
}  // namespace ronda::test
