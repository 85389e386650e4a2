// ronda nsupdate against nsupdate itself: the same scripts for two zones of one named that begin
// alike, and must be alike after every script.
#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/e2e/nsupdate_scripts.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/bed/temp_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;

namespace {

constexpr const char* kTheirs = "left.example";
constexpr const char* kOurs = "nice.example";
constexpr const char* kSecret = "YSBzZWNyZXQgb2YgdGhlIHRlc3RzIGFuZCBub3RoaW5nIG1vcmU=";

std::string records() {
  std::string text =
      "www A 192.0.2.1\ntwo A 192.0.2.1\ntwo A 192.0.2.2\ntext TXT \"a b\" c\ntext TXT d\n"
      "alias CNAME www\nalias2 CNAME www.example.net.\n";
  for (int number = 1; number <= 8; ++number) {
    const std::string owner = "d" + std::to_string(number);
    text += owner + " A 192.0.2.1\n" + owner + " A 192.0.2.2\n" + owner + " TXT x\n";
  }
  return text;
}

constexpr std::array kAlgorithms{"hmac-md5",    "hmac-sha1",   "hmac-sha224",
                                 "hmac-sha256", "hmac-sha384", "hmac-sha512"};

std::string policy(const std::string& zone) {
  std::string text = "update-policy { deny ronda name forbidden." + zone +
                     " ANY; grant ronda zonesub ANY; grant local-ddns zonesub ANY;";
  for (const std::string algorithm : kAlgorithms) {
    text += " grant k-" + algorithm + " zonesub ANY;";
  }
  return text + " };";
}

// A key of every algorithm: named knows it, and there is a file for -k.
void add_keys(NamedOptions& options) {
  for (const std::string algorithm : kAlgorithms) {
    const std::string statement = "key \"k-" + algorithm + "\" { algorithm " + algorithm +
                                  "; secret \"" + kSecret + "\"; };\n";
    options.files["k-" + algorithm + ".key"] = statement;
    options.statements += statement;
  }
}

NamedOptions two_zones(bool recursion) {
  NamedOptions options;
  options.zone = kTheirs;
  options.zone_text = zone_text(records());
  options.zone_options = policy(kTheirs);
  options.recursion = recursion;
  options.options = "allow-transfer { any; };";  // 9.20 allows none unless told
  options.files = {{"ours.zone", zone_text(records())},
                   {"open.zone", zone_text("")},
                   {"local.zone",
                    "$TTL 60\n@ SOA localhost. root 1 3600 600 86400 60\n"
                    "@ NS localhost.\n"}};
  add_keys(options);
  options.statements += "zone \"" + std::string(kOurs) + "\" { type primary; file \"ours.zone\"; " +
                        policy(kOurs) +
                        " };\nzone \"open.example\" { type primary; file \"open.zone\"; "
                        "allow-update { any; }; };\n"
                        "zone \"local.example\" { type primary; file \"local.zone\"; "
                        "allow-update { any; }; };\n";
  return options;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::string secret_of(const Named& named) {
  const std::string text = read_file(named.key_path());
  const std::size_t start = text.find('"', text.find("secret")) + 1;
  return text.substr(start, text.find('"', start) - start);
}

class Bed {
 public:
  explicit Bed(bool recursion = false) : named_(two_zones(recursion)) {
    for (const std::string zone : {kTheirs, kOurs}) {
      std::ofstream(named_.folder() + "/" + zone + ".script")
          << filled("$S\nupdate add from-file.$Z 60 A 192.0.2.1\nsend\n", zone);
    }
  }

  Finished run_script(const std::string& program, const NsupdateScript& script,
                      const std::string& zone) const {
    Arguments arguments{program};
    if (program == RONDA_BINARY) {
      arguments.emplace_back("nsupdate");
    }
    std::istringstream words(filled(script.options, zone));
    for (std::string word; words >> word;) {
      arguments.push_back(word);
    }
    RunOptions options;
    options.input = replaced(filled(script.lines, zone), "|", "\n");
    options.input += options.input.empty() ? "" : "\n";
    return run(arguments, options);
  }

  // The zone's records, sorted, with $Z for its name.
  std::vector<std::string> transfer(const std::string& zone) const {
    const Finished dig = run({"dig", "@127.0.0.1", "-p", std::to_string(named_.port()), "AXFR",
                              zone, "+noall", "+answer", "+onesoa"});
    std::vector<std::string> lines;
    for (std::string line : lines_of(replaced(dig.output, zone, "$Z"))) {
      // The owner's length moves the columns.
      lines.push_back(std::regex_replace(line, std::regex("[ \t]+"), " "));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  Named& named() { return named_; }
  // Ours, with our zone.
  Finished ronda(const std::string& lines, const std::string& options = "-k $K/ronda.key") const {
    return run_script(RONDA_BINARY, {.lines = lines, .options = options}, kOurs);
  }
  std::string filled(const std::string& text, const std::string& zone) const {
    const std::string port = std::to_string(named_.port());
    std::string result = replaced(text, "$S", "server 127.0.0.1 " + port);
    result = replaced(result, "$Z", zone);
    result = replaced(result, "$K", named_.folder());
    result = replaced(result, "$P", port);
    result = replaced(result, "$X", kSecret);
    return replaced(result, "$O", secret_of(named_));
  }
  Addresses lookup(const std::string& owner, const std::string& type = "A") const {
    return named_.lookup(owner + "." + kOurs, type);
  }

 private:
  Named named_;
};

// What both must print: no ids, no signatures, no counts (nsupdate's "show" prints zeros), no
// blanks that depend on the zone's length.
std::vector<std::string> comparable(const std::string& output, const std::string& zone) {
  static const std::regex left_out("^;; flags.*|.*\tTSIG\t.*|.* TSIG .*|;; TSIG.*|");
  std::vector<std::string> kept;
  for (std::string line : lines_of(replaced(output, zone, "$Z"))) {
    if (std::regex_match(line, left_out)) {
      continue;
    }
    line = std::regex_replace(line, std::regex(", id: .*"), "");
    kept.push_back(std::regex_replace(line, std::regex("[ \t]+"), " "));
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
    CHECK((usage || says_the_same(replaced(line, kTheirs, kOurs), ours)));
  }
  if (silent) {
    CHECK(ours == "");
  }
}

void compare_all(const std::vector<NsupdateScript>& scripts) {
  require_program("nsupdate", "bind9-dnsutils");
  const Bed bed;
  REQUIRE(bed.transfer(kTheirs).size() > 20);
  CHECK(scripts.size() >= 60);
  for (const NsupdateScript& script : scripts) {
    INFO(script.name << ": " << script.lines);
    const Finished theirs = bed.run_script("nsupdate", script, kTheirs);
    const Finished ours = bed.run_script(RONDA_BINARY, script, kOurs);
    INFO("theirs: " << theirs.errors << "\nours: " << ours.errors);
    CHECK(ours.code == theirs.code);
    compare_errors(script.name == "debug" ? "" : theirs.errors,
                   script.name == "debug" ? "" : ours.errors, script.name);
    if (script.same_output) {
      CHECK(comparable(ours.output, kOurs) == comparable(theirs.output, kTheirs));
    }
    REQUIRE(bed.transfer(kOurs) == bed.transfer(kTheirs));
  }
}

}  // namespace

TEST_CASE("nsupdate and ronda nsupdate do the same with the same scripts") {
  compare_all(nsupdate_scripts());
}

TEST_CASE("nsupdate and ronda nsupdate do the same with data in every form") {
  compare_all(nsupdate_data_scripts());
}

TEST_CASE("an error names the line") {
  const Finished run = Bed().ronda("$S|; comment|update add x.$Z 60 A 192.0.2");
  CHECK(run.code == 1);
  CHECK_THAT(run.errors, ContainsSubstring("line 3: invalid rdata format: \"192.0.2\" is not an "
                                           "IPv4 address\nsyntax error\n"));
}

TEST_CASE("all updates of a script take one connection") {
  Bed bed;
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
  Bed bed;
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
  const Bed bed;
  const Finished run =
      bed.ronda("zone $Z|add x4.$Z 60 A 192.0.2.1|send", "-l -p $P -k $K/session.key");
  INFO(run.errors);
  CHECK(run.code == 0);
  CHECK(bed.lookup("x4") == Addresses{"192.0.2.1"});
}

TEST_CASE("a key that cannot be used ends the run before anything is sent unsigned") {
  Bed bed;
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
  const Bed bed;
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
  const Bed bed(true);
  const TempFolder folder;
  const auto conf = folder.write("resolv.conf", "nameserver 127.0.0.1\n");
  const std::string options = "-4 -p $P -C " + conf.string();
  const NsupdateScript script{.lines = "update add $Z.local.example 60 A 192.0.2.1|send",
                              .options = options};
  const Finished theirs = bed.run_script("nsupdate", script, "theirs");
  const Finished ours = bed.run_script(RONDA_BINARY, script, "ours");
  INFO("theirs: " << theirs.errors << "\nours: " << ours.errors);
  CHECK(theirs.code == 0);
  CHECK(ours.code == 0);
  CHECK(bed.transfer("local.example").size() == 4);
  const NsupdateScript nowhere{
      .lines = "zone no.example|update add a.no.example 60 A 192.0.2.1|send", .options = options};
  CHECK(bed.run_script(RONDA_BINARY, nowhere, "ours").code != 0);
}

// The way BIND's own system tests call it.
TEST_CASE("here-documents, files and debug output in the shell") {
  const Bed bed;
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
