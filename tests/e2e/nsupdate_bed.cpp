#include "tests/e2e/nsupdate_bed.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "tests/e2e/markdown.hpp"

namespace ronda::test {
namespace {

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
  if (recursion) {
    // What it does not know itself nobody tells it, and that at once.
    options.options += " forward only; forwarders { 127.0.0.1 port 1; };";
  }
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

// The owner's length moves the columns.
std::string with_single_blanks(const std::string& line) {
  std::string text;
  for (const char c : line) {
    const char shown = c == '\t' ? ' ' : c;
    if (shown != ' ' || !text.ends_with(' ')) {
      text += shown;
    }
  }
  return text;
}

std::vector<std::string> records_of(const Finished& dig, const std::string& zone) {
  std::vector<std::string> records;
  for (const std::string& line : lines_of(replace_all(dig.output, zone, "$Z"))) {
    records.push_back(with_single_blanks(line));
  }
  std::sort(records.begin(), records.end());
  return records;
}

std::string secret_of(const Named& named) {
  const std::string text = read_file(named.key_path());
  const std::size_t start = text.find('"', text.find("secret")) + 1;
  return text.substr(start, text.find('"', start) - start);
}

}  // namespace

NsupdateBed::NsupdateBed(bool recursion) : named_(two_zones(recursion)) {
  for (const std::string zone : {kTheirs, kOurs}) {
    std::ofstream(named_.folder() + "/" + zone + ".script")
        << filled("$S\nupdate add from-file.$Z 60 A 192.0.2.1\nsend\n", zone);
  }
}

Errand NsupdateBed::start_script(const std::string& program, const NsupdateScript& script,
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
  options.input = replace_all(filled(script.lines, zone), "|", "\n");
  options.input += options.input.empty() ? "" : "\n";
  return Errand(arguments, options);
}

Finished NsupdateBed::run_script(const std::string& program, const NsupdateScript& script,
                                 const std::string& zone) const {
  return start_script(program, script, zone).finish();
}

Finished NsupdateBed::ronda(const std::string& lines, const std::string& options) const {
  return run_script(RONDA_BINARY, {.lines = lines, .options = options}, kOurs);
}

Errand NsupdateBed::start_transfer(const std::string& zone) const {
  return Errand({"dig", "@127.0.0.1", "-p", std::to_string(named_.port()), "AXFR", zone, "+noall",
                 "+answer", "+onesoa"});
}

std::vector<std::string> NsupdateBed::transfer(const std::string& zone) const {
  return records_of(start_transfer(zone).finish(), zone);
}

bool NsupdateBed::zones_are_alike() const {
  Errand theirs = start_transfer(kTheirs);
  Errand ours = start_transfer(kOurs);
  const auto records = records_of(theirs.finish(), kTheirs);
  return !records.empty() && records == records_of(ours.finish(), kOurs);
}

std::string NsupdateBed::filled(const std::string& text, const std::string& zone) const {
  const std::string port = std::to_string(named_.port());
  std::string result = replace_all(text, "$S", "server 127.0.0.1 " + port);
  result = replace_all(result, "$Z", zone);
  result = replace_all(result, "$K", named_.folder());
  result = replace_all(result, "$P", port);
  result = replace_all(result, "$X", kSecret);
  return replace_all(result, "$O", secret_of(named_));
}

Addresses NsupdateBed::lookup(const std::string& owner, const std::string& type) const {
  return named_.lookup(owner + "." + kOurs, type);
}

}  // namespace ronda::test
