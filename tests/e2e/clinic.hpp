// What the tests of `ronda doctor` start from: a named with www.example.com, a config for it, and
// every examination watched for harm. Nothing listens at the replicas: doctor does not probe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/e2e/site.hpp"

namespace ronda::test {

struct ClinicConfig {
  std::string zone = "example.com";
  std::string owner = kOwner;
  std::string server{};     // empty: the clinic's named
  std::string key_file{};   // empty: the named's own
  std::string more_zone{};  // more members of the zone, each with its comma before it
  std::string zones{};      // more zones, each with its comma before it
  std::string service{};    // more members of the service, likewise
  std::string replicas = R"("192.0.2.1", "192.0.2.2")";
};

struct Examination {
  int code = -1;
  nlohmann::json report{};

  // The one finding of this grade and topic; fails the test when there is not exactly one.
  nlohmann::json only(const std::string& grade, const std::string& topic) const;
  // "grade topic" of all but the good ones, in their order.
  std::vector<std::string> complaints() const;
};

using Complaints = std::vector<std::string>;
std::string text_of(const nlohmann::json& finding);
std::string mend_of(const nlohmann::json& finding);

// A named whose rndc may be used.
NamedOptions with_control(NamedOptions options = {});
// The zone that healthy examinations are made of.
std::string healthy_zone();

class Clinic {
 public:
  explicit Clinic(NamedOptions options = {});

  Named& named() { return *named_; }
  const TempFolder& folder() const { return folder_; }
  void write_config(const ClinicConfig& config = {});
  std::filesystem::path config() const { return folder_ / "ronda.json"; }

  // Runs doctor, and sees to it that named carried out no update and opened no journal.
  Examination examine(const Arguments& more = {});
  // With --write-test in `more`.
  Examination examine_writing(const Arguments& more);
  // Carries out commands of nsupdate with named's own key.
  void update(const std::string& commands);

 private:
  TempFolder folder_{};
  std::unique_ptr<Named> named_{};
};

}  // namespace ronda::test
