// `ronda doctor` on what lies between this host and the primary's word: the way there, the key, the
// clocks.
#include <filesystem>

#include "tests/e2e/clinic.hpp"
#include "tests/e2e/markdown.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named_process.hpp"

using namespace ronda::test;

namespace {

// named's key under another algorithm or name.
std::filesystem::path changed_key(const Clinic& clinic, const std::string& original,
                                  const std::string& what, const std::string& with) {
  const std::string text = replace_all(read_file(std::filesystem::path(original)), what, with);
  return clinic.folder().write("changed.key", text, std::filesystem::perms(0600));
}

NamedOptions with_clock(const std::string& milliseconds) {
  NamedOptions options;
  options.environment = {"LD_PRELOAD=" RONDA_SKEWED_CLOCK, "CLOCK_SKEW_MS=" + milliseconds};
  return options;
}

}  // namespace

TEST_CASE("all is well") {
  Clinic clinic;
  const auto serial = clinic.named().serial();
  const Examination examination = clinic.examine();
  INFO(examination.report.dump(2));
  CHECK(examination.code == 0);
  CHECK(examination.complaints() == Complaints{"skip journal"});
  CHECK_THAT(text_of(examination.only("skip", "journal")), ContainsSubstring("only a real change"));
  examination.only("ok", "key");
  examination.only("ok", "clock");
  examination.only("ok", "updates");
  CHECK_THAT(text_of(examination.only("ok", "version")), ContainsSubstring("9."));
  CHECK(examination.only("ok", "policy").at("subject") == "www.example.com A");
  CHECK(clinic.named().serial() == serial);
}

TEST_CASE("over UDP and TCP alike, with an inline-signed zone too") {
  NamedOptions options;
  options.zone_options =
      "update-policy { grant ronda name www.example.com A; }; "
      "dnssec-policy default; inline-signing yes;";
  Clinic clinic(options);
  for (const char* transport : {"udp", "tcp"}) {
    INFO(transport);
    clinic.write_config({.more_zone = R"(, "transport": ")" + std::string(transport) + "\""});
    const Examination examination = clinic.examine();
    CHECK(examination.code == 0);
    CHECK(examination.complaints() == Complaints{"skip journal"});
  }
}

TEST_CASE("a primary over TLS, and one whose certificate is somebody else's") {
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder.path(), "IP:127.0.0.1");
  const std::uint16_t port = find_free_port("127.0.0.1");
  NamedOptions options;
  options.options = "listen-on port " + std::to_string(port) + " tls ours { 127.0.0.1; };";
  options.statements = "tls ours { cert-file " + json_text(certificates.certificate) +
                       "; key-file " + json_text(certificates.key) + "; };";
  Clinic clinic(options);
  ClinicConfig config{.server = "127.0.0.1:" + std::to_string(port)};
  const auto with_tls = [&](const std::string& name) {
    config.more_zone =
        R"(, "transport": "tls", "tls": { "ca_file": )" + json_text(certificates.ca) + name + " }";
    clinic.write_config(config);
    return clinic.examine();
  };
  CHECK(with_tls("").code == 0);
  const Examination wrong = with_tls(R"(, "name": "ns.example.org")");
  CHECK(wrong.code == 3);
  CHECK_THAT(text_of(wrong.only("lost", "primary")), ContainsSubstring("certificate"));
  CHECK_THAT(mend_of(wrong.only("lost", "primary")), ContainsSubstring("\"ca_file\", \"name\""));
}

TEST_CASE("one line a finding, in text as in JSON") {
  Clinic clinic;
  const Examination examination = clinic.examine();
  const Finished text = run_ronda({"doctor", "-c", clinic.config().string()});
  CHECK(text.code == 0);
  CHECK(text.errors.empty());
  const auto lines = lines_of(text.output);
  const auto& findings = examination.report.at("findings");
  INFO(text.output);
  REQUIRE(lines.size() == findings.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i].starts_with(findings[i].at("grade").get<std::string>() + " "));
    CHECK_THAT(lines[i], ContainsSubstring(" " + findings[i].at("topic").get<std::string>() + " "));
    CHECK_THAT(lines[i],
               ContainsSubstring(" " + findings[i].at("subject").get<std::string>() + ": "));
  }
}

TEST_CASE("a bad config is one set of errors, and nothing is asked") {
  Clinic clinic;
  clinic.folder().write("ronda.json", "{ \"zones\": [], \"servces\": [] }");
  const Arguments words{"doctor", "-c", clinic.config().string()};
  const Finished validated = run_ronda({"validate", "-c", clinic.config().string()});
  const Finished text = run_ronda(words);
  CHECK(text.code == 3);
  CHECK(text.output.empty());
  CHECK(text.errors == validated.errors);
  const Finished run = run_ronda({"doctor", "-c", clinic.config().string(), "--json"});
  CHECK(run.code == 3);
  CHECK(run.errors.empty());
  const auto report = nlohmann::json::parse(run.output);
  CHECK(report.at("exit") == 3);
  CHECK(report.at("findings").empty());
  REQUIRE_FALSE(report.at("errors").empty());
  CHECK_THAT(report.at("errors").at(0).get<std::string>(), ContainsSubstring("ronda.json:1:"));
}

TEST_CASE("a key of another name") {
  Clinic clinic;
  clinic.write_config(
      {.key_file = changed_key(clinic, clinic.named().key_path(), "\"ronda\"", "\"rondo\"")});
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad key"});
  const auto finding = examination.only("bad", "key");
  CHECK_THAT(text_of(finding), ContainsSubstring("no key called \"rondo\""));
  CHECK_THAT(text_of(finding), ContainsSubstring("BADKEY"));
  CHECK_THAT(mend_of(finding), ContainsSubstring("rndc reconfig"));
}

TEST_CASE("the right name of another algorithm") {
  Clinic clinic;
  const auto wrong = changed_key(clinic, clinic.named().key_path(), "hmac-sha256", "hmac-sha512");
  clinic.write_config({.key_file = wrong});
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad key"});
  const auto finding = examination.only("bad", "key");
  CHECK_THAT(text_of(finding),
             ContainsSubstring("as hmac-sha256, and " + wrong.string() + " says hmac-sha512"));
  CHECK(mend_of(finding) == "`algorithm hmac-sha256;` in " + wrong.string());

  // The cure.
  clinic.write_config(
      {.key_file = changed_key(clinic, wrong.string(), "hmac-sha512", "hmac-sha256")});
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("the right name of another secret, and of another algorithm besides") {
  Clinic clinic;
  const std::string wrong = clinic.named().write_key("wrong.key", "ronda");
  clinic.write_config({.key_file = wrong});
  const Examination secret = clinic.examine();
  CHECK(secret.code == 2);
  CHECK(secret.complaints() == Complaints{"bad key"});
  CHECK_THAT(text_of(secret.only("bad", "key")), ContainsSubstring("another secret"));
  CHECK_THAT(text_of(secret.only("bad", "key")), ContainsSubstring("BADSIG"));
  CHECK_THAT(mend_of(secret.only("bad", "key")), ContainsSubstring("copy the key file"));

  clinic.write_config({.key_file = changed_key(clinic, wrong, "hmac-sha256", "hmac-sha384")});
  const Examination both = clinic.examine();
  CHECK(both.complaints() == Complaints{"bad key"});
  CHECK_THAT(text_of(both.only("bad", "key")), ContainsSubstring("the secrets differ too"));

  // The cure.
  std::filesystem::copy_file(clinic.named().key_path(), wrong,
                             std::filesystem::copy_options::overwrite_existing);
  clinic.write_config({.key_file = wrong});
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("a key that is accepted though nobody should use it any more") {
  NamedOptions options;
  options.algorithm = "hmac-sha1";
  Clinic clinic(options);
  const Examination examination = clinic.examine();
  CHECK(examination.code == 1);
  CHECK_THAT(mend_of(examination.only("warn", "key")), ContainsSubstring("tsig-keygen ronda"));
}

TEST_CASE("clocks 301 s apart, both ways") {
  struct Row {
    const char* skew;
    const char* direction;
  };
  // Half a second more: the second may turn between signing and verifying, and servers read a clock
  // that is some milliseconds old.
  for (const Row& row :
       {Row{"301500", "s ahead of this host's"}, Row{"-301500", "s behind this"}}) {
    INFO(row.skew);
    Clinic clinic(with_clock(row.skew));
    const Examination examination = clinic.examine();
    CHECK(examination.code == 2);
    CHECK(examination.complaints() == Complaints{"bad clock"});
    const auto finding = examination.only("bad", "clock");
    CHECK_THAT(text_of(finding), ContainsSubstring("BADTIME"));
    CHECK_THAT(text_of(finding), ContainsSubstring("clock is 30"));
    CHECK_THAT(text_of(finding), ContainsSubstring(row.direction));
    CHECK_THAT(mend_of(finding), ContainsSubstring("timedatectl set-ntp true"));
  }
}

TEST_CASE("clocks that drift apart are told before it is too late") {
  for (const char* skew : {"290000", "-290000"}) {
    INFO(skew);
    Clinic clinic(with_clock(skew));
    const Examination examination = clinic.examine();
    CHECK(examination.code == 1);
    CHECK(examination.complaints() == Complaints{"warn clock", "skip journal"});
  }
}

TEST_CASE("a primary that cannot be reached, or is silent") {
  Clinic clinic;
  clinic.named().stop();
  const Examination refused = clinic.examine();
  CHECK(refused.code == 3);
  CHECK(refused.complaints() == Complaints{"lost primary"});
  CHECK_THAT(text_of(refused.only("lost", "primary")), ContainsSubstring("refused"));
  CHECK_THAT(mend_of(refused.only("lost", "primary")), ContainsSubstring("listen-on"));

  clinic.named().start();
  clinic.named().pause();
  clinic.write_config({.more_zone = R"(, "timeout": "300ms")"});
  const Examination silent = clinic.examine_writing({});
  CHECK(silent.code == 3);
  CHECK_THAT(text_of(silent.only("lost", "primary")), ContainsSubstring("no answer"));
  clinic.named().resume();
  CHECK(clinic.examine().code == 0);
}
