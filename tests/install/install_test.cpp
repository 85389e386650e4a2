#include <algorithm>
#include <chrono>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"

namespace fs = std::filesystem;
using ronda::test::Finished;
using ronda::test::Named;
using ronda::test::run;
using ronda::test::TempFolder;

namespace {

void must(const ronda::test::Arguments& command) {
  const Finished finished = run(command, {.limit = std::chrono::seconds(300)});
  INFO(finished.output << finished.errors);
  REQUIRE(finished.code == 0);
}

void install(const fs::path& prefix, const std::string& component) {
  must(
      {RONDA_CMAKE, "--install", RONDA_BUILD_FOLDER, "--prefix", prefix, "--component", component});
}

void build(const fs::path& source, const fs::path& folder, const fs::path& prefix) {
  must({RONDA_CMAKE, "-S", source, "-B", folder, "-G", RONDA_GENERATOR,
        "-DCMAKE_PREFIX_PATH=" + prefix.string(), "-DCMAKE_CXX_COMPILER=" RONDA_COMPILER,
        "-DCMAKE_CXX_COMPILER_LAUNCHER=" RONDA_LAUNCHER});
  must({RONDA_CMAKE, "--build", folder});
}

// The installed headers, as they are included.
std::vector<std::string> installed_headers(const fs::path& folder) {
  std::vector<std::string> headers;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      headers.push_back(fs::relative(entry.path(), folder).string());
    }
  }
  std::ranges::sort(headers);
  return headers;
}

}  // namespace

TEST_CASE("the example builds against the installed library and adds a record to a real primary") {
  const TempFolder folder;
  const fs::path prefix = folder.path() / "prefix";
  install(prefix, "library");
  build(RONDA_SOURCE_FOLDER "/examples/add_record", folder.path() / "example", prefix);
  const std::string program = folder.path() / "example/add_record";

  const Named named;
  const auto add = [&](const std::string& key, const std::string& address) {
    return run({program, named.address(), std::to_string(named.port()), key, "example.com",
                "www.example.com", address});
  };
  Finished finished = add(named.key_path(), "192.0.2.1");
  CHECK(finished.output == "applied \n");
  CHECK(finished.code == 0);
  CHECK(named.lookup("www.example.com") == std::vector<std::string>{"192.0.2.1"});
  CHECK(add(named.key_path(), "192.0.2.2").output == "applied \n");
  CHECK(named.lookup("www.example.com") == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
  CHECK(add(named.key_path(), "192.0.2.1").output == "unchanged \n");

  finished = add(named.write_key("stranger.key", "stranger"), "192.0.2.3");
  CHECK_THAT(finished.output, ContainsSubstring("stranger"));
  CHECK(finished.code == 1);
  CHECK(add("/nowhere", "192.0.2.3").code == 64);
  CHECK(named.lookup("www.example.com").size() == 2);
}

TEST_CASE("docs/library.md shows the example and the headers as they are") {
  const std::string page = ronda::test::read_file(RONDA_SOURCE_FOLDER "/docs/library.md");
  const std::string example =
      ronda::test::read_file(RONDA_SOURCE_FOLDER "/examples/add_record/main.cpp");
  REQUIRE(example.size() > 1000);
  CHECK(page.find("```cpp\n" + example + "```\n") != std::string::npos);
  const std::string lists =
      ronda::test::read_file(RONDA_SOURCE_FOLDER "/examples/add_record/CMakeLists.txt");
  CHECK(lists.find("find_package(ronda 0.1 REQUIRED)") != std::string::npos);
  CHECK(page.find("find_package(ronda 0.1 REQUIRED)") != std::string::npos);
  const TempFolder folder;
  install(folder.path(), "library");
  static const std::regex header("`([a-z/_]+\\.hpp)`");
  int named_headers = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), header), end; at != end; ++at) {
    INFO((*at)[1]);
    CHECK(fs::exists(folder.path() / "include/ronda" / std::string((*at)[1])));
    ++named_headers;
  }
  CHECK(named_headers >= 8);
}

TEST_CASE("every installed header can be included by itself, and brings its own with it") {
  const TempFolder folder;
  const fs::path prefix = folder.path() / "prefix";
  install(prefix, "library");
  const std::vector<std::string> headers = installed_headers(prefix / "include/ronda");
  REQUIRE(headers.size() > 10);
  ronda::test::Arguments command{RONDA_COMPILER, "-std=c++23", "-fsyntax-only", "-I",
                                 prefix / "include/ronda"};
  for (const std::string& header : headers) {
    command.push_back(folder.write("source/" + std::to_string(command.size()) + ".cpp",
                                   "#include <" + header + ">\n"));
  }
  must(command);
}

TEST_CASE("the program is installed and runs") {
  const TempFolder folder;
  install(folder.path(), "program");
  const Finished finished = run({folder.path() / "bin/ronda", "--version"});
  CHECK(finished.code == 0);
  CHECK_THAT(finished.output, ContainsSubstring("ronda"));
}
