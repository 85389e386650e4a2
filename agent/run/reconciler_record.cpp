#include <algorithm>

#include "agent/run/reconciler.hpp"

namespace ronda::agent {

namespace {

using namespace std::chrono_literals;

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : ",") + part;
  }
  return text;
}

}  // namespace

// A change is written soon, the rest often enough that the file is never older than it may be.
void Reconciler::save(bool changed) {
  if (!started_ || purpose_ == Purpose::plan) {
    return;
  }
  if (!changed && !one_shot()) {
    constexpr net::Duration kSoon = 200ms;
    next_save_ = next_save_ ? std::min(*next_save_, now_ + kSoon) : now_ + kSoon;
    return;
  }
  SaveState action{.state = {.saved_at = wall_, .probes = {}, .managed = {}}};
  if (one_shot()) {
    action.state.managed =
        saved_.managed;  // a run for some services keeps what is known of the rest
  }
  probes_.save(action.state, now_, wall_);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const ServiceConfig& service = config_.services[i];
    if (service.probes_only) {
      continue;
    }
    auto& managed = action.state.managed[service.id];
    managed.clear();
    for (const Member& member : service.members) {
      managed.insert(member.address);
    }
    managed.insert(service.fallback.begin(), service.fallback.end());
    const std::vector<net::IpAddress> there = published(services_[i]);
    for (const net::IpAddress& address : services_[i].retired) {
      if (!services_[i].read || std::ranges::find(there, address) != there.end()) {
        managed.insert(address);
      }
    }
  }
  actions_.emplace_back(std::move(action));
  if (!one_shot()) {
    next_save_ = now_ + save_period_;
  }
}

void Reconciler::log(LogLevel level, std::string event,
                     std::vector<std::pair<std::string, std::string>> fields) {
  actions_.emplace_back(
      LogLine{.level = level, .event = std::move(event), .fields = std::move(fields)});
}

void Reconciler::log_transition(std::size_t service, std::size_t member, HealthState from) {
  const ReplicaStatus status = replica_status(service, member, {});
  std::vector<std::pair<std::string, std::string>> fields = {
      {"service", config_.services[service].id},
      {"replica", status.replica},
      {"address", status.address},
      {"from", to_string(from)},
      {"to", to_string(status.state)},
      {"counter", status.counter}};
  if (status.last) {
    fields.emplace_back("check", status.last->check);
    fields.emplace_back("code", probes::to_string(status.last->result.code));
    fields.emplace_back("detail", status.last->result.detail);
  }
  const bool bad = status.state == HealthState::down || status.state == HealthState::stale;
  log(bad ? LogLevel::warning : LogLevel::info, "transition", std::move(fields));
}

void Reconciler::log_report(LogLevel level, const char* event, const ProbeEntry& entry) {
  for (const ProbeEntry::About& about : entry.about) {
    const ServiceConfig& service = config_.services[about.service];
    const Member& member = service.members[about.member];
    log(level, event,
        {{"service", service.id},
         {"replica", member.replica},
         {"address", member.address.to_string()},
         {"report", entry.check.name},
         {"code", probes::to_string(entry.last->code)},
         {"detail", entry.last->detail}});
  }
}

void Reconciler::log_withholding(const char* event, std::size_t service, std::size_t member,
                                 const Withholding& withholding) {
  const Member& config = config_.services[service].members[member];
  std::vector<std::pair<std::string, std::string>> fields = {
      {"service", config_.services[service].id},
      {"replica", config.replica},
      {"address", config.address.to_string()}};
  if (withholding.kind != Withheld::none) {
    fields.emplace_back("kind", to_string(withholding.kind));
    fields.emplace_back("reason", withholding.why);
  }
  log(LogLevel::info, event, std::move(fields));
}

// What decides nothing, and so has no transition: one line when it begins, one when it is over.
void Reconciler::log_warnings(std::size_t service, std::size_t member, const MemberHealth& before) {
  const MemberHealth& health = services_[service].health[member];
  if (health.warnings == before.warnings) {
    return;
  }
  const Member& config = config_.services[service].members[member];
  const auto fields_of = [&](std::size_t check) {
    return std::vector<std::pair<std::string, std::string>>{
        {"service", config_.services[service].id},
        {"replica", config.replica},
        {"address", config.address.to_string()},
        {"check", config.checks[check].name}};
  };
  const auto is_in = [](const std::vector<std::size_t>& list, std::size_t check) {
    return std::ranges::find(list, check) != list.end();
  };
  for (const std::size_t check : health.warnings) {
    const bool told = check == health.deciding && !health.healthy;
    if (is_in(before.warnings, check) || told) {
      continue;
    }
    const probes::ProbeResult& result = *probes_.at(probes_.ids(service, member)[check]).last;
    auto fields = fields_of(check);
    fields.emplace_back("code", probes::to_string(result.code));
    fields.emplace_back("detail", result.detail);
    log(LogLevel::warning, "warning", std::move(fields));
  }
  for (const std::size_t check : before.warnings) {
    if (!is_in(health.warnings, check) && (check != before.deciding || before.healthy)) {
      log(LogLevel::info, "warning_over", fields_of(check));
    }
  }
}

std::string Reconciler::duel_text(std::size_t service, const Duel& duel) const {
  const net::Duration left = std::max(duel.until - now_, net::Duration(0));
  return "another writer has " + std::string(duel.present ? "put" : "taken out") + " " +
         config_.services[service].name.to_string() + " " +
         (duel.address.is_v4() ? "A " : "AAAA ") + duel.address.to_string() +
         (duel.present ? " back " : " again ") + std::to_string(duel.undone) +
         " times in ten minutes: we leave it so for " +
         net::format_duration(std::chrono::ceil<std::chrono::seconds>(left)) +
         (duel.present ? " and take it out at most once a minute while it is down" : "") +
         "; find who else writes it";
}

void Reconciler::log_duel(std::size_t service, const Duel& duel) {
  log(LogLevel::error, "duel",
      {{"service", config_.services[service].id},
       {"record", config_.services[service].name.to_string() + " " +
                      (duel.address.is_v4() ? "A " : "AAAA ") + duel.address.to_string()},
       {"undone", std::to_string(duel.undone)},
       {"detail", duel_text(service, duel)}});
}

void Reconciler::log_update(std::size_t zone, const dnsupdate::MessageOutcome& message) {
  std::vector<std::string> owners;
  for (const dnsupdate::Name& owner : message.owners) {
    owners.push_back(owner.to_string());
  }
  std::vector<std::pair<std::string, std::string>> fields = {
      {"zone", config_.zones[zone].id},
      {"owners", joined(owners)},
      {"outcome", dnsupdate::to_string(message.outcome.kind)},
      {"rcode", message.outcome.rcode ? to_string(*message.outcome.rcode) : "none"},
      {"server", message.outcome.server},
      {"seconds", std::to_string(net::to_seconds(message.elapsed))}};
  if (message.serial) {
    fields.emplace_back("serial", std::to_string(*message.serial));
  }
  if (message.visible_after) {
    fields.emplace_back("visible_seconds", std::to_string(net::to_seconds(*message.visible_after)));
  }
  if (message.nudges > 0) {
    fields.emplace_back("nudges", std::to_string(message.nudges));
  }
  if (!message.outcome.detail.empty()) {
    fields.emplace_back("detail", message.outcome.detail);
  }
  const bool applied = message.outcome.kind == dnsupdate::OutcomeKind::applied;
  log(applied ? LogLevel::info : LogLevel::error, "update", std::move(fields));
}

}  // namespace ronda::agent
