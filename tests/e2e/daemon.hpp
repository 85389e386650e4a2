// `ronda run` beside a Site, with its socket, its state and what it says in the site's folder.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/process.hpp"

namespace ronda::test {

constexpr auto kSoon = std::chrono::seconds(15);

class Daemon {
 public:
  explicit Daemon(Site& site) : site_(site) {}

  static std::string control(const Site& site);  // for ConfigText::before
  void start(std::vector<std::string> environment = {});
  Process& process() { return *process_; }
  std::filesystem::path log_file() const { return site_.folder() / "run.err"; }
  std::string log() const;
  std::optional<nlohmann::json> status() const;
  // Both wait no longer than kSoon.
  bool reaches(const std::string& state) const;
  bool logs(const std::string& text, std::size_t after = 0) const;

 private:
  Site& site_;
  std::unique_ptr<Process> process_{};
};

}  // namespace ronda::test
