#include "agent/state/state_file.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "ronda-state-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw std::runtime_error("mkdtemp");
    }
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  void put(std::string_view text) const {
    std::ofstream(state_path(path_), std::ios::binary) << text;
  }

 private:
  fs::path path_;
};

net::WallTime wall(std::int64_t seconds) {
  return net::WallTime(std::chrono::seconds(seconds));
}

SavedState sample() {
  SavedState state{.saved_at = wall(1'800'000'000) + 123456789ns};
  for (const HealthState health :
       {HealthState::init, HealthState::up, HealthState::falling, HealthState::down,
        HealthState::rising, HealthState::held, HealthState::stale}) {
    state.probes["http://192.0.2.1:80#" + std::string(to_string(health))] = {
        .state = health, .since = wall(1'700'000'000) + 1ns};
  }
  state.probes["http://192.0.2.1:80#drained"] = {
      .state = HealthState::up, .since = wall(1'700'000'000), .drained = true};
  state.managed["www.example.com"] = {test::ip("192.0.2.1"), test::ip("2001:db8::1")};
  state.managed["a \"quoted\"\n\xc3\xa4 name"] = {};
  return state;
}

const net::WallTime kNow = wall(1'900'000'000);

TEST_CASE("state file: round trip as text", "[state]") {
  CHECK(parse_state(to_json(sample()), kNow) == sample());
  CHECK(parse_state(to_json(SavedState{}), kNow) == SavedState{});
}

TEST_CASE("state file: cut off at any octet it is refused", "[state]") {
  const std::string text = to_json(sample());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    const auto state = parse_state(std::string_view(text).substr(0, length), kNow);
    if (state) {
      FAIL("accepted after " << length << " octets");
    }
    if (state.error().empty()) {
      FAIL("no sentence after " << length << " octets");
    }
  }
}

TEST_CASE("state file: any octet changed is refused or read as something valid", "[state]") {
  const std::string text = to_json(sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char replacement : {'\0', '9', '"', '}', '\xff'}) {
      std::string damaged = text;
      damaged[i] = replacement;
      const auto state = parse_state(damaged, kNow);
      if (state && parse_state(to_json(*state), kNow) != state) {
        FAIL("not stable with octet " << i << " changed");
      }
    }
  }
}

TEST_CASE("state file: broken contents", "[state]") {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"", "cut off or damaged"},
      {"not json", "cut off or damaged"},
      {"[]", "not an object"},
      {"null", "not an object"},
      {"{}", "no version"},
      {R"({"version":"1"})", "no version"},
      {R"({"version":2})", "version 2"},
      {R"({"version":1})", "saved_at_ns"},
      {R"({"version":1,"saved_at_ns":"x"})", "saved_at_ns"},
      {R"({"version":1,"saved_at_ns":1.5})", "saved_at_ns"},
      {R"({"version":1,"saved_at_ns":18446744073709551615})", "saved_at_ns"},
      {R"({"version":1,"saved_at_ns":1})", "no probes"},
      {R"({"version":1,"saved_at_ns":1,"probes":[],"managed":{}})", "no probes"},
      {R"({"version":1,"saved_at_ns":1,"probes":{"a":1},"managed":{}})",
       "probe a is not an object"},
      {R"({"version":1,"saved_at_ns":1,"probes":{"a":{"state":"odd","since_ns":1}},"managed":{}})",
       "known state"},
      {R"({"version":1,"saved_at_ns":1,"probes":{"a":{"state":7,"since_ns":1}},"managed":{}})",
       "known state"},
      {R"({"version":1,"saved_at_ns":1,"probes":{"a":{"state":"up"}},"managed":{}})",
       "no since_ns"},
      {R"({"version":1,"saved_at_ns":1,"probes":{},"managed":{"s":1}})", "not a list"},
      {R"({"version":1,"saved_at_ns":1,"probes":{},"managed":{"s":[1]}})", "not an address"},
      {R"({"version":1,"saved_at_ns":1,"probes":{},"managed":{"s":["host"]}})", "not an address"},
  };
  for (const auto& [text, sentence] : rows) {
    CAPTURE(text);
    const auto state = parse_state(text, kNow);
    REQUIRE_FALSE(state.has_value());
    CHECK_THAT(state.error(), ContainsSubstring(sentence));
  }
  CHECK_FALSE(parse_state(std::string_view("\0\0", 2), kNow).has_value());
  CHECK_FALSE(parse_state(std::string(100'000, '['), kNow).has_value());
}

TEST_CASE("state file: dated in the future", "[state]") {
  const std::string text = to_json(sample());
  CHECK(parse_state(text, sample().saved_at).has_value());
  const auto state = parse_state(text, sample().saved_at - 1ns);
  REQUIRE_FALSE(state.has_value());
  CHECK_THAT(state.error(), ContainsSubstring("dated in the future (2027-01-15T08:00:00Z"));
}

TEST_CASE("state file: a state entered after the file was saved began with the file", "[state]") {
  SavedState state = sample();
  state.probes.begin()->second.since = state.saved_at + 5s;
  const auto read = parse_state(to_json(state), kNow);
  REQUIRE(read.has_value());
  CHECK(read->probes.begin()->second.since == state.saved_at);
}

TEST_CASE("state file: stored, found again, private", "[state]") {
  const Folder folder;
  CHECK(load_state(folder.path(), kNow) == SavedState{});
  REQUIRE(store_state(folder.path(), SavedState{}).has_value());
  // Left behind by a crash, with the wrong rights and more text than the new one has.
  fs::path left = state_path(folder.path());
  left += ".tmp";
  std::ofstream(left) << std::string(100000, 'x');
  ::chmod(left.c_str(), 0644);
  REQUIRE(store_state(folder.path(), sample()).has_value());
  CHECK(load_state(folder.path(), kNow) == sample());
  struct ::stat status{};
  REQUIRE(::stat(state_path(folder.path()).c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK_FALSE(fs::exists(left));
}

TEST_CASE("state file: load says what is wrong and names the file", "[state]") {
  const Folder folder;
  const std::string name = state_path(folder.path()).string();
  SECTION("broken") {
    folder.put("{");
    CHECK_THAT(load_state(folder.path(), kNow).error(),
               ContainsSubstring(name + " is not a state file"));
  }
  SECTION("too large") {
    folder.put(std::string(17 * 1024 * 1024, ' '));
    CHECK_THAT(load_state(folder.path(), kNow).error(), ContainsSubstring("larger than 16 MiB"));
  }
  SECTION("a folder") {
    fs::create_directory(state_path(folder.path()));
    CHECK_THAT(load_state(folder.path(), kNow).error(), ContainsSubstring("not a regular file"));
  }
  SECTION("a FIFO does not hang") {
    REQUIRE(::mkfifo(name.c_str(), 0600) == 0);
    CHECK_THAT(load_state(folder.path(), kNow).error(), ContainsSubstring("not a regular file"));
  }
  SECTION("not readable") {
    if (::geteuid() == 0) {
      return;  // root reads everything
    }
    folder.put("{}");
    ::chmod(name.c_str(), 0);
    CHECK_THAT(load_state(folder.path(), kNow).error(), ContainsSubstring("cannot read " + name));
  }
}

TEST_CASE("state file: store says what is wrong and leaves the old one", "[state]") {
  const Folder folder;
  SECTION("no such folder") {
    CHECK_THAT(store_state(folder.path() / "none", sample()).error(),
               ContainsSubstring("create the folder"));
  }
  SECTION("not a folder") {
    std::ofstream(folder.path() / "file") << "x";
    CHECK_THAT(store_state(folder.path() / "file", sample()).error(),
               ContainsSubstring("cannot write"));
  }
  SECTION("something in its place") {
    fs::create_directories(state_path(folder.path()) / "full");
    CHECK_THAT(store_state(folder.path(), sample()).error(), ContainsSubstring("cannot replace"));
    CHECK_FALSE(fs::exists(state_path(folder.path()).string() + ".tmp"));
  }
  SECTION("a link under the temporary name is not followed") {
    const fs::path victim = folder.path() / "victim";
    std::ofstream(victim) << "precious";
    fs::create_symlink(victim, state_path(folder.path()).string() + ".tmp");
    CHECK_FALSE(store_state(folder.path(), sample()).has_value());
    std::ostringstream content;
    content << std::ifstream(victim).rdbuf();
    CHECK(content.str() == "precious");
  }
  SECTION("a folder one may not write to") {
    if (::geteuid() == 0) {
      return;  // root writes everywhere
    }
    ::chmod(folder.path().c_str(), 0500);
    CHECK_THAT(store_state(folder.path(), sample()).error(), ContainsSubstring("must be writable"));
    ::chmod(folder.path().c_str(), 0700);
  }
}

}  // namespace
}  // namespace ronda::agent
