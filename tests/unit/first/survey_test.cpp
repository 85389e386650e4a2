#include "agent/first/survey.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace agent;
using dnsupdate::RrType;

dnsupdate::ResourceRecord record(const std::string& owner, RrType type, const std::string& data) {
  return {.owner = name(owner),
          .type = type,
          .ttl = 300,
          .rdata = dnsupdate::Rdata::parse(type, data).value().wire()};
}

Strings names_of(const SurveyReport& report) {
  Strings names;
  for (const FoundOwner& owner : report.owners) {
    names.push_back(owner.owner.to_string());
  }
  return names;
}

std::string all_notes(const SurveyReport& report) {
  std::string text;
  for (const std::string& note : report.notes) {
    text += note + "\n";
  }
  return text;
}

TEST_CASE("two addresses of one family make a name worth watching") {
  Survey survey(name("example.com"));
  for (const auto& [owner, type, data] : {std::tuple{"four.example.com", RrType::A, "192.0.2.2"},
                                          {"four.example.com", RrType::A, "192.0.2.1"},
                                          {"six.example.com", RrType::AAAA, "2001:db8::1"},
                                          {"six.example.com", RrType::AAAA, "2001:db8::2"},
                                          {"dual.example.com", RrType::A, "192.0.2.1"},
                                          {"dual.example.com", RrType::AAAA, "2001:db8::1"},
                                          {"one.example.com", RrType::A, "192.0.2.1"},
                                          {"example.com", RrType::A, "192.0.2.1"},
                                          {"EXAMPLE.com", RrType::A, "192.0.2.2"},
                                          {"*.example.com", RrType::A, "192.0.2.1"},
                                          {"*.example.com", RrType::A, "192.0.2.2"},
                                          {"sub.example.com", RrType::NS, "ns.sub.example.com"},
                                          {"ns.sub.example.com", RrType::A, "192.0.2.1"},
                                          {"ns.sub.example.com", RrType::A, "192.0.2.2"},
                                          {"bad.example.com", RrType::A, "0.0.0.0"},
                                          {"bad.example.com", RrType::A, "192.0.2.2"},
                                          {"example.com", RrType::MX, "10 four.example.com"},
                                          {"example.com", RrType::NS, "six.example.com"}}) {
    survey.add(record(owner, type, data));
  }
  const SurveyReport report = survey.finish();
  CHECK(names_of(report) == Strings{"example.com", "four.example.com", "six.example.com"});
  CHECK(report.owners[0].role == Role::none);
  CHECK(report.owners[1].role == Role::mail);
  CHECK(report.owners[1].addresses.front().to_string() == "192.0.2.1");
  CHECK(report.owners[1].ttl == 300);
  CHECK(report.owners[2].role == Role::name_server);
  const std::string notes = all_notes(report);
  for (const char* left_out : {"dual.example.com", "one.example.com", "*.example.com",
                               "ns.sub.example.com", "0.0.0.0 of bad.example.com"}) {
    CHECK_THAT(notes, ContainsSubstring(left_out));
  }
}

TEST_CASE("of single names: those asked for with one address too, none that a wildcard answers") {
  Survey survey(name("example.com"));
  survey.want(name("one.example.com"));
  survey.add(rrset("one.example.com", {"192.0.2.1"}));
  survey.add(rrset("gone.example.com", {}));
  survey.add(rrset("*.example.com", {"192.0.2.7", "192.0.2.8"}));
  survey.add(rrset("www.example.com", {"192.0.2.7", "192.0.2.8"}));
  survey.add(rrset("own.example.com", {"192.0.2.7", "192.0.2.9"}));
  const SurveyReport report = survey.finish();
  CHECK(names_of(report) == Strings{"one.example.com", "own.example.com"});
  CHECK_THAT(all_notes(report), ContainsSubstring("from the wildcard: www.example.com"));
}

TEST_CASE("many names in a note are counted") {
  Survey survey(name("example.com"));
  for (int i = 0; i < 30; ++i) {
    survey.add(record("h" + std::to_string(i) + ".example.com", RrType::A, "192.0.2.1"));
  }
  CHECK_THAT(all_notes(survey.finish()), ContainsSubstring(" and 22 more"));
}

TEST_CASE("names on the command line") {
  const dnsupdate::Name zone = name("example.com");
  CHECK(name_in_zone("www", zone).value() == name("www.example.com"));
  CHECK(name_in_zone("@", zone).value() == zone);
  CHECK(name_in_zone("a.b.Example.com.", zone).value() == name("a.b.example.com"));
  CHECK_THAT(name_in_zone("www.example.net", zone).error(), ContainsSubstring("lies outside"));
  CHECK_THAT(name_in_zone("www.", zone).error(), ContainsSubstring("lies outside"));
  CHECK_THAT(name_in_zone("b\xc3\xbc", zone).error(), ContainsSubstring("xn--"));
  CHECK_FALSE(name_in_zone(
      std::string(63, 'a'),
      name(std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(63, 'd'))));
}

}  // namespace
}  // namespace ronda::test
