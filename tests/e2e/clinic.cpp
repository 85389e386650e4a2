#include "tests/e2e/clinic.hpp"

#include <filesystem>
#include <sstream>
#include <utility>

#include "tests/support/catch.hpp"

namespace ronda::test {

using nlohmann::json;

json Examination::only(const std::string& grade, const std::string& topic) const {
  json found;
  int count = 0;
  for (const json& finding : report.at("findings")) {
    if (finding.at("grade") == grade && finding.at("topic") == topic) {
      found = finding;
      ++count;
    }
  }
  INFO(grade << " " << topic << " in " << report.dump(2));
  REQUIRE(count == 1);
  return found;
}

std::vector<std::string> Examination::complaints() const {
  std::vector<std::string> all;
  for (const json& finding : report.at("findings")) {
    if (finding.at("grade") != "ok") {
      all.push_back(finding.at("grade").get<std::string>() + " " +
                    finding.at("topic").get<std::string>());
    }
  }
  return all;
}

std::string text_of(const json& finding) {
  return finding.at("text").get<std::string>();
}

std::string mend_of(const json& finding) {
  return finding.at("mend").get<std::string>();
}

NamedOptions with_control(NamedOptions options) {
  options.control = true;
  return options;
}

std::string healthy_zone() {
  return zone_text("www A 192.0.2.1\nwww A 192.0.2.2\n");
}

Clinic::Clinic(NamedOptions options) {
  if (options.zone_text.empty()) {
    options.zone_text = healthy_zone();
  }
  options.options += " allow-transfer { any; };";  // 9.20 allows its secondaries none unless told
  named_ = std::make_unique<Named>(std::move(options));
  write_config();
}

void Clinic::write_config(const ClinicConfig& config) {
  std::ostringstream out;
  out << R"({ "zones": [{ "zone": ")" << config.zone << R"(", "primary": ")"
      << (config.server.empty() ? named_->server() : config.server) << R"(", "key_file": )"
      << json_text(config.key_file.empty() ? named_->key_path() : config.key_file)
      << config.more_zone << " }" << config.zones
      << R"(], "checks": { "web": { "type": "tcp", "port": 80 } }, "services": [{ "name": ")"
      << config.owner << R"(", "checks": ["web"], "replicas": [)" << config.replicas << "]"
      << config.service << " }] }\n";
  folder_.write("ronda.json", out.str());
}

Examination Clinic::examine_writing(const Arguments& more) {
  Arguments words{"doctor", "-c", config().string(), "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Finished run = run_ronda(words);
  INFO("stdout: " << run.output << "\nstderr: " << run.errors);
  Examination examination{.code = run.code, .report = json::parse(run.output, nullptr, false)};
  REQUIRE(examination.report.is_object());
  CHECK(run.errors.empty());
  CHECK(examination.report.at("exit") == run.code);
  CHECK(examination.report.at("schema") == 1);
  CHECK(examination.report.at("errors").empty());
  for (const json& finding : examination.report.at("findings")) {
    const bool faulty = finding.at("grade") != "ok" && finding.at("topic") != "version";
    INFO(finding.dump());
    CHECK_FALSE(finding.at("text").get<std::string>().empty());
    CHECK(finding.at("mend").get<std::string>().empty() != faulty);
  }
  return examination;
}

Examination Clinic::examine(const Arguments& more) {
  const bool up = named_->running();
  const auto done = up ? named_->update_done_count() : 0;
  const bool journal = std::filesystem::exists(named_->journal_path());
  const std::string file = read_file(std::filesystem::path(named_->folder()) / "zone.db");
  Examination examination = examine_writing(more);
  CHECK((up ? named_->update_done_count() : 0) == done);
  CHECK(std::filesystem::exists(named_->journal_path()) == journal);
  CHECK(read_file(std::filesystem::path(named_->folder()) / "zone.db") == file);
  return examination;
}

void Clinic::update(const std::string& commands) {
  const std::string server = named_->address() + " " + std::to_string(named_->port());
  const Finished done = run({"nsupdate", "-k", named_->key_path()},
                            {.input = "server " + server + "\n" + commands + "send\n"});
  INFO(done.output << done.errors);
  REQUIRE(done.code == 0);
}

}  // namespace ronda::test
