// ronda nsupdate against nsupdate itself: the same scripts for two zones of one named that begin
// alike, and must be alike after every script.
#include <algorithm>
#include <filesystem>
#include <regex>

#include <netdb.h>

#include "tests/e2e/markdown.hpp"
#include "tests/e2e/nsupdate_bed.hpp"
#include "tests/support/bed/temp_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;

namespace {

// What both must print: no ids, no signatures, no counts (nsupdate's "show" prints zeros), no
// blanks that depend on the zone's length.
std::vector<std::string> comparable(const std::string& output, const std::string& zone) {
  static const std::regex left_out("^;; flags.*|.*\tTSIG\t.*|.* TSIG .*|;; TSIG.*|");
  static const std::regex id(", id: .*");
  static const std::regex blanks("[ \t]+");
  std::vector<std::string> kept;
  for (std::string line : lines_of(replace_all(output, zone, "$Z"))) {
    if (std::regex_match(line, left_out)) {
      continue;
    }
    line = std::regex_replace(line, id, "");
    kept.push_back(std::regex_replace(line, blanks, " "));
  }
  return kept;
}

// Their line is there as it stands, or begins alike: what is wrong with data we say in other words.
bool says_the_same(const std::string& theirs, const std::string& ours) {
  // They print the secret here, and leave out a line's end there.
  for (const std::string start : {"could not create key from", "invalid address x"}) {
    if (theirs.starts_with(start)) {
      return ours.find(start) != std::string::npos;
    }
  }
  const std::size_t colon = theirs.find(": ");
  const bool in_full = theirs.starts_with("update failed") || colon == std::string::npos;
  return ours.find(in_full ? theirs : theirs.substr(0, colon)) != std::string::npos;
}

void compare_errors(const std::string& theirs, const std::string& ours, const std::string& name) {
  static const std::regex library_log(R"(\d\d-\w{3}-\d{4} .*)");
  bool silent = true;
  for (const std::string& line : lines_of(theirs)) {
    const bool usage = line.starts_with("usage:") || line.find("invalid argument") != line.npos;
    if (line.empty() || std::regex_match(line, library_log)) {
      continue;
    }
    silent = false;
    INFO(name << ": theirs: " << line << "\nours: " << ours);
    CHECK((usage || says_the_same(replace_all(line, kTheirs, kOurs), ours)));
  }
  if (silent) {
    CHECK(ours == "");
  }
}

void compare_all(const std::vector<NsupdateScript>& scripts) {
  require_program("nsupdate", "bind9-dnsutils");
  const NsupdateBed bed;
  REQUIRE(bed.transfer(kTheirs).size() > 20);
  CHECK(scripts.size() >= 60);
  for (const NsupdateScript& script : scripts) {
    INFO(script.name << ": " << script.lines);
    Errand running = bed.start_script("nsupdate", script, kTheirs);
    const Finished ours = bed.run_script(RONDA_BINARY, script, kOurs);
    const Finished theirs = running.finish();
    INFO("theirs: " << theirs.errors << "\nours: " << ours.errors);
    CHECK(ours.code == theirs.code);
    compare_errors(script.name == "debug" ? "" : theirs.errors,
                   script.name == "debug" ? "" : ours.errors, script.name);
    if (script.same_output) {
      CHECK(comparable(ours.output, kOurs) == comparable(theirs.output, kTheirs));
    }
    if (!bed.zones_are_alike()) {
      REQUIRE(bed.transfer(kOurs) == bed.transfer(kTheirs));
      FAIL("the zones were not alike, and now are");
    }
  }
}

// nsupdate asks the system, which without /etc/hosts knows none; ours always does.
bool system_knows_localhost() {
  addrinfo* found = nullptr;
  if (::getaddrinfo("localhost", nullptr, nullptr, &found) != 0) {
    return false;
  }
  ::freeaddrinfo(found);
  return true;
}

}  // namespace

TEST_CASE("nsupdate and ronda nsupdate do the same with the same scripts") {
  compare_all(nsupdate_scripts());
}

TEST_CASE("nsupdate and ronda nsupdate do the same with data in every form") {
  compare_all(nsupdate_data_scripts());
}

TEST_CASE("a server by its name, also where the system has no hosts file") {
  const NsupdateBed bed;
  const NsupdateScript script{.lines = "server localhost $P|zone $Z|add l6.$Z 60 A 192.0.2.1|send",
                              .options = "-4 -k $K/ronda.key"};
  const Finished theirs = bed.run_script("nsupdate", script, kTheirs);
  const Finished ours = bed.run_script(RONDA_BINARY, script, kOurs);
  INFO("theirs: " << theirs.errors << "\nours: " << ours.errors);
  CHECK(theirs.code == (system_knows_localhost() ? 0 : 1));
  CHECK(ours.code == 0);
  CHECK(bed.lookup("l6") == Addresses{"192.0.2.1"});
}

TEST_CASE("an error names the line") {
  const Finished run = NsupdateBed().ronda("$S|; comment|update add x.$Z 60 A 192.0.2");
  CHECK(run.code == 1);
  CHECK_THAT(run.errors, ContainsSubstring("line 3: invalid rdata format: \"192.0.2\" is not an "
                                           "IPv4 address\nsyntax error\n"));
}

TEST_CASE("all updates of a script take one connection") {
  NsupdateBed bed;
  std::string lines = "$S|zone $Z|";
  for (int number = 1; number <= 20; ++number) {
    lines += "add y" + std::to_string(number) + ".$Z 60 A 192.0.2.1|send|";
  }
  CHECK(bed.ronda(lines).code == 0);
  const std::string log = bed.named().log();
  static const std::regex client(R"(client @\S+ 127\.0\.0\.1#(\d+)/key ronda: updating zone)");
  std::vector<std::string> ports;
  for (std::sregex_iterator at(log.begin(), log.end(), client), end; at != end; ++at) {
    ports.push_back((*at)[1]);
  }
  CHECK(ports.size() == 20);
  std::sort(ports.begin(), ports.end());
  CHECK(std::unique(ports.begin(), ports.end()) - ports.begin() == 1);
}

TEST_CASE("no answer: the outcome is unknown and the script says so") {
  NsupdateBed bed;
  bed.named().pause();
  const Finished run =
      bed.ronda("$S|zone $Z|add x3.$Z 60 A 192.0.2.1|send|answer", "-u 1 -r 0 -k $K/ronda.key");
  CHECK(run.code == 2);
  CHECK(run.output == "");
  CHECK_THAT(run.errors, ContainsSubstring("; Communication with 127.0.0.1#"));
  CHECK_THAT(run.errors, ContainsSubstring("; the outcome is unknown: "));
  CHECK(run.errors.find("update failed") == std::string::npos);
  bed.named().resume();
}

TEST_CASE("the local server is reached though nobody listens on ::1") {
  const NsupdateBed bed;
  const Finished run =
      bed.ronda("zone $Z|add x4.$Z 60 A 192.0.2.1|send", "-l -p $P -k $K/session.key");
  INFO(run.errors);
  CHECK(run.code == 0);
  CHECK(bed.lookup("x4") == Addresses{"192.0.2.1"});
}

TEST_CASE("a key that cannot be used ends the run before anything is sent unsigned") {
  NsupdateBed bed;
  const Finished run =
      bed.ronda("$S|zone open.example|add a.open.example 60 A 192.0.2.1|send", "-k $K/no-such.key");
  CHECK(run.code == 1);
  CHECK_THAT(run.errors, ContainsSubstring("could not read key from"));
  CHECK(bed.named().update_count() == 0);
  CHECK_THAT(bed.ronda("", "-g").errors, ContainsSubstring("GSS-TSIG (-g, -o) is not supported"));
  CHECK(bed.ronda("", "-o").code == 1);
  CHECK(bed.ronda("gsstsig").code == 1);
}

TEST_CASE("a pair of K files is a key") {
  const NsupdateBed bed;
  const TempFolder folder;
  folder.write("Kronda.+163+00001.key", "ronda. IN KEY 512 3 163 " + bed.filled("$O", kOurs));
  for (const char* suffix : {"", ".key", ".private"}) {
    const Finished run = bed.ronda("$S|zone $Z|add x5.$Z 60 A 192.0.2.1|send",
                                   "-k " + (folder / "Kronda.+163+00001").string() + suffix);
    INFO(run.errors);
    CHECK(run.code == 0);
  }
}

TEST_CASE("zone and primary found through the resolver, as nsupdate finds them") {
  const NsupdateBed bed(true);
  const TempFolder folder;
  const auto conf = folder.write("resolv.conf", "nameserver 127.0.0.1\n");
  const std::string options = "-4 -p $P -C " + conf.string();
  const NsupdateScript script{.lines = "update add $Z.local.example 60 A 192.0.2.1|send",
                              .options = options};
  const Finished theirs = bed.run_script("nsupdate", script, "theirs");
  const Finished ours = bed.run_script(RONDA_BINARY, script, "ours");
  INFO("theirs: " << theirs.errors << "\nours: " << ours.errors);
  const bool both = system_knows_localhost();  // the primary's name in the SOA
  CHECK(theirs.code == (both ? 0 : 2));
  CHECK(ours.code == 0);
  CHECK(bed.transfer("local.example").size() == (both ? 4 : 3));
  const NsupdateScript nowhere{
      .lines = "zone no.example|update add a.no.example 60 A 192.0.2.1|send", .options = options};
  CHECK(bed.run_script(RONDA_BINARY, nowhere, "ours").code != 0);
}

// The way BIND's own system tests call it.
TEST_CASE("here-documents, files and debug output in the shell") {
  const NsupdateBed bed;
  const TempFolder folder;
  const std::string script = bed.filled(
      "ret=0\n"
      "NSUPDATE=\"" +
          std::string(RONDA_BINARY) +
          " nsupdate -k $K/ronda.key\"\n"
          "$NSUPDATE <<END > update.out 2>&1 || ret=1\n$S\nzone $Z\nupdate add z1.$Z 60 A "
          "192.0.2.1\nsend\nEND\n[ $ret = 0 ] || echo FAILED 1\n"
          "$NSUPDATE -d <<END > update.out 2>&1 || ret=1\n$S\nupdate add z2.$Z 60 A "
          "192.0.2.1\n\nEND\n"
          "grep 'status: NOERROR' update.out > /dev/null || echo FAILED 2\n"
          "grep 'Found zone name: $Z' update.out > /dev/null || echo FAILED 3\n"
          "$NSUPDATE <<END > update.out 2>&1 && ret=1\n$S\nzone $Z\nprereq nxdomain z1.$Z\nsend\n"
          "END\n[ $ret = 0 ] || echo FAILED 4\n"
          "grep 'update failed: YXDOMAIN' update.out > /dev/null || echo FAILED 5\n"
          "printf '%s\\n' '$S' 'zone $Z' 'add z3.$Z 60 A 192.0.2.1' send > script\n"
          "$NSUPDATE script || echo FAILED 6\n"
          "cat script | $NSUPDATE - || echo FAILED 7\n"
          "echo END\n",
      kOurs);
  const Finished shell = run({"sh", "-c", script}, {.folder = folder.path()});
  INFO(shell.errors << "\n" << script);
  CHECK(shell.output == "END\n");
  CHECK(bed.lookup("z2") == Addresses{"192.0.2.1"});
  CHECK(bed.lookup("z3") == Addresses{"192.0.2.1"});
}

// Every row of the page's first table: the same lines or options through both, and their exit
// codes.
TEST_CASE("docs/nsupdate.md tells the differences as they are") {
  require_program("nsupdate", "bind9-dnsutils");
  const NsupdateBed bed;
  const std::string page =
      read_file(std::filesystem::path(RONDA_SOURCE_FOLDER) / "docs/nsupdate.md");
  static const std::regex row(R"(\| `([^`]+)` \| (\d) \| (\d) \| .*)");
  int rows = 0;
  for (const std::string& line : lines_of(page)) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) {
      continue;
    }
    ++rows;
    std::string told = replace_all(match[1], "SECRET", "$O");
    told = replace_all(told, "/etc/bind/ronda.key", "$K/ronda.key");
    told = replace_all(told, "example.com", "$Z");
    NsupdateScript script{.name = told};
    if (told.front() == '-') {
      script.options = told;
      script.lines = "$S|zone $Z|update add doc.$Z 60 A 192.0.2.1|send";
    } else {
      script.lines = "$S|zone $Z|" + told + "|send";
    }
    INFO(told);
    const Finished theirs = bed.run_script("nsupdate", script, kTheirs);
    const Finished ours = bed.run_script(RONDA_BINARY, script, kOurs);
    INFO("theirs: " << theirs.errors << "\nours: " << ours.errors);
    CHECK(std::to_string(theirs.code) == match[2]);
    CHECK(std::to_string(ours.code) == match[3]);
  }
  CHECK(rows >= 8);
}

TEST_CASE("the example of docs/nsupdate.md does what the page says") {
  const NsupdateBed bed;
  const TempFolder folder;
  for (const CodeBlock& block :
       code_blocks(std::filesystem::path(RONDA_SOURCE_FOLDER) / "docs/nsupdate.md")) {
    if (block.language != "sh") {
      continue;
    }
    std::string text = replace_all(block.text, "/etc/bind/ronda.key", "$K/ronda.key");
    text = replace_all(text, "server 127.0.0.1", "$S");
    text = replace_all(text, "example.com", "$Z");
    text = replace_all(text, "ronda nsupdate", std::string(RONDA_BINARY) + " nsupdate");
    const Finished shell = run({"sh", "-ec", bed.filled(text, kOurs)}, {.folder = folder.path()});
    INFO(text << shell.output << shell.errors);
    CHECK(shell.code == 0);
  }
  CHECK(bed.lookup("from-the-page") == Addresses{"192.0.2.1"});
}
