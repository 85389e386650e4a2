// `ronda try`: one name, without config and key. Finds zone and primary, reads the addresses there,
// probes each and says what ronda would do. Sends questions only.
#include <csignal>
#include <cstdio>
#include <expected>
#include <functional>
#include <utility>

#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/replica_reader.hpp"
#include "agent/decide/planner.hpp"
#include "agent/first/preview.hpp"
#include "agent/first/scout.hpp"
#include "agent/ops/status_json.hpp"
#include "agent/run/agent.hpp"

namespace ronda::agent {
namespace {

using Sentence = std::string;

std::expected<std::vector<net::IpAddress>, Sentence> addresses_at(Scout& scout,
                                                                  const Whereabouts& place,
                                                                  const dnsupdate::Name& name) {
  using dnsupdate::RrType;
  std::vector<dnsupdate::RrSet> sets;
  for (const dnsupdate::ReadResult& result :
       scout.read(place, nullptr, {{name, RrType::A}, {name, RrType::AAAA}})) {
    if (!result) {
      return std::unexpected(result.error().detail);
    }
    sets.push_back(*result);
  }
  std::vector<net::IpAddress> found = addresses(sets);
  if (found.empty()) {
    return std::unexpected("\"" + name.to_string() + "\" has no A or AAAA record at " +
                           place.servers.front().to_string());
  }
  std::string unusable;
  std::erase_if(found, [&](const net::IpAddress& address) {
    const std::string why = why_unusable(address);
    unusable = why.empty() ? unusable : address.to_string() + ": " + why;
    return !why.empty();
  });
  if (found.empty()) {
    return std::unexpected("\"" + name.to_string() + "\" has no address that could be probed (" +
                           unusable + ")");
  }
  return found;
}

std::expected<Preview, Sentence> look_around(Scout& scout, const TryCommand& command,
                                             const dnsupdate::Name& name,
                                             std::vector<net::HostPort>& primaries) {
  auto place = scout.locate(name, command.server, nullptr);
  if (!place) {
    return std::unexpected(std::move(place).error());
  }
  auto found = addresses_at(scout, *place, name);
  if (!found) {
    return std::unexpected(std::move(found).error());
  }
  const auto open = scout.knock(*found, ports_to_try(command.wishes));
  for (const net::Endpoint& server : place->servers) {
    primaries.push_back({.host = server.ip.to_string(), .port = server.port});
  }
  Preview preview;
  preview.name = name;
  preview.zone = place->zone;
  preview.primary = place->servers.front().to_string();
  preview.primary_how = place->how;
  preview.server_option = command.server ? to_string(*command.server) : "";
  preview.check = guess_check(name, Role::none, command.wishes, count_open(*found, open));
  preview.addresses = *std::move(found);
  return preview;
}

int judge(Scout& scout, Config config, const std::function<void(const Snapshot&)>& show) {
  NoLog log;
  net::UvLoop& loop = scout.loop();
  Agent agent(loop, scout.random(), scout.worker(), log, std::move(config), {},
              {.purpose = Purpose::plan});
  Snapshot snapshot;
  agent.start([&] {
    snapshot = agent.snapshot();
    show(snapshot);
    agent.when_left([&] { loop.stop(); });
  });
  loop.run();
  return exit_code(snapshot);
}

int refuse(const TryCommand& command, const Sentence& why, int code) {
  if (command.json) {
    say(failure_json(WriteMode::observe, {why}, code));
    return code;
  }
  talk(why);
  could_not_judge(false, WriteMode::observe, {why});
  return code;
}

}  // namespace

int execute(const TryCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto name = dnsupdate::Name::parse(command.name);
  if (!name) {
    return refuse(command, name.error(), kExitUsage);
  }
  if (name->to_string().starts_with("*.")) {
    return refuse(command, "a wildcard cannot be probed: try a name that it answers for",
                  kExitUsage);
  }
  Scout scout;
  std::vector<net::HostPort> primaries;
  const auto preview = look_around(scout, command, *name, primaries);
  if (!preview) {
    return refuse(command, preview.error(), kExitUnknown);
  }
  return judge(scout, preview_config(*preview, primaries), [&](const Snapshot& snapshot) {
    say(command.json ? to_json(snapshot, preview_facts(*preview, snapshot))
                     : preview_text(*preview, snapshot, color_wanted()));
  });
}

}  // namespace ronda::agent
