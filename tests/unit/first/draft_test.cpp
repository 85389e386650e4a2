#include "agent/first/draft.hpp"

#include "agent/config/reader.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace agent;

Draft draft_of(const Strings& owners, std::size_t addresses = 2) {
  Draft draft;
  draft.zone = name("example.com");
  draft.primary = "ns1.example.com";
  draft.primary_how = "named by the zone's SOA";
  draft.key_file = "/etc/bind/ronda.key";
  draft.settings = "example.com";
  for (const std::string& owner : owners) {
    FoundOwner found{.owner = name(owner), .ttl = 3600};
    for (std::size_t i = 1; i <= addresses; ++i) {
      found.addresses.push_back(*net::IpAddress::parse("192.0.2." + std::to_string(i)));
    }
    draft.services.push_back(
        {.owner = found, .check = guess_check(found.owner, Role::none, {}, {})});
  }
  return draft;
}

// What the config's reader finds besides the key file, which is not there.
Strings problems(const Draft& draft) {
  Strings all;
  const ConfigResult config = read_config_text("/tmp/ronda.json", config_text(draft));
  if (!config) {
    for (const ConfigProblem& problem : config.error()) {
      if (problem.pointer != "/zones/0/key_file") {
        all.push_back(problem.to_string());
      }
    }
  }
  return all;
}

TEST_CASE("the config has nothing to complain about but a key that is still to be made") {
  for (const Draft& draft :
       {draft_of({"www.example.com", "mail.example.com", "ftp.example.com", "example.com"}),
        draft_of({"a\\\"b\\\\c\\;d\\000.example.com"}), draft_of({"one.example.com"}, 1),
        draft_of({"www.example.com"}, 200)}) {
    INFO(config_text(draft));
    CHECK(problems(draft) == Strings{});
  }
}

TEST_CASE("each check once, named after its kind and where need be its port") {
  Draft draft = draft_of({"www.example.com", "api.example.com", "odd.example.com"});
  draft.services[2].check = guess_check(name("odd.example.com"), Role::none, {.port = 8081}, {});
  const std::string text = config_text(draft);
  CHECK_THAT(text, ContainsSubstring("\"http\": { \"type\": \"http\", \"path\": \"/\"") &&
                       ContainsSubstring("\"tcp-8081\": { \"type\": \"tcp\", \"port\": 8081 }") &&
                       ContainsSubstring("\"checks\": [\"tcp-8081\"]"));
  CHECK(text.find("\"type\": \"http\"") == text.rfind("\"type\": \"http\""));
}

TEST_CASE("comments say what a reader should know") {
  const std::string text = config_text(draft_of({"www.example.com"}, 1));
  for (const char* said : {"Clients keep an address for 1h after it left the zone",
                           "The last address is never removed", "\"mode\": \"observe\"",
                           "named by the zone's SOA", "tsig-keygen makes it"}) {
    CHECK_THAT(text, ContainsSubstring(said));
  }
}

TEST_CASE("the policy grants each owner its addresses and nothing else") {
  Draft draft = draft_of({"www.example.com", "example.com"});
  draft.key_name = "ronda-web";
  const std::string text = policy_text(draft);
  CHECK_THAT(text, ContainsSubstring("update-policy {\n"
                                     "    grant ronda-web name www.example.com A AAAA;\n"
                                     "    grant ronda-web name example.com A AAAA;\n};\n"));
  CHECK_THAT(text, ContainsSubstring("tsig-keygen ronda-web > /etc/bind/ronda.key"));
  draft.key_made = true;
  CHECK_THAT(policy_text(draft), !ContainsSubstring("install -m"));
}

TEST_CASE("text for JSON and for named.conf") {
  CHECK(to_json_text("a\"b\\c\n\x01") == R"("a\"b\\c\u000a\u0001")");
  CHECK(to_named_word(name("www.example.com")) == "www.example.com");
  CHECK(to_named_word(name("_a-b.example.com")) == "_a-b.example.com");
  CHECK(to_named_word(name("a\\\"b\\\\c\\;d\\007.example.com")) ==
        R"("a\034b\092c\059d\007.example.com")");
}

}  // namespace
}  // namespace ronda::test
