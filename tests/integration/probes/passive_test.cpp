// passive checks: what was told to this process, and files that are there, gone, wrong, or on a
// disk that does not answer.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/integration/net/temporary_directory.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/held_file.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using test::brief;
using test::Prober;

const net::Endpoint kWeb1{*net::IpAddress::parse("192.0.2.1"), 0};

CheckSpec passive_check(const std::string& file = "") {
  CheckSpec check = test::make_check(
      "passive", PassiveCheck{.file = file, .service = "www.example.com", .replica = "web1"});
  check.timeout = 300ms;
  return check;
}

void date(const std::string& file, std::chrono::seconds from_now) {
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() + from_now);
}

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator numbers("/proc/self/fd");
  return std::distance(begin(numbers), end(numbers));
}

}  // namespace

TEST_CASE("passive: the last word told, and whose it is") {
  Prober prober;
  Reports& reports = *prober.engines.reports;
  CheckSpec check = passive_check();
  CHECK_THAT(brief(prober.probe(check, kWeb1)),
             Catch::Matchers::StartsWith("unknown SOCKERR: nothing reported yet: `ronda report` "));
  reports.tell("www.example.com", "web2", {.verdict = Verdict::pass}, prober.loop.now());
  CHECK(prober.probe(check, kWeb1).verdict == Verdict::unknown);
  reports.tell("www.example.com", "web1", {.verdict = Verdict::pass}, prober.loop.now());
  reports.tell("www.example.com", "web1", {.verdict = Verdict::fail, .reason = "disk full"},
               prober.loop.now());
  const ProbeResult first = prober.probe(check, kWeb1);
  CHECK(brief(first) == "fail L7STS: reported fail: disk full");
  CHECK(first.report != 0);
  CHECK(prober.probe(check, kWeb1).report == first.report);
  reports.tell("www.example.com", "web1", {.verdict = Verdict::fail, .reason = "disk full"},
               prober.loop.now());
  CHECK(prober.probe(check, kWeb1).report != first.report);
  reports.tell("www.example.com", "web1", {.verdict = Verdict::warn}, prober.loop.now() - 61s);
  CHECK(brief(prober.probe(check, kWeb1)) ==
        "unknown SOCKERR: the last word, warn, is 1m1s old and expires after 1m");
  CHECK(prober.probe(check, kWeb1).report == 0);
}

TEST_CASE("passive: a file, its age, and that writing it again is another report") {
  Prober prober;
  const test::TemporaryDirectory folder;
  const std::string path = folder / "words";
  const CheckSpec check = passive_check(path);
  CHECK(brief(prober.probe(check, kWeb1)) ==
        "unknown SOCKERR: " + path + " cannot be read: No such file or directory");
  std::ofstream(path) << "web2 fail\n";
  CHECK(brief(prober.probe(check, kWeb1)) == "unknown SOCKERR: nothing reported yet: no line of " +
                                                 path + " names www.example.com/web1");
  std::ofstream(path) << "web1 fail disk full\n";
  const ProbeResult first = prober.probe(check, kWeb1);
  CHECK(brief(first) == "fail L7STS: reported fail: disk full");
  CHECK(first.report != 0);
  CHECK(prober.probe(check, kWeb1).report == first.report);
  date(path, -5s);
  const ProbeResult again = prober.probe(check, kWeb1);
  CHECK(brief(again) == "fail L7STS: reported fail 5s ago: disk full");
  CHECK(again.report != first.report);
  date(path, -61s);
  CHECK(brief(prober.probe(check, kWeb1)) ==
        "unknown SOCKERR: the last word, fail, is 1m1s old and expires after 1m");
  date(path, 3600s);
  CHECK_THAT(brief(prober.probe(check, kWeb1)), ContainsSubstring("is from the future"));
  std::ofstream(path) << "192.0.2.1 down\n";
  CHECK(brief(prober.probe(check, kWeb1)) ==
        "unknown SOCKERR: " + path + ", line 1: \"down\" is none of pass, warn, fail");
  std::ofstream(path) << std::string((1U << 20U) + 1, '#');
  CHECK_THAT(brief(prober.probe(check, kWeb1)), ContainsSubstring("larger than 1048576 octets"));
}

TEST_CASE("passive: a file that does not answer is our own trouble, and holds nobody") {
  Prober prober;
  const test::TemporaryDirectory folder;
  const std::string path = folder / "words";
  test::HeldFile held(path, "web1 fail\n");
  for (int i = 0; i < 2; ++i) {
    const ProbeResult result = prober.probe(passive_check(path), kWeb1);
    CHECK(brief(result) == "unknown SOCKERR: " + path + " could not be read within 300ms");
    CHECK(prober.took < 350ms);
  }
  // Another file is read meanwhile.
  std::ofstream(folder / "other") << "web1 pass\n";
  CHECK(brief(prober.probe(passive_check(folder / "other"), kWeb1)) == "pass L7OK: reported pass");
  held.let_go();
  CHECK_THAT(brief(prober.probe(passive_check(path), kWeb1)),
             Catch::Matchers::StartsWith("fail L7STS: reported fail"));  // perhaps a second ago
}

TEST_CASE("passive: checks that wait for one file get one reading") {
  Prober prober;
  const test::TemporaryDirectory folder;
  const std::string path = folder / "words";
  std::ofstream(path) << "web1 pass\n";
  std::vector<net::Handle> handles;
  int told = 0;
  const auto before = open_descriptors();
  for (int i = 0; i < 1000; ++i) {
    handles.push_back(start_probe(
        prober.engines, passive_check(path), kWeb1,
        [&](const ProbeResult& result) { told += result.verdict == Verdict::pass ? 1 : 0; }));
  }
  CHECK(open_descriptors() == before + 1);  // a reading has one
  handles.resize(900);                      // some leave early
  CHECK(prober.wait_for([&] { return told >= 900; }));
  CHECK(told == 900);
}

}  // namespace ronda::probes
