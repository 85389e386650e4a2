// Checks by programs, with real children: what they may do to us, and Debian's own plugins.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/bystander.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/bed/nginx.hpp"
#include "tests/support/bed/postfix.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/held_file.hpp"
#include "tests/support/peak_memory.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using test::brief;
using test::endpoint;
using test::own_address;
using test::Prober;
using test::TempFolder;

constexpr std::uint16_t kHttpPort = 28'470;
constexpr std::uint16_t kSmtpPort = 28'471;
constexpr std::uint16_t kClosedPort = 28'472;

CheckSpec exec_check(std::vector<std::string> argv, ExitCodes codes = ExitCodes::nagios) {
  return test::make_check("exec", ExecCheck{.argv = std::move(argv),
                                            .exit_codes = codes,
                                            .service = "www.example.test",
                                            .replica = "web1",
                                            .name = "deep"});
}

CheckSpec script(const std::string& text, net::Duration timeout = 3s) {
  CheckSpec check = exec_check({"/bin/sh", "-c", text});
  check.timeout = timeout;
  return check;
}

const net::Endpoint kNowhere = endpoint("192.0.2.1", 80);

// A timeout within which a shell and its child surely have begun on this machine, however busy it
// is now.
net::Duration ample_timeout(Prober& prober) {
  const auto started = std::chrono::steady_clock::now();
  CHECK(brief(prober.probe(script("sh -c 'exit 0'", 20s), kNowhere)) == "pass L7OK: exit 0");
  const auto took = std::chrono::steady_clock::now() - started;
  return std::chrono::ceil<std::chrono::milliseconds>(std::max<net::Duration>(200ms, 10 * took));
}

std::string no_end_within(net::Duration timeout) {
  return "fail PROCTOUT: no end within " + net::format_duration(timeout);
}

// The pids a script has written, one a line, once there are so many.
std::vector<pid_t> pids_in(const std::filesystem::path& file, std::size_t count) {
  std::vector<pid_t> pids;
  REQUIRE(test::eventually(20s, [&] {
    std::ifstream stream(file);
    pids.clear();
    for (pid_t pid = 0; stream >> pid;) {
      pids.push_back(pid);
    }
    return pids.size() >= count;
  }));
  return pids;
}

// A zombie that init has not buried yet runs no more.
bool runs(pid_t pid) {
  std::ifstream stream("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stream, text);
  const auto behind_name = text.rfind(')');
  return behind_name != std::string::npos && text.substr(behind_name + 2, 1) != "Z";
}

}  // namespace

TEST_CASE("exec: every way a program may end") {
  Prober prober;
  const auto said = [&](const std::string& text) {
    return brief(prober.probe(script(text), kNowhere));
  };
  CHECK(said("echo 'fine | time=1'; exit 0") == "pass L7OK: fine");
  CHECK(said("echo slow; exit 1") == "warn L7OKC: slow");
  CHECK(said("echo gone; exit 2") == "fail PROCERR: gone");
  CHECK(said("echo dunno; exit 3") == "unknown PROCERR: dunno");
  CHECK_THAT(said("exec /nonexistent/program"), StartsWith("unknown PROCERR: exit 127: "));
  CHECK_THAT(said("exec /etc/passwd"), StartsWith("unknown PROCERR: exit 126: "));
  CHECK(said("kill -SEGV $$") == "unknown PROCERR: killed by signal 11 (SIGSEGV)");
  CHECK_THAT(brief(prober.probe(exec_check({"/nonexistent/program"}), kNowhere)),
             StartsWith("unknown PROCERR: cannot start /nonexistent/program: "));
  // Its output is closed long before it ends: the exit is what counts.
  CHECK(said("echo early; exec >&- 2>&-; sleep 0.2; exit 2") == "fail PROCERR: early");
}

TEST_CASE("exec: a program gets an environment of its own, no stdin and no descriptor of ours") {
  Prober prober;
  const int ours = ::dup(STDERR_FILENO);  // without close-on-exec, as a library may open one
  std::string told;
  prober.engines.on_trace = [&](const TraceLine& line) { told += line.text + "\n"; };
  const auto result = prober.probe(
      script("env | grep -v -E '^(PWD|SHLVL|_|OLDPWD)=' | sort; readlink /proc/$$/fd/0; "
             "ls /proc/$$/fd; [ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && echo own group"),
      kNowhere);
  CHECK(result.verdict == Verdict::pass);
  ::close(ours);
  CHECK_THAT(told, ContainsSubstring("\nLC_ALL=C\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                                     "/usr/bin:/sbin:/bin\nRONDA_ADDRESS=192.0.2.1\n"
                                     "RONDA_CHECK=deep\nRONDA_PORT=80\nRONDA_REPLICA=web1\n"
                                     "RONDA_SERVICE=www.example.test\n/dev/null\n0\n1\n2\n"
                                     "own group\nexit 0\n"));
}

TEST_CASE("exec: what its arguments let somebody in by shows in no text") {
  Prober prober;
  std::string told;
  prober.engines.on_trace = [&](const TraceLine& line) { told += line.text + "\n"; };
  const auto result = prober.probe(
      exec_check({"/bin/echo", "--password", "hidden1", "-p", "80", "http://me:hidden2@a/"}),
      kNowhere);
  CHECK(brief(result) == "pass L7OK: --password *** -p 80 http://***@a/");
  CHECK_THAT(told, ContainsSubstring("/bin/echo --password *** -p 80 http://***@a/"));
  CHECK_THAT(told, !ContainsSubstring("hidden"));
}

TEST_CASE("exec: past its deadline it has failed, at once, and its whole group goes") {
  const TempFolder folder;
  const std::string list = (folder / "pids").string();
  Prober prober;
  const net::Duration timeout = ample_timeout(prober);
  // Neither it nor its grandchild cares for SIGTERM.
  const auto check =
      script("trap '' TERM; echo $$ >>" + list + "; sh -c 'trap \"\" TERM; echo $$ >>" + list +
                 "; sleep 60; sleep 60' & sleep 60; sleep 60",
             timeout);
  const auto started = std::chrono::steady_clock::now();
  const auto result = prober.probe(check, kNowhere);
  CHECK(brief(result) == no_end_within(timeout));
  CHECK(result.phases.total >= timeout);
  CHECK(prober.took < timeout + 50ms);
  const auto pids = pids_in(list, 2);
  CHECK(std::ranges::all_of(pids, runs));  // SIGTERM alone did nothing
  CHECK(prober.wait_for([&] { return std::ranges::none_of(pids, runs); }));
  CHECK(std::chrono::steady_clock::now() - started < timeout + 4s);
  CHECK(std::chrono::steady_clock::now() - started > timeout + 1900ms);
}

TEST_CASE("exec: a program that ends while our own loop is held up has not failed") {
  const TempFolder folder;
  const std::string begun = (folder / "begun").string();
  const std::string end = (folder / "end").string();
  Prober prober;
  const net::Duration timeout = ample_timeout(prober);
  const auto late = prober.loop.now() + timeout + std::max<net::Duration>(300ms, timeout / 2);
  net::Handle beat;
  const std::function<void()> look = [&] {
    if (!std::filesystem::exists(begun)) {
      beat = prober.loop.at(prober.loop.now() + 2ms, look);
      return;
    }
    std::ofstream(end) << "now\n";
    std::this_thread::sleep_until(late);
  };
  beat = prober.loop.at(prober.loop.now(), look);
  CHECK_THAT(brief(prober.probe(
                 script("echo $$ >" + begun + "; while ! [ -e " + end + " ]; do sleep 0.01; done",
                        timeout),
                 kNowhere)),
             StartsWith("unknown SOCKERR: no answer in time, but our own loop was late by "));
}

TEST_CASE("exec: SIGTERM is enough for a program that heeds it, which takes its children along") {
  const TempFolder folder;
  const std::string list = (folder / "pids").string();
  Prober prober;
  const auto check = script("sh -c 'trap \"\" TERM; echo $$ >>" + list +
                                "; sleep 60; sleep 60' & echo $$ >>" + list + "; exec sleep 60",
                            ample_timeout(prober));
  CHECK(prober.probe(check, kNowhere).code == Code::PROCTOUT);
  const auto over = std::chrono::steady_clock::now();
  const auto pids = pids_in(list, 2);
  CHECK(prober.wait_for([&] { return std::ranges::none_of(pids, runs); }));
  CHECK(std::chrono::steady_clock::now() - over < 1500ms);  // SIGKILL would come after 2 s
}

TEST_CASE("exec: what a program leaves behind when it ends is killed, and delays nothing") {
  const TempFolder folder;
  const std::string list = (folder / "pids").string();
  Prober prober;
  const auto result =
      prober.probe(script("sh -c 'echo $$ >>" + list + "; exec sleep 60' & while ! [ -s " + list +
                          " ]; do sleep 0.01; done; echo left"),
                   kNowhere);
  CHECK(brief(result) == "pass L7OK: left");
  const auto pids = pids_in(list, 1);
  CHECK(prober.wait_for([&] { return std::ranges::none_of(pids, runs); }));
}

TEST_CASE("exec: a flood of output is read and dropped, and no other callback waits for it") {
  Prober prober;
  const test::PeakMemory memory;
  const test::Bystander bystander(prober.loop);
  auto check = script("echo first; head -c 67108864 /dev/zero; exit 1", 20s);
  CHECK(brief(prober.probe(check, kNowhere)) == "warn L7OKC: first");
  CHECK(memory.grown_kib() < 8192);
  CHECK(bystander.longest_delay() <= test::kDelayedAtMost);
  // One that never stops is ended by its deadline.
  check = script("exec cat /dev/zero", 300ms);
  CHECK(brief(prober.probe(check, kNowhere)) == "fail PROCTOUT: no end within 300ms");
}

TEST_CASE("exec: two runs never overlap") {
  const TempFolder folder;
  const std::string marks = (folder / "marks").string();
  Prober prober;
  const net::Duration timeout = ample_timeout(prober);
  // A run that finds the mark of another one says so; none removes its mark when killed.
  const auto check = script("trap '' TERM; for other in $(cat " + marks +
                                " 2>/dev/null); do kill -0 $other 2>/dev/null && echo overlap >>" +
                                marks + ".bad; done; echo $$ >>" + marks + "; sleep 60; sleep 60",
                            timeout);
  for (int round = 0; round < 4; ++round) {
    CHECK(brief(prober.probe(check, kNowhere)) == no_end_within(timeout));
  }
  const auto pids = pids_in(marks, 4);
  CHECK(pids.size() == 4);
  CHECK_FALSE(std::filesystem::exists(marks + ".bad"));
  CHECK(std::ranges::count_if(pids, runs) == 1);
  CHECK(prober.wait_for([&] { return std::ranges::none_of(pids, runs); }));
}

TEST_CASE("exec: who is dropped while the run before ends begins nothing") {
  const TempFolder folder;
  const std::string marks = (folder / "marks").string();
  Prober prober;
  const auto check =
      script("trap '' TERM; echo $$ >>" + marks + "; sleep 60; sleep 60", ample_timeout(prober));
  CHECK_THAT(brief(prober.probe(check, kNowhere)), StartsWith("fail PROCTOUT: "));
  const auto pids = pids_in(marks, 1);
  auto waits =
      start_probe(prober.engines, check, kNowhere, [](const ProbeResult&) { FAIL("told"); });
  waits.reset();
  CHECK(prober.wait_for([&] { return std::ranges::none_of(pids, runs); }));
  // Another one begins later and comes to its end.
  CHECK(brief(prober.probe(script("exit 0"), kNowhere)) == "pass L7OK: exit 0");
  CHECK(pids_in(marks, 1).size() == 1);
}

TEST_CASE("exec: a dropped handle kills the program, and nothing is told") {
  const TempFolder folder;
  const std::string list = (folder / "pids").string();
  Prober prober;
  auto handle = start_probe(prober.engines, script("echo $$ >>" + list + "; sleep 60", 10s),
                            kNowhere, [](const ProbeResult&) { FAIL("told"); });
  const auto pids = pids_in(list, 1);
  handle.reset();
  CHECK(test::eventually(20s, [&] { return std::ranges::none_of(pids, runs); }));
  // Another one begins later and comes to its end.
  CHECK(brief(prober.probe(script("exit 0"), kNowhere)) == "pass L7OK: exit 0");
}

TEST_CASE("exec: no descriptor and no process left are our own fault") {
  Prober prober;
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  const rlimit none{4, old.rlim_max};
  const auto check = exec_check({"/bin/true"});
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto result = prober.probe(check, kNowhere);
  ::setrlimit(RLIMIT_NOFILE, &old);
  CHECK(result.verdict == Verdict::unknown);
  CHECK_THAT(result.detail, ContainsSubstring("too many open files"));

  // The kernel counts processes for anybody but root: another user asks, in a process of its own.
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_process{0, 0};
    ::setrlimit(RLIMIT_NPROC, &no_process);
    const bool nobody = ::geteuid() != 0 || ::setuid(65534) == 0;
    Prober own;
    const auto refused = own.probe(check, kNowhere);
    ::_exit(nobody && refused.verdict == Verdict::unknown &&
                    refused.detail.find("no further process") != std::string::npos
                ? 0
                : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("exec: a program on a disk that does not answer is our own fault and delays nothing") {
  const TempFolder folder;
  test::HeldFile held((folder / "check").string(), "#!/bin/sh\nexit 2\n");
  Prober prober;
  auto check = exec_check({(folder / "check").string()});
  check.timeout = 300ms;
  auto handle = start_probe(prober.engines, check, kNowhere, [](const ProbeResult&) {});
  CHECK(brief(prober.probe(script("exit 0"), kNowhere)) == "pass L7OK: exit 0");
  handle.reset();
  const auto result = prober.probe(check, kNowhere);
  CHECK(prober.took < 350ms);
  CHECK(result.verdict == Verdict::unknown);
  CHECK_THAT(result.detail, ContainsSubstring("could not be started within 300ms"));
  // Not a second one beside the first.
  CHECK(brief(prober.probe(check, kNowhere)) ==
        "unknown PROCERR: the run before this one does not end, though killed");
  held.let_go();
  CHECK(prober.wait_for(
      [&] { return brief(prober.probe(check, kNowhere)) == "fail PROCERR: exit 2"; }));
}

TEST_CASE("exec: mon's monitors, as mon runs them") {
  const TempFolder folder;
  const auto monitor = folder
                           .write("up.monitor",
                                  "#!/bin/sh\n"
                                  "# mon: hosts as arguments, failed ones in the first line\n"
                                  "down=''\n"
                                  "for host in \"$@\"; do\n"
                                  "  [ \"$host\" = 192.0.2.1 ] || down=\"$down $host\"\n"
                                  "done\n"
                                  "[ -z \"$down\" ] && exit 0\n"
                                  "echo \"$down\"; echo details; exit 3\n",
                                  std::filesystem::perms(0755))
                           .string();
  Prober prober;
  const auto check = exec_check({monitor, "{address}"}, ExitCodes::mon);
  CHECK(brief(prober.probe(check, kNowhere)) == "pass L7OK: exit 0");
  CHECK(brief(prober.probe(check, endpoint("192.0.2.9", 80))) == "fail PROCERR: 192.0.2.9");
}

TEST_CASE("exec: Debian's Nagios plugins on an nginx, up and down") {
  const std::string plugins = "/usr/lib/nagios/plugins/";
  if (::access((plugins + "check_http").c_str(), X_OK) != 0) {
    FAIL("no check_http; install the Debian package monitoring-plugins-basic");
  }
  const std::string host = own_address();
  test::Nginx nginx({.address = host, .port = kHttpPort});
  Prober prober;
  const auto http =
      exec_check({plugins + "check_http", "-I", "{address}", "-p", "{port}", "-u", "/health"});
  const auto tcp = exec_check({plugins + "check_tcp", "-H", "{address}", "-p", "{port}"});
  const auto place = endpoint(host, kHttpPort);
  CHECK_THAT(brief(prober.probe(http, place)), StartsWith("pass L7OK: HTTP OK: HTTP/1.1 200 OK"));
  CHECK_THAT(brief(prober.probe(tcp, place)), StartsWith("pass L7OK: TCP OK - "));
  CHECK_THAT(prober.probe(http, place).detail, !ContainsSubstring("|"));
  nginx.set_healthy(false);  // a 404 is a warning to check_http
  CHECK_THAT(brief(prober.probe(http, place)), StartsWith("warn L7OKC: HTTP WARNING: "));
  const auto slow =
      exec_check({plugins + "check_tcp", "-H", "{address}", "-p", "{port}", "-w", "x", "-c"});
  CHECK(prober.probe(slow, place).verdict == Verdict::unknown);  // its usage: exit 3
  nginx.stop();
  CHECK_THAT(brief(prober.probe(http, place)), StartsWith("fail PROCERR: "));
  CHECK_THAT(brief(prober.probe(tcp, place)), StartsWith("fail PROCERR: "));
}

TEST_CASE("exec: Debian's check_smtp on a Postfix, up and down") {
  if (::geteuid() != 0) {
    WARN("Postfix needs root: run this test as root to see it");
    return;
  }
  const TempFolder folder;
  const std::string host = own_address();
  const auto check =
      exec_check({"/usr/lib/nagios/plugins/check_smtp", "-H", "{address}", "-p", "{port}"});
  Prober prober;
  {
    const test::Postfix postfix(host, kSmtpPort,
                                test::make_certificates(folder / "tls", "DNS:www.example.test"));
    CHECK_THAT(brief(prober.probe(check, endpoint(host, kSmtpPort))),
               StartsWith("pass L7OK: SMTP OK - "));
  }
  CHECK_THAT(brief(prober.probe(check, endpoint(host, kClosedPort))), StartsWith("fail PROCERR: "));
}

}  // namespace ronda::probes
