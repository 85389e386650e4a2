#include "probes/exec.hpp"

#include <csignal>

#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

net::Endpoint place(const char* address, std::uint16_t port) {
  return {*net::IpAddress::parse(address), port};
}

std::string brief(const ProbeResult& result) {
  return std::string(to_string(result.verdict)) + " " + to_string(result.code) + ": " +
         result.detail;
}

std::string judged(ExitCodes codes, int code, std::string output = "words", std::string errors = "",
                   int signal = 0) {
  return brief(judge_exit(
      codes,
      {.code = code, .signal = signal, .output = std::move(output), .errors = std::move(errors)}));
}

}  // namespace

TEST_CASE("exec: what an exit means") {
  const auto nagios = [](int code) { return judged(ExitCodes::nagios, code); };
  CHECK(nagios(0) == "pass L7OK: words");
  CHECK(nagios(1) == "warn L7OKC: words");
  CHECK(nagios(2) == "fail PROCERR: words");
  CHECK(nagios(3) == "unknown PROCERR: words");
  for (const int code : {4, 126, 127, 128, 255}) {
    CHECK(nagios(code) == "unknown PROCERR: exit " + std::to_string(code) + ": words");
  }
  CHECK(judged(ExitCodes::mon, 0) == "pass L7OK: words");
  for (const int code : {1, 2, 3, 125, 128, 255}) {
    CHECK(judged(ExitCodes::mon, code) == "fail PROCERR: words");
  }
  for (const int code : {126, 127}) {
    CHECK(judged(ExitCodes::mon, code) ==
          "unknown PROCERR: exit " + std::to_string(code) + ": words");
  }
  for (const ExitCodes codes : {ExitCodes::nagios, ExitCodes::mon}) {
    CHECK(judged(codes, -1, "", "", SIGSEGV) == "unknown PROCERR: killed by signal 11 (SIGSEGV)");
    CHECK(judged(codes, -1, "words", "", SIGKILL) ==
          "unknown PROCERR: killed by signal 9 (SIGKILL): words");
  }
}

TEST_CASE("exec: the first line before the bar is the detail") {
  const auto detail = [](std::string output, std::string errors = "") {
    return judged(ExitCodes::nagios, 2, std::move(output), std::move(errors)).substr(14);
  };
  CHECK(detail("HTTP CRITICAL: late |time=3s;1;2\nmore\n| x=1\n") == "HTTP CRITICAL: late");
  CHECK(detail("|time=1s\n") == "exit 2");
  CHECK(detail("  spaces \r\nmore") == "spaces");
  CHECK(detail("") == "exit 2");
  CHECK(detail("", "sh: x: not found\nmore") == "sh: x: not found");
  CHECK(detail("out\n", "errors\n") == "out");
  CHECK(detail("\nsecond\n") == "exit 2");
  CHECK(detail("a\tb\x1b[31m\xff\n") == "a\\x09b\\x1b[31m\\xff");
  CHECK(detail(std::string(4096, 'x')).size() == 200);
}

TEST_CASE("exec: placeholders are replaced once, everywhere but in the program") {
  ExecCheck check{.argv = {"/bin/{address}", "{address}", "-p{port}:{port}", "{service}/{replica}",
                           "{ address}", "{1,2}", "${HOME}", "{}", "{", "{{port}}", "a{address"},
                  .service = "www.example.com",
                  .replica = "{port}"};
  CHECK(command_of(check, place("2001:db8::1", 443)) ==
        std::vector<std::string>{"/bin/{address}", "2001:db8::1", "-p443:443",
                                 "www.example.com/{port}", "{ address}", "{1,2}", "${HOME}", "{}",
                                 "{", "{443}", "a{address"});
  CHECK(uses_port(check));
  CHECK_FALSE(uses_port({.argv = {"/bin/x", "{address}"}}));
}

TEST_CASE("exec: a misspelt placeholder is found") {
  CHECK(unknown_placeholder("{address}{port}{adress}{x}") == "{adress}");
  for (const char* sound : {"", "{address}{port}{service}{replica}", "{ print }", "{}", "{1}",
                            "{Address}", "{port", "port}", "{{port}}"}) {
    CHECK(unknown_placeholder(sound).empty());
  }
}

TEST_CASE("exec: the environment is named in full") {
  const ExecCheck check{.service = "www", .replica = "web1", .name = "deep"};
  std::vector<std::string> wanted{
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "LC_ALL=C",
      "RONDA_ADDRESS=192.0.2.1",
      "RONDA_SERVICE=www",
      "RONDA_REPLICA=web1",
      "RONDA_CHECK=deep"};
  CHECK(environment_of(check, place("192.0.2.1", 0)) == wanted);
  wanted.emplace_back("RONDA_PORT=80");
  CHECK(environment_of(check, place("192.0.2.1", 80)) == wanted);
}

TEST_CASE("exec: a command line can be pasted into a shell") {
  CHECK(shell_text({"/bin/x", "-H", "192.0.2.1", "a b", "", "it's", "$x"}) ==
        "/bin/x -H 192.0.2.1 'a b' '' 'it'\\''s' '$x'");
}

}  // namespace ronda::probes
