// `ronda doctor`: examines the primary of every zone of a config and says what is wrong and what
// mends it. Nothing is changed without --write-test.
#include <csignal>
#include <expected>
#include <memory>
#include <optional>
#include <utility>

#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/reader.hpp"
#include "agent/doctor/examiner.hpp"
#include "agent/doctor/findings.hpp"
#include "agent/ops/doctor_json.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {
namespace {

int give_up(const DoctorCommand& command, const std::vector<std::string>& errors) {
  if (command.json) {
    say(to_json({}, errors, kExitUnknown));
  }
  return kExitUnknown;
}

// For each zone of the config the name to write to, if any.
using WriteTests = std::vector<std::optional<dnsupdate::Name>>;

// The zone of the name given with --write-test, by its longest suffix.
std::optional<std::size_t> zone_of(const Config& config, const dnsupdate::Name& name) {
  std::optional<std::size_t> best;
  for (std::size_t zone = 0; zone < config.zones.size(); ++zone) {
    const dnsupdate::Name& candidate = config.zones[zone].zone;
    if (name.is_within(candidate) &&
        (!best || candidate.label_count() > config.zones[*best].zone.label_count())) {
      best = zone;
    }
  }
  return best;
}

std::expected<WriteTests, std::string> read_write_test(const DoctorCommand& command,
                                                       const Config& config) {
  WriteTests tests(config.zones.size());
  if (!command.write_test) {
    return tests;
  }
  if (command.write_test->empty()) {
    for (std::size_t zone = 0; zone < tests.size(); ++zone) {
      const auto name = dnsupdate::Name::parse("_ronda." + config.zones[zone].zone.to_string());
      if (!name) {
        return std::unexpected("--write-test: " + name.error());
      }
      tests[zone] = *name;
    }
    return tests;
  }
  auto name = dnsupdate::Name::parse(*command.write_test);
  if (!name) {
    return std::unexpected("--write-test: " + name.error());
  }
  const auto zone = zone_of(config, *name);
  if (!zone) {
    return std::unexpected("--write-test: \"" + name->to_string() + "\" lies in no zone of " +
                           config.file.string());
  }
  tests[*zone] = *std::move(name);
  return tests;
}

std::vector<DoctorFinding> examine(const DoctorCommand& command, const Config& config,
                                   const WriteTests& tests) {
  net::UvLoop loop;
  net::SystemRandom random;
  net::Resolver resolver(loop);
  net::Worker worker(loop);
  std::vector<std::unique_ptr<ZoneExaminer>> examiners;
  std::size_t left = config.zones.size();
  for (std::size_t zone = 0; zone < config.zones.size(); ++zone) {
    ExaminerOptions options{.name_server_port = command.name_server_port,
                            .write_test = tests[zone]};
    examiners.push_back(std::make_unique<ZoneExaminer>(Surroundings{loop, random, resolver, worker},
                                                       config, zone, std::move(options)));
    examiners.back()->start([&] {
      if (--left == 0) {
        loop.stop();
      }
    });
  }
  if (left > 0) {
    loop.run();
  }
  std::vector<DoctorFinding> findings;
  for (const auto& examiner : examiners) {
    for (DoctorFinding& finding : find_faults(examiner->facts())) {
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace

int execute(const DoctorCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  const ConfigResult config = read_config(command.config);
  if (!config) {
    if (!command.json) {
      show_problems(config.error());
    }
    return give_up(command, to_sentences(config.error()));
  }
  if (!command.json) {
    for (const std::string& warning : config->warnings) {
      talk_plain(warning);
    }
  }
  const auto tests = read_write_test(command, *config);
  if (!tests) {
    talk(tests.error());
    return give_up(command, {tests.error()});
  }
  const std::vector<DoctorFinding> findings = examine(command, *config, *tests);
  const int code = exit_code(findings);
  say(command.json ? to_json(findings, {}, code) : to_text(findings, color_wanted()));
  return code;
}

}  // namespace ronda::agent
