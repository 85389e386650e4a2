#include "tests/e2e/daemon.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "tests/support/bed/eventually.hpp"

namespace ronda::test {

using nlohmann::json;

std::string Daemon::control(const Site& site) {
  return R"("control": { "socket": )" + json_text(site.folder() / "control.sock") +
         R"( }, "state_dir": )" + json_text(site.folder() / "state") + ",";
}

void Daemon::start(std::vector<std::string> environment) {
  ProcessOptions options;
  options.environment = std::move(environment);
  options.output = site_.folder() / "run.out";
  options.errors = log_file();
  process_ = start_ronda({"run", "-c", site_.config().string()}, options);
}

std::string Daemon::log() const {
  return read_file(log_file());
}

std::optional<json> Daemon::status() const {
  const Finished finished = run_ronda({"status", "-c", site_.config().string(), "--json"});
  json report = json::parse(finished.output, nullptr, false);
  if (!report.is_object() || report.value("services", json::array()).empty()) {
    return std::nullopt;
  }
  return report;
}

bool Daemon::reaches(const std::string& state) const {
  return eventually(kSoon, [&] {
    const std::optional<json> report = status();
    return report && report->at("services").at(0).at("state") == state;
  });
}

bool Daemon::logs(const std::string& text, std::size_t after) const {
  return eventually(kSoon, [&] { return log().find(text, after) != std::string::npos; });
}

}  // namespace ronda::test
