// `ronda doctor` on the zone and its names: policy, views, freezing, aliases, cuts, wildcards, TTL.
#include <filesystem>

#include "tests/e2e/clinic.hpp"
#include "tests/e2e/markdown.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;

namespace {

constexpr const char* kPolicy = "update-policy { grant ronda zonesub ANY; };";

NamedOptions with_policy(const std::string& policy) {
  NamedOptions options;
  options.zone_options = policy;
  return with_control(options);
}

NamedOptions with_records(const std::string& records) {
  NamedOptions options;
  options.zone_text = zone_text(records);
  return options;
}

// The statement between the first two backquotes of a cure.
std::string first_command(const nlohmann::json& finding) {
  const std::string mend = mend_of(finding);
  const std::size_t start = mend.find('`') + 1;
  return mend.substr(start, mend.find('`', start) - start);
}

}  // namespace

TEST_CASE("a policy without the name, or without the type") {
  Clinic clinic(with_policy("update-policy { grant ronda name mail.example.com A AAAA; };"));
  const Examination name = clinic.examine();
  CHECK(name.code == 2);
  CHECK(name.complaints() == Complaints{"skip journal", "bad policy"});
  const auto finding = name.only("bad", "policy");
  CHECK(finding.at("subject") == "www.example.com A");
  CHECK_THAT(text_of(finding), ContainsSubstring("does not let the key \"ronda\" change"));
  CHECK(first_command(finding) == "grant ronda name www.example.com A;");

  // The cure, and it is of this type only.
  clinic.named().reconfigure([&](NamedOptions& options) {
    options.zone_options = "update-policy { " + first_command(finding) + " };";
  });
  CHECK(clinic.examine().code == 0);
  clinic.write_config({.replicas = R"("192.0.2.1", "2001:db8::1")"});
  const Examination type = clinic.examine();
  CHECK(type.code == 2);
  CHECK(type.only("ok", "policy").at("subject") == "www.example.com A");
  CHECK(type.only("bad", "policy").at("subject") == "www.example.com AAAA");
  CHECK(first_command(type.only("bad", "policy")) == "grant ronda name www.example.com AAAA;");
}

TEST_CASE("a static zone") {
  Clinic clinic(with_policy(""));
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad updates"});
  const auto finding = examination.only("bad", "updates");
  CHECK_THAT(text_of(finding), ContainsSubstring("neither an update-policy nor an allow-update"));
  CHECK_THAT(mend_of(finding), ContainsSubstring("grant ronda name NAME A AAAA;"));
  CHECK_THAT(clinic.named().rndc({"zonestatus", "example.com"}), ContainsSubstring("dynamic: no"));

  clinic.named().reconfigure([](NamedOptions& options) {
    options.zone_options = "update-policy { grant ronda name www.example.com A AAAA; };";
  });
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("a frozen zone") {
  Clinic clinic(with_policy(kPolicy));
  clinic.named().rndc({"freeze", "example.com"});
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad updates"});
  const auto finding = examination.only("bad", "updates");
  CHECK_THAT(text_of(finding), ContainsSubstring("it is frozen"));
  CHECK_THAT(mend_of(finding), ContainsSubstring("with \"frozen: yes\" `rndc thaw example.com`"));
  CHECK_THAT(clinic.named().rndc({"zonestatus", "example.com"}), ContainsSubstring("frozen: yes"));

  clinic.named().rndc({"thaw", "example.com"});
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("a zone that is not there, and a name that lies in another zone") {
  Clinic clinic;
  clinic.write_config({.zone = "example.org", .owner = "www.example.org"});
  const Examination absent = clinic.examine();
  CHECK(absent.code == 2);
  CHECK(absent.complaints() == Complaints{"bad zone"});
  CHECK_THAT(text_of(absent.only("bad", "zone")), ContainsSubstring("does not have the zone"));

  clinic.write_config({.zone = "www.example.com"});
  const Examination parent = clinic.examine();
  CHECK(parent.code == 2);
  CHECK(parent.complaints() == Complaints{"bad zone"});
  CHECK_THAT(text_of(parent.only("bad", "zone")), ContainsSubstring("the zone \"example.com\""));
  CHECK(mend_of(parent.only("bad", "zone")) == R"("zone": "example.com" in the config)");
  clinic.write_config();
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("a zone that did not load") {
  NamedOptions options;
  options.statements = R"(zone "broken.test" { type primary; file "broken.db";)"
                       " update-policy { grant ronda zonesub ANY; }; };";
  options.files["broken.db"] = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS nowhere\n";
  Clinic clinic(with_control(options));
  clinic.write_config({.zone = "broken.test", .owner = "www.broken.test"});
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  const auto finding = examination.only("bad", "zone");
  CHECK_THAT(text_of(finding), ContainsSubstring("not loaded"));

  const std::filesystem::path file = std::filesystem::path(clinic.named().folder()) / "broken.db";
  std::filesystem::copy_file(std::filesystem::path(clinic.named().folder()) / "zone.db", file,
                             std::filesystem::copy_options::overwrite_existing);
  clinic.named().rndc({"reload", "broken.test"});
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("allow-query leaves the key out") {
  Clinic clinic(with_policy(std::string(kPolicy) + " allow-query { 192.0.2.9; };"));
  const Examination examination = clinic.examine_writing({});
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad zone"});
  const auto finding = examination.only("bad", "zone");
  CHECK_THAT(text_of(finding), ContainsSubstring("allow-query"));
  CHECK(first_command(finding) == "allow-query { key ronda; };");
  clinic.named().reconfigure([&](NamedOptions& options) {
    options.zone_options = std::string(kPolicy) + " allow-query { 192.0.2.9; key ronda; };";
  });
  CHECK(clinic.examine_writing({}).code == 0);
}

TEST_CASE("the key leads into a view without the zone") {
  NamedOptions options = with_policy(kPolicy);
  options.statements = R"(view "other" { match-clients { key ronda; }; zone "example.org" {)"
                       R"( type primary; file "zone.db"; }; };)";
  options.view = "match-clients { any; };";
  Clinic clinic(options);
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad view"});
  const auto finding = examination.only("bad", "view");
  CHECK_THAT(text_of(finding), ContainsSubstring("in another view"));
  CHECK(first_command(finding) == "match-clients { key ronda; };");

  clinic.named().reconfigure([](NamedOptions& changed) {
    changed.statements = "";
    changed.view = "match-clients { key ronda; any; };";
  });
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("the key leads into a view with another copy of the zone") {
  NamedOptions options = with_policy(kPolicy);
  options.statements = R"(view "other" { match-clients { key ronda; }; zone "example.com" {)"
                       R"( type primary; file "other.db"; }; };)";
  options.files["other.db"] = replace_all(healthy_zone(), "hostmaster 1", "hostmaster 7");
  options.view = "match-clients { any; };";
  Clinic clinic(options);
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad updates"});
  CHECK_THAT(text_of(examination.only("bad", "updates")), ContainsSubstring("the wrong view"));

  // A view of its own, and writable, is no fault.
  clinic.named().reconfigure([](NamedOptions& changed) {
    changed.statements = replace_all(changed.statements, "\"other.db\";",
                                     "\"other.db\"; update-policy { grant ronda zonesub ANY; };");
  });
  const Examination own = clinic.examine();
  CHECK(own.code == 0);
  CHECK_THAT(text_of(own.only("ok", "view")), ContainsSubstring("a view of its own"));
}

TEST_CASE("an alias at the name, and one above it") {
  Clinic clinic(with_records("www CNAME other\nother A 192.0.2.1\nshop DNAME other\n"));
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"skip journal", "bad name"});
  const auto finding = examination.only("bad", "name");
  CHECK_THAT(text_of(finding), ContainsSubstring("alias (CNAME at www.example.com)"));
  CHECK_THAT(mend_of(finding), ContainsSubstring("`update delete www.example.com. CNAME`"));

  clinic.write_config({.owner = "a.shop.example.com"});
  const Examination above = clinic.examine();
  CHECK(above.code == 2);
  CHECK_THAT(text_of(above.only("bad", "name")), ContainsSubstring("DNAME at shop.example.com"));
  CHECK_THAT(mend_of(above.only("bad", "name")), ContainsSubstring("the DNAME leads to"));

  clinic.update("update delete www.example.com. CNAME\n");
  clinic.write_config();
  CHECK(clinic.examine().code == 0);
  clinic.write_config({.owner = "other.example.com"});
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("a name below a zone cut, elsewhere and on the same server") {
  const std::string records = "child NS ns.child\nns.child A 192.0.2.53\n";
  NamedOptions options = with_records(records);
  options.files["child.db"] = healthy_zone();
  Clinic clinic(with_control(options));
  clinic.write_config({.owner = "www.child.example.com"});
  const Examination elsewhere = clinic.examine();
  CHECK(elsewhere.code == 2);
  CHECK_THAT(text_of(elsewhere.only("bad", "name")),
             ContainsSubstring("below the zone cut at child.example.com"));
  CHECK_THAT(mend_of(elsewhere.only("bad", "name")), ContainsSubstring("\"zones\""));

  clinic.named().reconfigure([](NamedOptions& changed) {
    changed.statements = R"(zone "child.example.com" { type primary; file "child.db"; )"
                         "update-policy { grant ronda zonesub ANY; }; };";
  });
  for (const char* owner : {"www.child.example.com", "child.example.com"}) {
    INFO(owner);
    clinic.write_config({.owner = owner});
    const Examination here = clinic.examine();
    CHECK(here.code == 2);
    CHECK_THAT(text_of(here.only("bad", "name")),
               ContainsSubstring("lies in the zone \"child.example.com\""));
  }

  clinic.write_config({.owner = "www.child.example.com",
                       .zones = R"(, { "zone": "child.example.com", "primary": ")" +
                                clinic.named().server() + R"(", "key_file": )" +
                                json_text(clinic.named().key_path()) + " }"});
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("a wildcard above") {
  Clinic clinic(with_records("* A 192.0.2.9\n* MX 10 mail\nmail A 192.0.2.25\n"));
  const Examination synthesized = clinic.examine();
  CHECK(synthesized.code == 1);
  CHECK(synthesized.complaints() == Complaints{"skip journal", "warn wildcard"});
  CHECK_THAT(text_of(synthesized.only("warn", "wildcard")),
             ContainsSubstring("those of a wildcard above"));

  // A name with records of its own does not see it.
  clinic.update("update add www.example.com. 60 A 192.0.2.1\n");
  CHECK(clinic.examine().code == 0);
  clinic.update("update delete www.example.com.\nupdate delete *.example.com. A\n");
  const Examination others = clinic.examine();
  CHECK(others.code == 1);
  CHECK_THAT(text_of(others.only("warn", "wildcard")), ContainsSubstring("other types (MX, TXT)"));
}

TEST_CASE("a TTL that keeps dead addresses in the caches") {
  Clinic clinic(with_records("www 3600 A 192.0.2.1\n"));
  const Examination examination = clinic.examine();
  CHECK(examination.code == 1);
  CHECK(examination.complaints() == Complaints{"skip journal", "warn ttl"});
  CHECK_THAT(text_of(examination.only("warn", "ttl")), ContainsSubstring("TTL of 3600 s"));
  CHECK_THAT(mend_of(examination.only("warn", "ttl")), ContainsSubstring(R"("ttl": 30)"));
  clinic.write_config({.service = R"(, "ttl": 30)"});
  const Examination mended = clinic.examine();
  CHECK(mended.code == 0);
  CHECK_THAT(text_of(mended.only("ok", "ttl")), ContainsSubstring("brings it down to 30"));
}

TEST_CASE("docs/doctor.md shows what doctor says") {
  NamedOptions options = with_policy("update-policy { grant ronda name www.example.com A; };");
  options.zone_text = zone_text("www 3600 A 192.0.2.1\nwww 3600 A 192.0.2.2\n");
  Clinic clinic(options);
  clinic.write_config({.replicas = R"("192.0.2.1", "192.0.2.2", "2001:db8::1")"});
  const Finished run = run_ronda({"doctor", "-c", clinic.config().string()});
  CHECK(run.code == 2);
  std::string said = replace_all(run.output, clinic.named().server(), "127.0.0.1:53");
  said = replace_all(said, " 1 s apart", " 0 s apart");  // the second may have turned
  const std::size_t version = said.find("9.", said.find("version")) + 2;
  said.replace(version, said.find('\n', version) - version, "18");

  std::vector<CodeBlock> pages =
      code_blocks(std::filesystem::path(RONDA_SOURCE_FOLDER) / "docs/doctor.md");
  std::erase_if(pages, [](const CodeBlock& block) { return block.language != "text"; });
  INFO(said);
  REQUIRE(pages.size() == 1);
  CHECK(replace_all(pages.front().text, "9.18.49-1~deb12u3-Debian", "9.18") == said);
}
