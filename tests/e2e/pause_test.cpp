// A ronda that stood still for a while (SIGSTOP, a suspended machine) holds nothing of it against a
// replica: neither the deadline that passed nor an answer that it has not read in time.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/site.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kTimeout = 2s;

std::string config_text(const std::string& before, const std::string& checks,
                        const std::string& names) {
  return "{ " + before + R"("allow_exec": true, "checks": { )" + checks +
         R"( }, "services": [ { "name": "www.example.test", "type": "none", "checks": [)" + names +
         R"(], "replicas": ["127.0.0.1"] } ] })";
}

// One `ronda probe` under way, its server having been asked.
struct Probe {
  std::string kind;
  const TempFolder& folder;
  std::string output = (folder / (kind + ".out")).string();
  std::unique_ptr<Process> process{};

  void start(const std::string& config) {
    ProcessOptions options;
    options.output = output;
    process = start_ronda({"probe", kind, "127.0.0.1", "-c", config}, options);
  }
  void expect_unknown(const std::string& when) {
    CAPTURE(kind, when);
    const int code = process->wait().code;
    const std::string said = read_file(output);
    CHECK(code == 3);
    CHECK_THAT(said, StartsWith("UNKNOWN SOCKERR " + kind));
    CHECK_THAT(said, ContainsSubstring("our own loop was late by"));
  }
};

const char* const kKinds[] = {"smtp", "http", "dns", "exec"};

// Its servers are silent until told to go on, then they give up on whoever keeps them waiting.
struct Silence {
  TempFolder folder{};
  std::string begun = (folder / "begun").string();
  std::atomic<bool> patient = true;
  ScriptedServer server{[this](Peer& peer) {
    server.note("asked");
    while (patient && peer.stays_for(10ms)) {
    }
    if (!patient) {
      peer.write("421 idle\r\n");
    }
  }};
  std::string config = [this] {
    const std::string port = R"(, "port": )" + std::to_string(server.endpoint().port);
    const std::string time = R"(, "timeout": "2s" })";
    return folder
        .write(
            "ronda.json",
            config_text("",
                        R"("smtp": { "type": "smtp")" + port + time +
                            R"(, "http": { "type": "http")" + port + time +
                            R"(, "dns": { "type": "dns", "transport": "tcp", "name": "a.test")" +
                            port + time + R"(, "exec": { "type": "exec", "argv": )" +
                            R"(["/bin/sh", "-c", "echo >)" + begun + R"(; exec sleep 1.8"])" + time,
                        R"("smtp", "http", "dns", "exec")"))
        .string();
  }();

  std::list<Probe> start_all() {
    std::list<Probe> probes;
    for (const char* kind : kKinds) {
      probes.push_back({.kind = kind, .folder = folder});
      probes.back().start(config);
    }
    return probes;
  }
  bool all_asked() {
    return eventually(kSoon,
                      [&] { return server.notes().size() == 3 && std::filesystem::exists(begun); });
  }
};

}  // namespace

TEST_CASE("who stood still is no judge, whether it woke before the deadline or after it") {
  const auto stood_still = GENERATE(1500ms, 2100ms);
  Silence silence;
  std::list<Probe> probes = silence.start_all();
  REQUIRE(silence.all_asked());
  const auto asked = Clock::now();
  for (const Probe& probe : probes) {
    probe.process->pause();
  }
  std::this_thread::sleep_until(asked + stood_still);
  for (const Probe& probe : probes) {
    probe.process->signal(SIGCONT);
  }
  for (Probe& probe : probes) {
    probe.expect_unknown(stood_still < kTimeout ? "before the deadline" : "after the deadline");
  }
}

TEST_CASE("a peer that gave up on a ronda that stood still has not failed") {
  Silence silence;
  std::list<Probe> probes = silence.start_all();
  REQUIRE(silence.all_asked());
  for (const Probe& probe : probes) {
    probe.process->pause();
  }
  silence.patient = false;
  std::this_thread::sleep_for(1s);
  for (const Probe& probe : probes) {
    probe.process->signal(SIGCONT);
  }
  for (Probe& probe : probes) {
    probe.expect_unknown("answer or end meanwhile");
  }
}

TEST_CASE("the daemon, too, counts nothing of what it has slept through") {
  std::atomic<int> silent = 0;
  ScriptedServer server([&](Peer& peer) {
    server.note(silent > 0 ? "silent" : "well");
    if (silent > 0) {
      --silent;
      peer.rest();
      return;
    }
    peer.write("220 here\r\n");
    for (std::string line = peer.line(); !line.empty(); line = peer.line()) {
      peer.write("250 well\r\n");
    }
  });
  const TempFolder folder;
  const std::string config =
      folder
          .write("ronda.json",
                 config_text(
                     R"("control": { "socket": )" + json_text(folder / "control.sock") + " }, ",
                     R"("smtp": { "type": "smtp", "interval": "3s", "fast_interval": "3s",
                                          "timeout": "2s", "fall": 1, "rise": 1, "port": )" +
                         std::to_string(server.endpoint().port) + " }",
                     R"("smtp")"))
          .string();
  ProcessOptions options;
  options.errors = folder / "run.err";
  const std::unique_ptr<Process> daemon = start_ronda({"run", "-c", config}, options);
  const auto count = [&](const char* what) { return std::ranges::count(server.notes(), what); };
  REQUIRE(eventually(kSoon, [&] { return count("well") == 2; }));
  silent = 1;
  REQUIRE(eventually(kSoon, [&] { return count("silent") == 1; }));
  daemon->pause();
  std::this_thread::sleep_for(1200ms);
  daemon->signal(SIGCONT);
  const auto before = count("well");
  REQUIRE(eventually(kSoon, [&] { return count("well") == before + 2; }));
  const std::string log = read_file(options.errors);
  CHECK_THAT(log, ContainsSubstring("to=up"));
  CHECK_THAT(log, !ContainsSubstring("to=down"));
}
