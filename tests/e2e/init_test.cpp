// `ronda init` on a real named: what it finds, that its config and its policy are good for what it
// says, and what it does when the zone is not handed out or the file is there.
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "tests/e2e/markdown.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

// Names that are watched over, and every kind that is not.
std::string records() {
  return "www A " + loopback(1) + "\nwww A " + loopback(2) + "\n@ A " + loopback(1) + "\n@ A " +
         loopback(2) + "\n" +
         "single A 192.0.2.9\ndual A 192.0.2.9\ndual AAAA 2001:db8::9\n"
         "*.wild A 192.0.2.1\n*.wild A 192.0.2.2\nalias CNAME www\n"
         "sub NS ns.sub\nns.sub A 192.0.2.53\nns.sub A 192.0.2.54\n"
         "zero A 0.0.0.0\nzero A 192.0.2.1\n"
         "a\\\"b\\\\c\\;d A " +
         loopback(1) + "\na\\\"b\\\\c\\;d A " + loopback(2) + "\n" + "xn--bcher-kva A " +
         loopback(1) + "\nxn--bcher-kva A " + loopback(2) + "\n";
}

NamedOptions zone_of(const std::string& text, const std::string& zone_options) {
  NamedOptions options;
  options.zone_text = zone_text(text);
  options.zone_options = zone_options;
  return options;
}

const Arguments kHealth{"--port", std::to_string(kHttpPort), "--path", "/health"};

Arguments init_command(const Named& named, const Arguments& more = kHealth) {
  Arguments all{"init", "example.com", "--server", named.server(), "-k", named.key_path()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Finished init_in(const TempFolder& folder, const Arguments& arguments) {
  return run_ronda(arguments, {.folder = folder.path()});
}

// From `word` to the end of the statement it begins.
std::string statement(const std::string& text, const std::string& word) {
  const std::size_t start = text.find("\n" + word) + 1;
  REQUIRE(start != 0);
  const std::size_t end = text.find("\n};", start);
  REQUIRE(end != std::string::npos);
  return text.substr(start, end + 3 - start);
}

// The zone block of a running named, changed as a reader of the output would change it.
void paste_policy(Named& named, const std::string& old_options, const std::string& policy) {
  const fs::path file = fs::path(named.folder()) / "named.conf";
  const std::string text = read_file(file);
  REQUIRE(text.find(old_options) != std::string::npos);
  std::ofstream(file) << replace_all(text, old_options, old_options + "\n" + policy);
  named.stop();
  named.start();
}

void enforce(const fs::path& config) {
  const std::string text = read_file(config);
  std::ofstream(config) << replace_all(
      replace_all(text, "\"mode\": \"observe\"", "\"mode\": \"enforce\""), "\"2s\"", "\"100ms\"");
}

}  // namespace

TEST_CASE("from the zone to a config that works, with no more leave than was printed") {
  const std::string transfer = "allow-transfer { key ronda; }; check-names ignore;";
  Site site(2, zone_of(records(), transfer));
  const TempFolder folder;
  const Finished made = init_in(folder, init_command(site.named()));
  INFO(made.output << made.errors);
  REQUIRE(made.code == 0);
  const std::string config = read_file(folder / "ronda.json");
  INFO(config);

  // What is left out is said.
  for (const char* said :
       {"single.example.com", "dual.example.com", "*.wild.example.com", "ns.sub.example.com",
        "left out 0.0.0.0 of zero.example.com", "wrote ronda.json: 4 services in observe mode"}) {
    CHECK_THAT(made.errors, ContainsSubstring(said));
  }
  CHECK_THAT(config, !ContainsSubstring("\"name\": \"single"));
  CHECK_THAT(config, ContainsSubstring(R"("name": "a\\\"b\\\\c\\;d.example.com")") &&
                         ContainsSubstring(R"("name": "xn--bcher-kva.example.com")") &&
                         ContainsSubstring(R"("name": "example.com")"));
  CHECK_THAT(made.output,
             ContainsSubstring("grant ronda name www.example.com A AAAA;") &&
                 ContainsSubstring("tsig-keygen") &&
                 ContainsSubstring(R"(grant ronda name "a\034b\092c\059d.example.com" A AAAA;)") &&
                 ContainsSubstring("include \"" + site.named().key_path() + "\";"));
  // The secret is nowhere.
  const std::string key = read_file(site.named().key_path());
  const std::string secret = key.substr(key.find("secret \"") + 8, 40);
  CHECK_THAT(config + made.output + made.errors, !ContainsSubstring(secret));

  const std::string file = (folder / "ronda.json").string();
  const Finished valid = run_ronda({"validate", "-c", file});
  INFO(valid.output << valid.errors);
  CHECK(valid.code == 0);
  CHECK_THAT(valid.errors, !ContainsSubstring("warning"));

  // As it is written it observes.
  const Finished well = run_ronda({"check", "-c", file});
  INFO(well.output << well.errors);
  CHECK(well.code == 0);
  site.replica(2).stop();
  CHECK(run_ronda({"check", "-c", file}).code == 1);
  CHECK(site.named().update_count() == 0);

  // Enforced before the policy is there: refused. With it: done, and nothing else is.
  enforce(file);
  CHECK(run_ronda({"check", "-c", file}).code == 2);
  CHECK(site.named().serial() == 1);
  paste_policy(site.named(), transfer, statement(made.output, "update-policy {"));
  const Finished changed = run_ronda({"check", "-c", file});
  INFO(changed.output << changed.errors);
  CHECK(changed.code == 1);
  for (const char* name : {"www.example.com", "example.com", "xn--bcher-kva.example.com"}) {
    CHECK(site.named().lookup(name) == Addresses{loopback(1)});
  }
  CHECK(site.named().lookup("a\\\"b\\\\c\\;d.example.com") == Addresses{loopback(1)});
  CHECK(site.named().lookup("single.example.com") == Addresses{"192.0.2.9"});
}

TEST_CASE("a file that is there is never overwritten, and a link is a file") {
  const Named named(zone_of("www A 192.0.2.1\nwww A 192.0.2.2\n", ""));
  const TempFolder folder;
  folder.write("ronda.json", "mine\n");
  const Finished refused = init_in(folder, init_command(named));
  CHECK(refused.code == 1);
  CHECK(refused.errors ==
        "ronda: ronda.json is there already and is never overwritten: name another with -o FILE\n");
  CHECK(refused.output.empty());
  CHECK(read_file(folder / "ronda.json") == "mine\n");

  fs::create_symlink("nowhere", folder / "link.json");
  Arguments to_link = init_command(named);
  to_link.insert(to_link.end(), {"-o", "link.json"});
  CHECK(init_in(folder, to_link).code == 1);
  CHECK_FALSE(fs::exists(folder / "nowhere"));

  Arguments elsewhere = init_command(named);
  elsewhere.insert(elsewhere.end(), {"-o", "no/such/folder.json"});
  const Finished no_folder = init_in(folder, elsewhere);
  CHECK(no_folder.code == 1);
  CHECK_THAT(no_folder.errors, ContainsSubstring("cannot be written: No such file or directory"));
}

TEST_CASE("to stdout, without a key: where it goes and how it is made") {
  const Named named(zone_of("www A 192.0.2.1\nwww A 192.0.2.2\n", ""));
  const TempFolder folder;
  const Finished made = init_in(
      folder, {"init", "example.com", "--server", named.server(), "--type", "http", "-o", "-"});
  INFO(made.output << made.errors);
  CHECK(made.code == 0);
  CHECK_THAT(made.output, StartsWith("{\n") && ContainsSubstring("/etc/bind/ronda.key"));
  CHECK_THAT(made.errors, ContainsSubstring("tsig-keygen ronda > /etc/bind/ronda.key") &&
                              ContainsSubstring("grant ronda name www.example.com A AAAA;"));
  CHECK(fs::is_empty(folder.path()));
  const fs::path file =
      folder.write("ronda.json", replace_all(made.output, "/etc/bind/ronda.key", named.key_path()));
  CHECK(run_ronda({"validate", "-c", file.string()}).code == 0);
}

TEST_CASE("a zone that is not handed out: the usual names, or those named") {
  const Named named(
      zone_of("www A 192.0.2.1\nwww A 192.0.2.2\nodd A 192.0.2.3\nodd A 192.0.2.4\n"
              "* A 192.0.2.7\n* A 192.0.2.8\none A 192.0.2.1\nalias CNAME www\n",
              "allow-transfer { none; };"));
  const TempFolder folder;
  const Arguments quick{"--type", "http"};
  const Finished usual = init_in(folder, init_command(named, quick));
  INFO(usual.output << usual.errors);
  CHECK(usual.code == 0);
  CHECK_THAT(usual.errors, ContainsSubstring("does not hand the zone \"example.com\" out (REFUSED)"
                                             ": its allow-transfer does not list the key"));
  CHECK_THAT(usual.errors, ContainsSubstring("come from the wildcard"));
  CHECK_THAT(usual.output, ContainsSubstring("name www.example.com A") &&
                               !ContainsSubstring("mail.example.com") &&
                               !ContainsSubstring("odd.example.com"));

  const Finished chosen = init_in(
      folder, init_command(named, {"--type", "http", "--name", "odd", "--name", "one.example.com",
                                   "--name", "alias", "-o", "chosen.json"}));
  INFO(chosen.errors);
  CHECK(chosen.code == 0);
  CHECK_THAT(chosen.errors, ContainsSubstring("alias.example.com is an alias"));
  CHECK_THAT(chosen.output, ContainsSubstring("name odd.example.com A AAAA;") &&
                                ContainsSubstring("name one.example.com A AAAA;") &&
                                !ContainsSubstring("www"));
  CHECK_THAT(read_file(folder / "chosen.json"), ContainsSubstring("add another replica"));
  CHECK(run_ronda({"validate", "-c", (folder / "chosen.json").string()}).code == 0);
}

TEST_CASE("what init cannot do, it says in one sentence and writes nothing") {
  Named named(
      zone_of("one A 192.0.2.1\nalias CNAME www\nsub NS ns.sub\nns.sub A 192.0.2.53\n", ""));
  const std::string unknown = named.write_key("unknown.key", "unknown");
  const std::string wrong = named.write_key("wrong.key", "ronda");
  const std::string at = named.server();
  struct Case {
    Arguments arguments;
    int code;
    std::string sentence;
  };
  const Case cases[] = {
      {{"init", "example.com", "--server", at}, 1, "found no name in \"example.com\""},
      {{"init", "www.example.com", "--server", at}, 1, "run: ronda init example.com"},
      {{"init", "example.net", "--server", at}, 1, "REFUSED"},
      {{"init", "example.com", "--server", at, "--name", "www.example.net"}, 64, "lies outside"},
      {{"init", "example.com", "--server", at, "--name", "no.such"}, 64, "lies outside"},
      {{"init", "example.com", "--server", at, "--name", "*"}, 1, "found no name"},
      {{"init", "example.com", "--server", at, "--name", "sub"}, 1, "found no name"},
      {{"init", "b\xc3\xbc.example", "--server", at}, 64, "xn--"},
      {{"init", "example.com", "--server", at, "-k", "/no/such.key"}, 1, "cannot be read"},
      {{"init", "example.com", "--server", at, "-k", unknown}, 1, "BADKEY"},
      {{"init", "example.com", "--server", at, "-k", wrong}, 1, "BADSIG"},
      {{"init", "example.com", "--server", loopback(99) + ":28053"}, 1, "is named running"},
      {{"init"}, 64, "zone"},
  };
  for (const Case& one : cases) {
    const TempFolder folder;
    const Finished finished = init_in(folder, one.arguments);
    INFO(one.sentence << "\n" << finished.output << finished.errors);
    CHECK(finished.code == one.code);
    CHECK_THAT(finished.errors, ContainsSubstring(one.sentence));
    CHECK(fs::is_empty(folder.path()));
  }
  CHECK(named.update_count() == 0);
}
