// README.md is run as it stands, in its order: its paths become the test's folder, its addresses
// loopback, its primary a named that has the README's own key and policy.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "tests/e2e/markdown.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
namespace fs = std::filesystem;

namespace {

const fs::path kRoot = RONDA_SOURCE_FOLDER;

std::vector<CodeBlock> blocks_of(const char* page, const std::string& language) {
  std::vector<CodeBlock> blocks = code_blocks(kRoot / page);
  std::erase_if(blocks, [&](const CodeBlock& block) { return block.language != language; });
  INFO(page << " has no block of " << language);
  REQUIRE_FALSE(blocks.empty());
  return blocks;
}

// The statement that begins with `word` and ends with its closing brace.
std::string statement(const std::string& text, const std::string& word) {
  const std::size_t start = text.find(word);
  REQUIRE(start != std::string::npos);
  int depth = 0;
  std::size_t end = start;
  do {
    depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
    ++end;
  } while (depth > 0 || text.find('{', start) >= end);
  return text.substr(start, end - start) + ";";
}

void run_shell(const std::string& line) {
  const Finished finished = run({"sh", "-c", line});
  INFO(line << "\n" << finished.output << finished.errors);
  CHECK(finished.code == 0);
}

// Everything a reader sets up before the first `ronda` line.
class Reader {
 public:
  Reader() {
    fs::create_directories(folder_ / "bind");
    fs::create_directories(folder_ / "bin");
  }

  std::string here(std::string text) const {
    if (::geteuid() != 0) {
      text = replace_all(text, " -g bind", "");
    }
    text = replace_all(text, "build/release/ronda", RONDA_BINARY);
    text = replace_all(text, "/usr/local/bin", (folder_ / "bin").string());
    text = replace_all(text, "/etc/ronda", (folder_ / "ronda").string());
    return replace_all(text, "/etc/bind", (folder_ / "bind").string());
  }

  // A named with the key that the reader made and the policy of the README's snippet.
  void start_named(const std::string& snippet) {
    NamedOptions options;
    options.zone_text = zone_text("www A " + loopback(1) + "\nwww A " + loopback(2) + "\n");
    options.key_name = "unused";
    options.statements = statement_of_key();
    options.zone_options = statement(snippet, "update-policy");
    named_ = std::make_unique<Named>(std::move(options));
    for (const int number : {1, 2}) {
      webs_.push_back(
          std::make_unique<Nginx>(Nginx::Options{.address = loopback(number), .port = kHttpPort}));
    }
  }

  void write_config(std::string text) {
    text = replace_all(text, "127.0.0.1:53", named_->server());
    text = replace_all(text, "\"port\": 80", "\"port\": " + std::to_string(kHttpPort));
    text = replace_all(text, "192.0.2.1", loopback(1));
    text = replace_all(text, "192.0.2.2", loopback(2));
    // Quicker than a reader wants it, and a socket that no other ronda on this machine uses.
    text = replace_all(text, "\"2s\"", "\"100ms\"");
    text.replace(text.find('{'), 1,
                 "{ \"control\": { \"socket\": " + json_text(folder_ / "control.sock") + " },");
    folder_.write("ronda/ronda.json", here(text));
  }

  // The primary and the replicas' port, which no config names yet.
  std::string on_the_bed(std::string line) const {
    if (named_) {
      line = replace_all(line, "127.0.0.1:53", named_->server());
    }
    return replace_all(line, "--type http", "--type http --port " + std::to_string(kHttpPort));
  }

  std::string statement_of_key() const {
    return "include \"" + (folder_ / "bind/ronda.key").string() + "\";";
  }
  const TempFolder& folder() const { return folder_; }
  Named& named() { return *named_; }
  Nginx& web(int number) { return *webs_.at(static_cast<std::size_t>(number - 1)); }

 private:
  TempFolder folder_{};
  std::unique_ptr<Named> named_{};
  std::vector<std::unique_ptr<Nginx>> webs_{};
};

Arguments words(const std::string& line) {
  Arguments all;
  for (const std::string& word : lines_of(replace_all(line, " ", "\n"))) {
    all.push_back(word);
  }
  return all;
}

}  // namespace

TEST_CASE("the README, from the top to the daemon") {
  Reader reader;
  std::unique_ptr<Process> daemon;
  std::vector<std::string> said;  // the first two words of each `ronda` line
  for (const CodeBlock& block : code_blocks(kRoot / "README.md")) {
    const std::string text = reader.here(block.text);
    if (block.language == "named") {
      reader.start_named(block.text);
      reader.folder().write("named.conf",
                            replace_all(text, "/var/lib/bind", reader.folder().path().string()));
      run_shell("PATH=$PATH:/usr/sbin:/usr/bin named-checkconf " +
                (reader.folder() / "named.conf").string());
      continue;
    }
    if (block.language == "jsonc") {
      reader.write_config(block.text);
      continue;
    }
    if (block.language != "sh") {
      continue;
    }
    for (const std::string& line : lines_of(text)) {
      INFO(line);
      if (line == "tools/demo" || line == "tools/test") {
        CHECK(::access((kRoot / line).c_str(), X_OK) == 0);  // this very test runs inside them
        continue;
      }
      if (line.rfind("ronda ", 0) != 0) {
        run_shell(line);
        continue;
      }
      Arguments arguments = words(reader.on_the_bed(line));
      arguments.at(0) = (reader.folder() / "bin/ronda").string();
      said.push_back(arguments.at(1));
      if (arguments.at(1) == "run") {
        ProcessOptions options;
        options.errors = reader.folder() / "run.err";
        daemon = std::make_unique<Process>(arguments, options);
        REQUIRE(eventually(std::chrono::seconds(15), [&] {
          return run({arguments.at(0), "status", "-c", arguments.at(3)}).code == 0;
        }));
        continue;
      }
      const Finished finished = run(arguments);
      INFO(finished.output << finished.errors);
      CHECK(finished.code == 0);
    }
  }
  CHECK(said == std::vector<std::string>{"try", "init", "validate", "doctor", "plan", "check",
                                         "run", "status", "reload"});
  const Finished first = run_ronda({"validate", "-c", reader.here("/etc/ronda/first.json")});
  INFO(first.output << first.errors);
  CHECK(first.code == 0);
  CHECK_THAT(first.output, ContainsSubstring("www.example.com: A, 2 replicas"));
  CHECK(reader.named().update_done_count() == 0);
  CHECK(reader.named().serial() == 1);
  REQUIRE(daemon);
  CHECK(daemon->stop() == Ended{0, 0});
}

TEST_CASE("the README's policy lets the README's key make the change, from the cron line") {
  Reader reader;
  for (const CodeBlock& block : blocks_of("README.md", "sh")) {
    for (const std::string& line : lines_of(block.text)) {
      if (line.rfind("install", 0) == 0 || line.rfind("tsig-keygen", 0) == 0) {
        run_shell(reader.here(line));
      }
    }
  }
  reader.start_named(blocks_of("README.md", "named").front().text);
  reader.write_config(blocks_of("README.md", "jsonc").front().text);
  reader.web(2).stop();

  const std::vector<CodeBlock> crontab = blocks_of("README.md", "cron");
  const std::string line = lines_of(reader.here(crontab.front().text)).front();
  const Arguments fields = words(line);
  REQUIRE(fields.size() > 7);
  CHECK(Arguments(fields.begin(), fields.begin() + 6) ==
        Arguments{"*", "*", "*", "*", "*", "root"});
  const Finished finished = run(Arguments(fields.begin() + 6, fields.end()));
  INFO(line << "\n" << finished.output << finished.errors);
  CHECK(finished.code == 1);
  CHECK(reader.named().lookup(kOwner) == Addresses{loopback(1)});
}

TEST_CASE("the configs in examples/ are valid and cover the checks people need") {
  const TempFolder folder;
  run_shell("tsig-keygen ronda > " + (folder / "ronda.key").string() + " && chmod 640 " +
            (folder / "ronda.key").string());
  int configs = 0;
  for (const auto& entry : fs::directory_iterator(kRoot / "examples")) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    ++configs;
    const fs::path config = folder.write(entry.path().filename().string(),
                                         replace_all(read_file(entry.path()), "/etc/bind/ronda.key",
                                                     (folder / "ronda.key").string()));
    const Finished finished = run_ronda({"validate", "-c", config.string()});
    INFO(entry.path() << "\n" << finished.output << finished.errors);
    CHECK(finished.code == 0);
    CHECK_THAT(finished.errors, !ContainsSubstring("warning"));
  }
  CHECK(configs >= 4);
}

TEST_CASE("the BIND snippets of the examples and of the docs are accepted by named-checkconf") {
  const TempFolder folder;
  run_shell("tsig-keygen ronda > " + (folder / "ronda.key").string());
  std::vector<std::string> snippets = {read_file(kRoot / "examples/named.conf.ronda")};
  for (const char* page : {"docs/bind.md", "docs/doctor.md"}) {
    for (const CodeBlock& block : blocks_of(page, "named")) {
      snippets.push_back(block.text);
    }
  }
  for (const std::string& snippet : snippets) {
    folder.write("named.conf",
                 replace_all(snippet, "/etc/bind/ronda.key", (folder / "ronda.key").string()));
    run_shell("PATH=$PATH:/usr/sbin:/usr/bin named-checkconf " + (folder / "named.conf").string());
  }
}

TEST_CASE("links of the README lead somewhere") {
  const std::string text = read_file(kRoot / "README.md");
  int links = 0;
  for (std::size_t place = text.find("]("); place != std::string::npos;
       place = text.find("](", place + 1)) {
    const std::string target = text.substr(place + 2, text.find(')', place) - place - 2);
    INFO(target);
    CHECK(fs::exists(kRoot / target));
    ++links;
  }
  CHECK(links > 5);
}
