// A reconciler on a bench: a small configuration, a zone held in memory that does what WriteRrsets
// says, and a clock moved by hand. Actions pile up by kind for the test to look at.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "agent/decide/planner.hpp"
#include "agent/run/reconciler.hpp"

namespace ronda::test {

using namespace std::chrono_literals;

inline net::IpAddress ip(const std::string& text) {
  return net::IpAddress::parse(text).value();
}
inline dnsupdate::Name name(const std::string& text) {
  return dnsupdate::Name::parse(text).value();
}

inline dnsupdate::RrSet rrset(const std::string& owner, const std::vector<std::string>& addresses) {
  dnsupdate::RrSet set{
      .key = {.owner = name(owner), .type = dnsupdate::RrType::A}, .ttl = 60, .data = {}};
  for (const std::string& address : addresses) {
    set.insert(agent::to_rdata(ip(address)));
  }
  set.ttl = set.empty() ? 0 : 60;
  return set;
}

inline probes::ProbeResult pass() {
  return {.verdict = probes::Verdict::pass, .code = probes::Code::L7OK, .detail = "200"};
}
inline probes::ProbeResult fail() {
  return {.verdict = probes::Verdict::fail, .code = probes::Code::L4CON, .detail = "refused"};
}
inline probes::ProbeResult could_not_ask() {
  return {.verdict = probes::Verdict::unknown,
          .code = probes::Code::SOCKERR,
          .detail = "no descriptor"};
}

inline agent::ServiceConfig service(const std::string& owner,
                                    const std::vector<std::string>& addresses) {
  agent::ServiceConfig config;
  config.id = owner;
  config.name = name(owner);
  for (const std::string& address : addresses) {
    agent::Member member{.replica = address, .address = ip(address), .tier = 1, .checks = {}};
    agent::MemberCheck check;
    check.name = "web";
    check.spec.kind = "http";
    check.spec.protocol = probes::HttpCheck{};
    check.spec.server_name = owner;
    check.endpoint = {.ip = member.address, .port = 80};
    check.timing = {.interval = 1s, .fast_interval = 200ms, .fall = 2, .rise = 2, .ok = 1};
    member.checks.push_back(check);
    config.members.push_back(member);
  }
  return config;
}

inline agent::Config config_of(const std::vector<agent::ServiceConfig>& services) {
  agent::Config config;
  config.zones.push_back({.id = "example.com", .zone = name("example.com")});
  config.services = services;
  return config;
}

class Round {
 public:
  Round(agent::Config config, agent::Purpose purpose, agent::SavedState saved = {})
      : reconciler(std::move(config), std::move(saved), purpose, now, wall) {}

  void step(const agent::Event& event) {
    for (agent::Action& action : reconciler.step(event, now, wall)) {
      if (auto* read = std::get_if<agent::ReadRrsets>(&action)) {
        reads.push_back(*read);
      } else if (auto* write = std::get_if<agent::WriteRrsets>(&action)) {
        writes.push_back(*write);
      } else if (auto* line = std::get_if<agent::LogLine>(&action)) {
        log.push_back(agent::to_string(*line));
      } else if (auto* saved = std::get_if<agent::SaveState>(&action)) {
        saves.push_back(saved->state);
      } else if (std::holds_alternative<agent::StartProbes>(action)) {
        ++probe_starts;
      } else {
        ++settled;
      }
    }
  }
  void advance(net::Duration by) {
    now += by;
    wall += by;
    step(agent::Tick{});
  }
  void probe(std::size_t id, const probes::ProbeResult& result) {
    probe(std::vector<agent::ProbeFinished>{{.probe = id, .result = result}});
  }
  // What came in one turn.
  void probe(std::vector<agent::ProbeFinished> results) {
    step(agent::ProbesFinished{.results = std::move(results)});
  }
  // Answers the oldest read from `zone`.
  void answer_read() {
    const agent::ReadRrsets read = reads.front();
    reads.erase(reads.begin());
    agent::ZoneRead event{.zone = read.zone, .results = {}};
    for (const dnsupdate::RrsetKey& key : read.keys) {
      event.results.emplace_back(find(key));
    }
    step(event);
  }
  void fail_read(dnsupdate::ReadFaultKind kind = dnsupdate::ReadFaultKind::unreachable) {
    const agent::ReadRrsets read = reads.front();
    reads.erase(reads.begin());
    const dnsupdate::ReadFault fault{
        .kind = kind, .server = "192.0.2.53:53", .detail = "primary is gone"};
    step(agent::ZoneRead{
        .zone = read.zone,
        .results = std::vector<dnsupdate::ReadResult>(read.keys.size(), std::unexpected(fault))});
  }
  // Answers the oldest write; when applied, the zone changes.
  void answer_write(dnsupdate::OutcomeKind kind = dnsupdate::OutcomeKind::applied) {
    const agent::WriteRrsets write = writes.front();
    writes.erase(writes.begin());
    agent::ZoneWritten event{.zone = write.zone, .flight = write.flight, .report = {}};
    const dnsupdate::Outcome outcome{.kind = kind, .rcode = dnsupdate::Rcode::NOERROR};
    dnsupdate::MessageOutcome message{.owners = {}, .outcome = outcome};
    for (const dnsupdate::RrsetChange& change : write.changes) {
      if (kind == dnsupdate::OutcomeKind::applied) {
        find(change.wanted.key) = change.wanted;
      }
      message.owners.push_back(change.wanted.key.owner);
      event.report.rrsets.push_back(
          {.key = change.wanted.key, .outcome = outcome, .observed = find(change.wanted.key)});
    }
    event.report.messages.push_back(message);
    step(event);
  }
  std::vector<std::string> held(const std::string& owner) {
    return find({.owner = name(owner), .type = dnsupdate::RrType::A}).to_strings();
  }
  bool logged(const std::string& text) const {
    return std::ranges::any_of(
        log, [&](const std::string& line) { return line.find(text) != line.npos; });
  }

  net::SteadyTime now{1000s};
  net::WallTime wall{1'700'000'000s};
  std::vector<dnsupdate::RrSet> zone{};
  std::vector<agent::ReadRrsets> reads{};
  std::vector<agent::WriteRrsets> writes{};
  std::vector<agent::SavedState> saves{};
  std::vector<std::string> log{};
  int probe_starts = 0;
  int settled = 0;
  agent::Reconciler reconciler;

 private:
  dnsupdate::RrSet& find(const dnsupdate::RrsetKey& key) {
    const auto found = std::ranges::find(zone, key, &dnsupdate::RrSet::key);
    return found != zone.end() ? *found : zone.emplace_back(dnsupdate::RrSet{.key = key});
  }
};

}  // namespace ronda::test
