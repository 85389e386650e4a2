#include "tests/unit/ops/snapshot_sample.hpp"

namespace ronda::test {

using namespace std::chrono_literals;

agent::ReplicaStatus replica_up(const std::string& name, const std::string& address) {
  agent::ReplicaStatus replica;
  replica.replica = name;
  replica.address = address;
  replica.state = agent::HealthState::up;
  replica.healthy = true;
  replica.published = true;
  replica.counter = "0/3";
  replica.since = net::WallTime(1767225600s);  // 2026-01-01
  agent::LastResult last{.check = "web"};
  last.result.verdict = probes::Verdict::pass;
  last.result.code = probes::Code::L7OK;
  last.result.detail = "status 200";
  last.result.phases.total = 1500us;
  last.result.cert_not_after =
      net::WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1));
  last.result.cert_chain_not_after = *last.result.cert_not_after + 1h;
  replica.last = last;
  return replica;
}

agent::ReplicaStatus replica_down(const std::string& name, const std::string& address) {
  agent::ReplicaStatus replica = replica_up(name, address);
  replica.state = agent::HealthState::down;
  replica.healthy = false;
  replica.published = false;
  replica.last->result.verdict = probes::Verdict::fail;
  replica.last->result.code = probes::Code::L4CON;
  replica.last->result.detail = "connection refused";
  replica.last->result.phases.total = 400us;
  return replica;
}

agent::ServiceStatus healthy_service() {
  agent::ServiceStatus service;
  service.service = "www.example.com";
  service.type = "A";
  service.state = agent::ServiceState::ok;
  service.published = {"192.0.2.1", "192.0.2.2"};
  service.wanted = service.published;
  service.replicas = {replica_up("web1", "192.0.2.1"), replica_up("web2", "192.0.2.2")};
  service.update.kind = agent::UpdateKind::unchanged;
  service.update.outcome.server = "127.0.0.1:53";
  service.healthy = 2;
  service.reason = "2 of 2 healthy in tier 1";
  return service;
}

agent::ServiceStatus degraded_service() {
  agent::ServiceStatus service = healthy_service();
  service.state = agent::ServiceState::degraded;
  service.published = {"192.0.2.1"};
  service.wanted = service.published;
  service.replicas[1] = replica_down("web2", "192.0.2.2");
  service.update.kind = agent::UpdateKind::applied;
  service.update.outcome.kind = dnsupdate::OutcomeKind::applied;
  service.update.outcome.rcode = dnsupdate::Rcode::NOERROR;
  service.healthy = 1;
  service.reason = "1 of 2 healthy in tier 1";
  return service;
}

agent::Snapshot snapshot_of(agent::ServiceStatus service) {
  agent::Snapshot snapshot;
  snapshot.at = net::WallTime(1767225601s);
  snapshot.services.push_back(std::move(service));
  return snapshot;
}

}  // namespace ronda::test
