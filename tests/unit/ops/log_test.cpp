#include "agent/ops/log.hpp"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include "agent/ops/stderr_log.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::agent;

TEST_CASE("a log line quotes where it must") {
  struct Row {
    const char* value;
    const char* text;
  };
  for (const Row& row : std::initializer_list<Row>{{"plain", "e k=plain"},
                                                   {"192.0.2.1:80", "e k=192.0.2.1:80"},
                                                   {"", "e k=\"\""},
                                                   {"two words", "e k=\"two words\""},
                                                   {"a=b", "e k=\"a=b\""},
                                                   {"say \"hi\"", "e k=\"say \\\"hi\\\"\""},
                                                   {"back\\slash", "e k=\"back\\\\slash\""},
                                                   {"line\nbreak", "e k=\"line\\nbreak\""},
                                                   {"\033[2J", "e k=\"\\x1b[2J\""}}) {
    CHECK(to_string(LogLine{.event = "e", .fields = {{"k", row.value}}}) == row.text);
  }
  CHECK(to_string(LogLine{.event = "stopped"}) == "stopped");
}

TEST_CASE("the log writes what is of its level, one line each") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  {
    StderrLog log(LogLevel::info, pipe[1]);
    log.write({.level = LogLevel::debug, .event = "hidden"});
    log.write({.level = LogLevel::warning, .event = "first", .fields = {{"k", "v"}}});
    log.write({.level = LogLevel::info, .event = "second"});
  }
  ::close(pipe[1]);
  std::string text(1024, '\0');
  text.resize(static_cast<std::size_t>(::read(pipe[0], text.data(), text.size())));
  ::close(pipe[0]);
  CHECK_THAT(text, ContainsSubstring("Z warning first k=v\n"));
  CHECK(text.ends_with("Z info second\n"));
  CHECK(text.find("hidden") == std::string::npos);
}

TEST_CASE("a reader that stalls costs lines, not time") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const auto begin = std::chrono::steady_clock::now();
  {
    StderrLog log(LogLevel::info, pipe[1]);
    for (int i = 0; i < 20'000; ++i) {
      log.write({.event = "line", .fields = {{"text", std::string(100, 'x')}}});
    }
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  ::close(pipe[0]);
  ::close(pipe[1]);
}
