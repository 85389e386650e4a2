// `ronda probe` with a config and real replicas: one check at one address, its exit codes, its
// dialogue, and that no secret shows.
#include <string>

#include <nlohmann/json.hpp>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using Catch::Matchers::StartsWith;
using nlohmann::json;

namespace {

constexpr std::uint16_t kFtpPort = 28621;

Finished probe(const Site& site, const std::string& check, const std::string& target,
               const Arguments& more = {}) {
  Arguments all{"probe", check, target, "-c", site.config().string()};
  all.insert(all.end(), more.begin(), more.end());
  return run_ronda(all);
}

}  // namespace

TEST_CASE("a check at an address, at a replica, at a port, and its exit codes") {
  Site site(2);
  site.write_config();
  for (const std::string& target : {loopback(1), loopback(1) + ":" + std::to_string(kHttpPort),
                                    kOwner + std::string("/web1")}) {
    const Finished well = probe(site, "web", target);
    INFO(target << well.output << well.errors);
    CHECK(well.code == 0);
    CHECK_THAT(well.output,
               StartsWith("PASS L7OK web " + loopback(1) + ":28080: status 200 | time="));
  }
  const Finished closed = probe(site, "web", loopback(1) + ":28999");
  CHECK(closed.code == 2);
  CHECK_THAT(closed.output, StartsWith("FAIL L4CON web " + loopback(1) + ":28999: "));
  const Finished nobody = probe(site, "web", loopback(9));  // an address of no replica
  CHECK(nobody.code == 2);
  CHECK(site.named().update_count() == 0);
}

TEST_CASE("each address of a replica is asked, and the worst decides") {
  Site site(1);
  site.folder().write("ronda.json", R"({ "checks": { "web": { "type": "http", "path": "/health",
      "port": )" + std::to_string(kHttpPort) +
                                        R"( } }, "services": [ { "name": "www.example.com",
      "type": "none", "checks": ["web"], "replicas": [ { "name": "web1", "addresses": [")" +
                                        loopback(1) + R"(", ")" + loopback(9) + "\"] } ] } ] }");
  const Finished told = probe(site, "web", "www.example.com/web1", {"--explain"});
  INFO(told.output << told.errors);
  CHECK(told.code == 2);
  CHECK_THAT(told.output, ContainsSubstring(" < HTTP/1.1 200 OK\n") &&
                              ContainsSubstring("PASS L7OK web " + loopback(1) + ":28080: ") &&
                              ContainsSubstring("FAIL L4CON web " + loopback(9) + ":28080: "));
  const Finished finished = probe(site, "web", "www.example.com/web1", {"--json"});
  CHECK(finished.code == 2);
  const json report = json::parse(finished.output);
  CHECK(report.at("exit") == 2);
  CHECK(report.at("address") == loopback(9) + ":28080");
  REQUIRE(report.at("addresses").size() == 2);
  CHECK(report.at("addresses")[0].at("verdict") == "pass");
}

TEST_CASE("a check is tried before any service uses it, and before there is one") {
  Site site(1);
  const auto write = [&](const std::string& services) {
    site.folder().write("ronda.json", R"({ "checks": {
        "old": { "type": "tcp", "port": 7 }, "new": { "type": "http", "path": "/health", "port": )" +
                                          std::to_string(kHttpPort) + R"( } }, "services": [)" +
                                          services + "] }");
  };
  write(R"({ "name": "www.example.com", "type": "none", "checks": ["old"], "replicas": [")" +
        loopback(1) + "\"] }");
  for (const std::string& target : {loopback(1), "www.example.com/" + loopback(1)}) {
    const Finished asked = probe(site, "new", target, {"--explain"});
    INFO(asked.output << asked.errors);
    CHECK(asked.code == 0);
    CHECK_THAT(asked.output, ContainsSubstring(" > Host: www.example.com\n"));
  }
  write("");
  const Finished alone = probe(site, "new", loopback(1));
  INFO(alone.output << alone.errors);
  CHECK(alone.code == 0);
  const Finished valid = run_ronda({"validate", "-c", site.config().string()});
  CHECK(valid.code == 0);
  CHECK_THAT(valid.errors, ContainsSubstring("\"new\" is used by no service"));
}

TEST_CASE("the dialogue of an HTTP check, as text and as JSON") {
  Site site(1);
  site.write_config();
  const Finished told = probe(site, "web", loopback(1), {"--explain"});
  INFO(told.output << told.errors);
  CHECK(told.code == 0);
  for (const char* line : {" > GET /health HTTP/1.1\n", " > Host: www.example.com\n",
                           " < HTTP/1.1 200 OK\n", " * Connected to "}) {
    CHECK_THAT(told.output, ContainsSubstring(line));
  }
  const Finished finished = probe(site, "web", loopback(1), {"--explain", "--json"});
  const json report = json::parse(finished.output);
  CHECK(finished.errors.empty());
  CHECK(report.at("verdict") == "pass");
  CHECK(report.at("exit") == 0);
  CHECK(report.at("address") == loopback(1) + ":28080");
  CHECK(report.at("phases").at("tls").is_null());
  CHECK(report.at("phases").at("connect").is_number());
  CHECK(report.at("dialogue").size() > 5);
  CHECK(report.at("errors").empty());
}

TEST_CASE("the dialogue of an FTP check over TLS shows the certificate it met") {
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "DNS:www.example.com");
  Vsftpd vsftpd(loopback(1), kFtpPort, 28630, certificates);
  Site site(1);
  site.folder().write("login", "nobody-here\nhidden-word\n", std::filesystem::perms(0600));
  ConfigText text;
  text.check = R"("type": "ftp", "port": )" + std::to_string(kFtpPort) +
               R"(, "tls": "starttls", "login_file": "login", "ca_file": )" +
               json_text(certificates.ca);
  site.write_config(text);
  const Finished told = probe(site, "web", loopback(1), {"--explain"});
  INFO(told.output << told.errors);
  CHECK(told.code == 2);
  CHECK_THAT(told.output, ContainsSubstring(" > USER nobody-here\n"));
  CHECK_THAT(told.output, ContainsSubstring(" * TLSv1"));
  CHECK_THAT(told.output,
             ContainsSubstring(" * certificate CN=server, issued by CN=Test CA, until 20"));
  CHECK_THAT(told.output, ContainsSubstring(" * verified, the chain until 20"));
  CHECK_THAT(told.output, ContainsSubstring("FAIL L7STS web "));
  const json report = json::parse(probe(site, "web", loopback(1), {"--json"}).output);
  for (const char* key : {"cert_not_after", "cert_chain_not_after"}) {
    CHECK_THAT(report.at(key).get<std::string>(), StartsWith("20"));
  }
  CHECK_THAT(told.output, !ContainsSubstring("hidden-word"));
}

TEST_CASE("the dialogue of an HTTP login shows no password") {
  Site site(1);
  site.folder().write("login", "me\nhidden-word\n", std::filesystem::perms(0600));
  ConfigText text;
  text.check = R"("type": "http", "port": )" + std::to_string(kHttpPort) +
               R"(, "path": "/health", "basic_auth_file": "login")";
  site.write_config(text);
  const Finished told = probe(site, "web", loopback(1), {"--explain"});
  INFO(told.output << told.errors);
  CHECK(told.code == 0);
  CHECK_THAT(told.output, ContainsSubstring(" > Authorization: Basic ***\n"));
  CHECK_THAT(told.output, !ContainsSubstring("bWU6aGlkZGVuLXdvcmQ="));
  // A file that everybody may read is no place for a password.
  std::filesystem::permissions(site.folder() / "login", std::filesystem::perms(0644));
  const Finished open = probe(site, "web", loopback(1));
  CHECK(open.code == 3);
  CHECK_THAT(open.errors, ContainsSubstring("chmod 640"));
}

TEST_CASE("a check by a program: its command line, words and exit, also at an address of nobody") {
  Site site(1);
  site.folder().write("plugin",
                      "#!/bin/sh\necho \"$1 is slow | time=1\"\necho \"$RONDA_REPLICA\"\n"
                      "echo oops >&2\nexit 1\n",
                      std::filesystem::perms(0755));
  ConfigText text;
  text.check = R"("type": "exec", "argv": ["plugin", "{address}"])";
  site.write_config(text);
  const Finished refused = probe(site, "web", loopback(1));
  CHECK(refused.code == 3);
  CHECK_THAT(refused.errors, ContainsSubstring("\"allow_exec\": true"));

  text.before = R"("allow_exec": true, )";
  site.write_config(text);
  const Finished told = probe(site, "web", loopback(1), {"--explain"});
  INFO(told.output << told.errors);
  CHECK(told.code == 1);
  for (const std::string& line :
       {" > " + (site.folder() / "plugin").string() + " " + loopback(1) + "\n",
        " < " + loopback(1) + " is slow | time=1\n", std::string(" < web1\n"),
        std::string(" * stderr: oops\n"), std::string(" * exit 1\n"),
        "WARN L7OKC web " + loopback(1) + ": " + loopback(1) + " is slow | time="}) {
    CHECK_THAT(told.output, ContainsSubstring(line));
  }
  const Finished other = probe(site, "web", loopback(9), {"--explain"});
  CHECK_THAT(other.output, ContainsSubstring(" < " + loopback(9) + " is slow"));
  CHECK_THAT(other.output, ContainsSubstring(" < " + loopback(9) + "\n"));
  CHECK_THAT(other.output, !ContainsSubstring("web1"));
}

TEST_CASE("what cannot be probed is refused with a sentence and 3") {
  Site site(1);
  site.write_config();
  const std::pair<Arguments, const char*> rows[] = {
      {{"wbe", loopback(1)}, "did you mean \"web\"?"},
      {{"web", "www.example.com"}, "never to a name"},
      {{"web", "www.example.com/nobody"}, "no replica"},
  };
  for (const auto& [words, why] : rows) {
    const Finished refused = probe(site, words[0], words[1]);
    INFO(refused.output << refused.errors);
    CHECK(refused.code == 3);
    CHECK(refused.output.empty());
    CHECK_THAT(refused.errors, ContainsSubstring(why));
    const Finished as_json = probe(site, words[0], words[1], {"--json"});
    CHECK(json::parse(as_json.output).at("errors").size() == 1);
  }
  site.folder().write("ronda.json", "{");
  CHECK(probe(site, "web", loopback(1)).code == 3);
  CHECK(json::parse(probe(site, "web", loopback(1), {"--json"}).output).at("exit") == 3);
}

TEST_CASE("a program that is too late gets its two seconds also where ronda ends with it") {
  const TempFolder folder;
  const std::string cleaned = (folder / "cleaned").string();
  folder.write(
      "plugin",
      "#!/bin/sh\ntrap 'sleep 0.5; echo yes >" + cleaned + "; exit' TERM\nsleep 20 &\nwait\n",
      std::filesystem::perms(0755));
  const std::string config =
      folder
          .write("ronda.json",
                 R"({ "allow_exec": true, "checks": { "slow": { "type": "exec", "timeout": "300ms",
                      "fall": 1, "argv": [)" +
                     json_text(folder / "plugin") + R"(] } },
                      "services": [ { "name": "w", "type": "none", "checks": ["slow"],
                      "replicas": ["127.0.0.1"] } ] })")
          .string();
  const Arguments command = GENERATE(Arguments{"probe", "slow", "127.0.0.1"}, Arguments{"check"});
  Arguments all = command;
  all.insert(all.end(), {"-c", config});
  const Finished finished = run_ronda(all);
  INFO(finished.output << finished.errors);
  CHECK(finished.code == 2);
  CHECK_THAT(finished.output, ContainsSubstring("no end within 300ms"));
  CHECK(std::filesystem::exists(cleaned));
}
