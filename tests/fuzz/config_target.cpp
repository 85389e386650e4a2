#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "agent/config/parse_text.hpp"
#include "agent/config/reader.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

// No such folder: relative paths of the input lead to nothing.
const char* const kFile = "/ronda-fuzz-has-no-such-folder/ronda.json";

void require(bool promise) {
  if (!promise) {
    std::abort();
  }
}

void check_node(const agent::Node& node, std::size_t size) {
  require(node.place.begin < node.place.end && node.place.end <= size);
  require(node.keys.empty() || node.keys.size() == node.items.size());
  for (const agent::NodeKey& key : node.keys) {
    require(key.place.begin > node.place.begin && key.place.end < node.place.end);
  }
  for (const agent::Node& item : node.items) {
    require(item.place.begin > node.place.begin && item.place.end < node.place.end);
    check_node(item, size);
  }
}

bool leads_out(const agent::Node& value) {
  return value.text.starts_with('/') || value.text.find("..") != std::string::npos;
}

// The reader opens what the keys called ..._file name. Nothing that exists may be among it, or the
// outcome would depend on the machine.
bool opens_a_real_file(const agent::Node& node) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const bool is_file = i < node.keys.size() && node.keys[i].text.ends_with("_file");
    if ((is_file && leads_out(node.items[i])) || opens_a_real_file(node.items[i])) {
      return true;
    }
  }
  return false;
}

void check_problem(const agent::ConfigProblem& problem, std::size_t lines, std::string_view text) {
  require(!problem.message.empty() && problem.line <= lines);
  require(problem.line == 0 || (problem.column >= 1 && problem.column <= text.size() + 1));
  // What is printed on a terminal neither drives it nor breaks its encoding.
  const std::string printed = problem.to_string();
  require(agent::find_bad_utf8(printed) == std::string::npos);
  require(std::ranges::none_of(printed, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
  }));
}

void check_config(const agent::Config& config) {
  for (const agent::ServiceConfig& service : config.services) {
    require(service.probes_only || service.zone < config.zones.size());
    require(!service.members.empty());
    for (const agent::Member& member : service.members) {
      require(!member.checks.empty());
      for (const agent::MemberCheck& check : member.checks) {
        require(check.endpoint.port != 0 && check.endpoint.ip == member.address);
        require(check.timing.fast_interval <= check.timing.interval);
        require(check.spec.timeout > net::Duration::zero() &&
                check.spec.timeout <= check.timing.interval);
        require(check.timing.fall >= 1 && check.timing.rise >= 1 && check.timing.ok >= 1);
      }
    }
  }
}

}  // namespace

// Every value has its place in the text; a config is complete, or every problem is a sentence that
// can be shown, with a place that exists.
void config(std::span<const std::byte> input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto parsed = agent::parse_text(text);
  if (parsed) {
    check_node(parsed->root, text.size());
    if (opens_a_real_file(parsed->root)) {
      return;
    }
  }
  const auto read = agent::read_config_text(kFile, text);
  if (read) {
    require(parsed.has_value());
    check_config(*read);
    return;
  }
  require(!read.error().empty());
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  for (const agent::ConfigProblem& problem : read.error()) {
    check_problem(problem, lines, text);
  }
}

}  // namespace ronda::fuzz
