// `ronda doctor` on servers: one that is not the primary, secondaries, the journal, several zones.
#include <filesystem>

#include "tests/e2e/clinic.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named_process.hpp"

using namespace ronda::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr const char* kPolicy = "update-policy { grant ronda zonesub ANY; };";

NamedOptions secondary_of(const Named& primary, const std::string& zone_options) {
  NamedOptions options;
  options.zone = "unused.test";
  options.key_name = "unused";
  options.statements =
      "include \"" + primary.key_path() +
      "\";\nzone \"example.com\" { type secondary; file \"copy.db\"; primaries { " +
      primary.address() + " port " + std::to_string(primary.port()) + "; }; " + zone_options +
      " };";
  return with_control(options);
}

void wait_for_zone(const Named& secondary) {
  REQUIRE(eventually(20s, [&] { return !secondary.lookup("example.com", "SOA").empty(); }));
}

std::string serial_at(const Named& server) {
  const auto soa = server.lookup("example.com", "SOA");
  return soa.empty() ? "" : soa.front();
}

Arguments asking(const Named& name_server) {
  return {"--ns-port", std::to_string(name_server.port())};
}

}  // namespace

TEST_CASE("a secondary named as primary, which forwards or not") {
  Clinic clinic;
  for (const bool forwards : {false, true}) {
    INFO((forwards ? "forwards" : "does not forward"));
    Named secondary(
        secondary_of(clinic.named(), forwards ? "allow-update-forwarding { any; };" : ""));
    wait_for_zone(secondary);
    clinic.write_config({.server = secondary.server()});
    // At once, when its copy has the whole time to live yet.
    const Examination examination = clinic.examine({"--write-test"});
    CHECK(examination.code == 2);
    CHECK(examination.complaints() == Complaints{"bad primary"});
    const auto finding = examination.only("bad", "primary");
    CHECK_THAT(text_of(finding), ContainsSubstring("is a secondary"));
    CHECK_THAT(text_of(finding),
               ContainsSubstring(forwards ? "that forwards updates" : "does not forward updates"));
    CHECK_THAT(mend_of(finding), ContainsSubstring("the SOA names ns.example.com"));
  }
  clinic.write_config();
  CHECK(clinic.examine().code == 0);
}

TEST_CASE("a resolver named as primary, with and without our key") {
  Clinic clinic;
  NamedOptions options;
  options.recursion = true;
  options.zone = "unused.test";
  options.key_name = "unused";
  Named stranger(options);
  options.statements = "include \"" + clinic.named().key_path() + "\";";
  Named friendly(options);

  clinic.write_config({.server = friendly.server()});
  const Examination known = clinic.examine();
  INFO(known.report.dump(2));
  CHECK(known.code == 2);
  CHECK(known.complaints() == Complaints{"bad primary"});
  CHECK_THAT(text_of(known.only("bad", "primary")), ContainsSubstring("without authority"));

  clinic.write_config({.server = stranger.server()});
  const Examination unknown = clinic.examine();
  CHECK(unknown.code == 2);
  CHECK(unknown.complaints() == Complaints{"bad key", "bad primary"});
  CHECK_THAT(text_of(unknown.only("bad", "primary")), ContainsSubstring("without authority"));
}

TEST_CASE("a journal that cannot be written shows only when something is written") {
  NamedOptions options;
  options.zone_options = std::string(kPolicy) + " journal \"missing/zone.jnl\";";
  Clinic clinic(options);
  const Examination unseen = clinic.examine();
  CHECK(unseen.code == 0);
  CHECK_THAT(mend_of(unseen.only("skip", "journal")), ContainsSubstring("doctor --write-test"));

  const Examination examination = clinic.examine_writing({"--write-test"});
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"bad journal"});
  const auto finding = examination.only("bad", "journal");
  CHECK_THAT(text_of(finding), ContainsSubstring("_ronda.example.com"));
  CHECK_THAT(text_of(finding), ContainsSubstring("SERVFAIL"));
  CHECK_THAT(mend_of(finding), ContainsSubstring("writable for named"));
  CHECK(clinic.named().serial() == 1);

  fs::create_directory(fs::path(clinic.named().folder()) / "missing");
  const Examination mended = clinic.examine_writing({"--write-test"});
  CHECK(mended.code == 0);
  CHECK_THAT(text_of(mended.only("ok", "journal")), ContainsSubstring("taken away again"));
}

TEST_CASE("a write test leaves nothing behind, and needs a name of its own") {
  NamedOptions options;
  options.zone_text = zone_text("www A 192.0.2.1\nwww TXT mine\n");
  options.zone_options =
      "update-policy { grant ronda name www.example.com A TXT; grant ronda name "
      "_ronda.example.com TXT; };";
  Clinic clinic(options);
  CHECK(clinic.examine_writing({"--write-test"}).code == 0);
  CHECK(clinic.named().lookup("_ronda.example.com", "TXT").empty());
  CHECK(clinic.named().serial() == 3);
  CHECK(clinic.named().update_done_count() >= 2);  // it does count

  const Examination taken = clinic.examine({"--write-test", "www.example.com"});
  CHECK(taken.code == 1);
  CHECK_THAT(text_of(taken.only("warn", "journal")), ContainsSubstring("has TXT records"));
  CHECK(clinic.named().lookup("www.example.com", "TXT") == Addresses{"\"mine\""});

  const Examination denied = clinic.examine_writing({"--write-test", "stamp.example.com"});
  CHECK(denied.code == 2);
  CHECK_THAT(mend_of(denied.only("bad", "journal")),
             ContainsSubstring("`grant ronda name stamp.example.com TXT;`"));

  const Finished outside = run_ronda(
      {"doctor", "-c", clinic.config().string(), "--json", "--write-test", "stamp.example.org"});
  CHECK(outside.code == 3);
  CHECK_THAT(nlohmann::json::parse(outside.output).at("errors").at(0).get<std::string>(),
             ContainsSubstring("lies in no zone"));
  CHECK(clinic.named().serial() == 3);
}

TEST_CASE("a secondary in step, out of step, and ahead") {
  NamedOptions options;
  options.zone_options = kPolicy;
  Clinic clinic(with_control(options));
  Named secondary(secondary_of(clinic.named(), "allow-notify { none; };"));
  wait_for_zone(secondary);
  const Examination in_step = clinic.examine(asking(secondary));
  CHECK(in_step.code == 0);
  CHECK_THAT(text_of(in_step.only("ok", "secondary")), ContainsSubstring("is in step, serial 1"));

  clinic.update("update add www.example.com. 60 A 192.0.2.3\n");
  const Examination behind = clinic.examine(asking(secondary));
  CHECK(behind.code == 1);
  CHECK(behind.complaints() == Complaints{"skip journal", "warn secondary"});
  const auto finding = behind.only("warn", "secondary");
  CHECK_THAT(text_of(finding), ContainsSubstring("has serial 1, the primary 2"));
  CHECK_THAT(text_of(finding), ContainsSubstring("NOTIFY"));
  CHECK_THAT(mend_of(finding), ContainsSubstring("`rndc retransfer example.com` on the secondary"));

  secondary.rndc({"retransfer", "example.com"});
  REQUIRE(eventually(20s, [&] { return serial_at(secondary) == serial_at(clinic.named()); }));
  CHECK(clinic.examine(asking(secondary)).code == 0);

  // The primary is made anew with its first serial.
  clinic.named().stop();
  fs::remove(clinic.named().journal_path());
  write_file(clinic.named().folder() + "/zone.db", healthy_zone());
  clinic.named().start();
  const Examination ahead = clinic.examine(asking(secondary));
  CHECK(ahead.code == 1);
  CHECK_THAT(text_of(ahead.only("warn", "secondary")), ContainsSubstring("it is ahead"));
}

TEST_CASE("name servers that are away, or do not serve the zone") {
  NamedOptions options;
  Clinic clinic(options);
  NamedOptions lame_options;
  lame_options.zone = "unused.test";
  Named lame(lame_options);
  const Examination not_serving = clinic.examine(asking(lame));
  CHECK(not_serving.code == 1);
  CHECK_THAT(text_of(not_serving.only("warn", "secondary")),
             ContainsSubstring("does not serve it"));
  lame.stop();
  const Examination away = clinic.examine(asking(lame));
  CHECK(away.code == 1);
  CHECK_THAT(mend_of(away.only("warn", "secondary")),
             ContainsSubstring("`dig @127.0.0.1 example.com SOA`"));
}

TEST_CASE("a write test tells notify-delay") {
  NamedOptions options;
  Clinic clinic(with_control(options));
  Named secondary(secondary_of(clinic.named(), ""));
  wait_for_zone(secondary);
  const std::string also =
      "notify explicit; also-notify { 127.0.0.1 port " + std::to_string(secondary.port()) + "; }; ";
  Arguments words = asking(secondary);
  words.emplace_back("--write-test");
  clinic.named().reconfigure(
      [&](NamedOptions& changed) { changed.zone_options = kPolicy + (" " + also); });
  const Examination slow = clinic.examine_writing(words);
  INFO(slow.report.dump(2));
  CHECK(slow.code == 1);
  CHECK_THAT(text_of(slow.only("warn", "secondary")), ContainsSubstring("notify-delay"));

  clinic.named().reconfigure([&](NamedOptions& changed) {
    changed.zone_options = kPolicy + (" " + also) + "notify-delay 0;";
  });
  clinic.examine_writing(words);  // the pause after the last NOTIFY is still of the old length
  const Examination quick = clinic.examine_writing(words);
  CHECK(quick.code == 0);
  CHECK_THAT(text_of(quick.only("ok", "secondary")), ContainsSubstring("after a change"));
}

TEST_CASE("each zone has its own lines, and one that is lost does not hide the others") {
  NamedOptions options;
  options.statements = R"(zone "example.org" { type primary; file "other.db"; };)";
  options.files["other.db"] = healthy_zone();
  Clinic clinic(options);
  const std::string key = R"("key_file": )" + json_text(clinic.named().key_path());
  clinic.write_config(
      {.zones = R"(, { "zone": "example.org", "primary": ")" + clinic.named().server() + "\", " +
                key + R"( }, { "zone": "example.net", "primary": "127.0.0.1:1", )" + key + " }"});
  const Examination examination = clinic.examine();
  CHECK(examination.code == 2);
  CHECK(examination.complaints() == Complaints{"skip journal", "bad updates", "lost primary"});
  CHECK(examination.only("bad", "updates").at("subject") == "example.org");
  CHECK(examination.only("lost", "primary").at("subject") == "example.net");
}
