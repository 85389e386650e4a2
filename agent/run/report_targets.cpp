#include "agent/run/report_targets.hpp"

#include <algorithm>
#include <variant>

#include "agent/config/suggestion.hpp"
#include "agent/run/glob.hpp"

namespace ronda::agent {
namespace {

// What was found on the way, for the sentence when it is not enough.
struct Search {
  std::vector<ReportTarget> targets{};
  std::vector<std::string> names{};
  std::size_t matches = 0;
  std::string file{};  // that a check of a match reads
};

void add(std::vector<ReportTarget>& targets, const std::string& service, const Member& member,
         std::size_t probe) {
  auto found = std::ranges::find_if(targets, [&](const ReportTarget& target) {
    return target.service == service && target.replica == member.replica;
  });
  if (found == targets.end()) {
    targets.push_back({.service = service, .replica = member.replica});
    found = std::prev(targets.end());
  }
  if (std::ranges::find(found->probes, probe) == found->probes.end()) {
    found->probes.push_back(probe);
  }
}

Search search(const Config& config, const ProbeTable& probes, const std::string& name,
              bool exactly) {
  Search search;
  for (std::size_t s = 0; s < config.services.size(); ++s) {
    const ServiceConfig& service = config.services[s];
    for (std::size_t m = 0; m < service.members.size(); ++m) {
      const Member& member = service.members[m];
      const std::string full = service.id + "/" + member.replica;
      search.names.push_back(full);
      if (exactly ? full != name : !glob_matches(name, full)) {
        continue;
      }
      ++search.matches;
      for (std::size_t c = 0; c < member.checks.size(); ++c) {
        const auto* passive = std::get_if<probes::PassiveCheck>(&member.checks[c].spec.protocol);
        if (passive != nullptr && passive->file.empty()) {
          add(search.targets, service.id, member, probes.ids(s, m)[c]);
        } else if (passive != nullptr) {
          search.file = passive->file;
        }
      }
    }
  }
  return search;
}

}  // namespace

std::expected<std::vector<ReportTarget>, std::string> report_targets(const Config& config,
                                                                     const ProbeTable& probes,
                                                                     const std::string& name) {
  // A name may hold what looks like a wildcard: *.example.com is a service.
  Search found = search(config, probes, name, true);
  if (found.matches == 0) {
    found = search(config, probes, name, false);
  }
  if (!found.targets.empty()) {
    return std::move(found.targets);
  }
  const std::string quoted = "\"" + name + "\"";
  if (found.matches == 0) {
    std::ranges::sort(found.names);
    const auto doubles = std::ranges::unique(found.names);
    found.names.erase(doubles.begin(), doubles.end());
    const std::vector<std::string_view> known(found.names.begin(), found.names.end());
    return std::unexpected("no replica is called " + quoted + suggest(name, known));
  }
  return std::unexpected(found.file.empty()
                             ? quoted + " has no check of type \"passive\": nobody listens"
                             : "the passive check of " + quoted + " hears only what stands in " +
                                   found.file + "; write it there");
}

}  // namespace ronda::agent
