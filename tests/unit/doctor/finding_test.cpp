#include "agent/doctor/finding.hpp"

#include <nlohmann/json.hpp>

#include "agent/ops/doctor_json.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::agent;

namespace {

std::vector<DoctorFinding> graded(const std::vector<Grade>& grades) {
  std::vector<DoctorFinding> findings;
  for (const Grade grade : grades) {
    findings.push_back({.grade = grade, .topic = "key", .subject = "example.com", .text = "text"});
  }
  return findings;
}

}  // namespace

TEST_CASE("the worst grade is the exit code, and what was found before what could not be asked") {
  using enum Grade;
  CHECK(exit_code({}) == 0);
  CHECK(exit_code(graded({ok, skip, ok})) == 0);
  CHECK(exit_code(graded({ok, warn, skip})) == 1);
  CHECK(exit_code(graded({warn, lost})) == 3);
  CHECK(exit_code(graded({bad, lost, warn})) == 2);
}

TEST_CASE("a finding is one line, its cure behind an arrow") {
  const std::vector<DoctorFinding> findings{
      {.grade = Grade::ok, .topic = "key", .subject = "example.com", .text = "accepted"},
      {.grade = Grade::bad,
       .topic = "policy",
       .subject = "www.example.com A",
       .text = "refused",
       .mend = "grant it"}};
  CHECK(to_text(findings, false) ==
        "ok   key         example.com: accepted\n"
        "bad  policy      www.example.com A: refused -> grant it\n");
  CHECK(to_text(findings, true) ==
        "\033[32mok   \033[0mkey         example.com: accepted\n"
        "\033[31mbad  \033[0mpolicy      www.example.com A: refused -> grant it\n");
}

TEST_CASE("what a server says stays on its line") {
  const std::vector<DoctorFinding> findings{
      {.grade = Grade::ok, .topic = "version", .subject = "example.com", .text = "9\n\033[31m8\r"}};
  CHECK(to_text(findings, false) == "ok   version     example.com: 9??[31m8?\n");
}

TEST_CASE("findings and errors as JSON") {
  using nlohmann::json;
  const auto report = json::parse(to_json({{.grade = Grade::warn,
                                            .topic = "ttl",
                                            .subject = "www.example.com A",
                                            .text = "long",
                                            .mend = "lower it"}},
                                          {}, 1));
  CHECK(report == json::parse(R"({ "schema": 1, "exit": 1, "errors": [], "findings": [
    { "grade": "warn", "topic": "ttl", "subject": "www.example.com A", "text": "long",
      "mend": "lower it" } ] })"));
  CHECK(json::parse(to_json({}, {"no config"}, 3)) ==
        json::parse(R"({ "schema": 1, "exit": 3, "findings": [], "errors": ["no config"] })"));
}
