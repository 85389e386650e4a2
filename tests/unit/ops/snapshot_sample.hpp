// One snapshot with something of everything, shared by the tests of its renderings.
#pragma once

#include "agent/ops/snapshot.hpp"

namespace ronda::test {

agent::ReplicaStatus replica_up(const std::string& name, const std::string& address);
agent::ReplicaStatus replica_down(const std::string& name, const std::string& address);
// Two replicas, both up and published.
agent::ServiceStatus healthy_service();
// web2 refused the connection and was removed.
agent::ServiceStatus degraded_service();
agent::Snapshot snapshot_of(agent::ServiceStatus service);

}  // namespace ronda::test
