#include "agent/config/reader.hpp"

#include <utility>

#include "agent/config/check_book.hpp"
#include "agent/config/check_reader.hpp"
#include "agent/config/files.hpp"
#include "agent/config/node.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/parse_text.hpp"
#include "agent/config/problems.hpp"
#include "agent/config/service_reader.hpp"
#include "agent/config/zone_reader.hpp"

namespace ronda::agent {
namespace {

constexpr std::size_t kLongestSocketPath = 107;  // sun_path without its final NUL

void read_paths(const ObjectView& view, const Folders& folders, Problems& problems,
                Config& config) {
  if (const Node* control = view.get("control")) {
    const ObjectView inner(*control, control_keys(), "\"control\"", problems);
    if (const auto socket = inner.text("socket")) {
      auto path = folders.resolve(*socket);
      if (socket->empty() || path.native().size() > kLongestSocketPath) {
        problems.error(inner.place("socket"),
                       socket->empty()
                           ? "\"socket\" is empty; write a path"
                           : "\"socket\": a socket's path has at most 107 octets, this has " +
                                 std::to_string(path.native().size()));
      }
      config.control_socket = std::move(path);
    }
  }
  if (const auto folder = view.text("state_dir")) {
    if (folder->empty()) {
      problems.error(view.place("state_dir"), "\"state_dir\" is empty; write a folder's path");
    }
    config.state_dir = folders.resolve(*folder);
  }
}

void warn_idle_zones(const std::vector<ReadZone>& zones, const Config& config, Problems& problems) {
  std::vector<bool> used(zones.size(), false);
  for (const ServiceConfig& service : config.services) {
    if (!service.probes_only && service.zone < used.size()) {
      used[service.zone] = true;
    }
  }
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (!used[i]) {
      problems.warning(zones[i].place, "zone \"" + zones[i].config.id + "\" has no services");
    }
  }
}

Config read_tree(const Node& root, const Folders& folders, Problems& problems) {
  const ObjectView view(root, top_keys(), "the config", problems);
  Config config;
  config.mode = view.text("mode") == "observe" ? WriteMode::observe : WriteMode::enforce;
  read_paths(view, folders, problems, config);
  const Node* defaults_node = view.get("defaults");
  const Defaults defaults =
      defaults_node != nullptr ? read_defaults(*defaults_node, problems) : Defaults{};
  config.grace = defaults.grace.value_or(config.grace);
  const bool allow_exec = view.flag("allow_exec").value_or(false);
  CheckReader check_reader(defaults, folders, allow_exec, problems);
  LoadReader loads(check_reader, problems);
  FreshnessReader freshness(check_reader, problems);
  CheckBook checks(view.get("checks"), check_reader, problems);
  const std::vector<ReadZone> zones = read_zones(view.list("zones"), folders, problems);
  const ServiceSurroundings around{.mode = config.mode,
                                   .defaults = defaults,
                                   .zones = zones,
                                   .checks = checks,
                                   .loads = loads,
                                   .freshness = freshness};
  ServiceReader services(around, problems);
  for (const Node& node : view.list("services")) {
    config.services.push_back(services.read(node));
  }
  if (const Node* list = view.get("services"); list != nullptr && list->items.empty()) {
    problems.warning(list->place, "\"services\" is empty: there is nothing to watch");
  }
  config.spare_checks = checks.take_unused();
  warn_idle_zones(zones, config, problems);
  for (const ReadZone& zone : zones) {
    config.zones.push_back(zone.config);
  }
  return config;
}

}  // namespace

ConfigResult read_config_text(const std::filesystem::path& file, std::string_view text) {
  Problems problems(file.string(), text);
  auto parsed = parse_text(text);
  if (!parsed) {
    problems.error(parsed.error().place, parsed.error().message);
    return std::unexpected(problems.take_errors(Node{}));
  }
  for (const Finding& duplicate : parsed->duplicates) {
    problems.error(duplicate.place, duplicate.message);
  }
  Config config = read_tree(parsed->root, Folders::of(file), problems);
  if (!problems.empty()) {
    return std::unexpected(problems.take_errors(parsed->root));
  }
  config.file = file;
  config.warnings = problems.take_warnings();
  return config;
}

ConfigResult read_config(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxTextSize, FileKind::any);
  if (!text) {
    ConfigProblem problem;
    problem.file = file.string();
    problem.message = "cannot be read: " + text.error();
    return std::unexpected(std::vector{std::move(problem)});
  }
  return read_config_text(file, text->text);
}

std::optional<std::filesystem::path> read_control_socket(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxTextSize, FileKind::any);
  const auto parsed = text ? parse_text(text->text) : std::unexpected(Finding{});
  const Node* control = parsed ? parsed->root.find("control") : nullptr;
  const Node* socket = control != nullptr ? control->find("socket") : nullptr;
  if (socket == nullptr || socket->kind != Node::Kind::text || socket->text.empty()) {
    return std::nullopt;
  }
  return Folders::of(file).resolve(socket->text);
}

}  // namespace ronda::agent
