// The services of the config: owner name and zone, members with their checks ready to run, and what
// to do when they fail. The rules between services (ids, owners) live here too.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/check_book.hpp"
#include "agent/config/check_reader.hpp"
#include "agent/config/config.hpp"
#include "agent/config/freshness_reader.hpp"
#include "agent/config/load_reader.hpp"
#include "agent/config/node.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/problems.hpp"
#include "agent/config/replica_reader.hpp"
#include "agent/config/zone_reader.hpp"

namespace ronda::agent {

// What the rest of the config says that services need.
struct ServiceSurroundings {
  WriteMode mode = WriteMode::enforce;
  const Defaults& defaults;
  std::span<const ReadZone> zones{};
  CheckBook& checks;
  LoadReader& loads;
  FreshnessReader& freshness;
};

class ServiceReader {
 public:
  ServiceReader(const ServiceSurroundings& around, Problems& problems)
      : around_(around), problems_(problems) {}

  ServiceConfig read(const Node& node);

 private:
  bool read_identity(const ObjectView& view, ServiceConfig& service);
  void read_mode(const ObjectView& view, ServiceConfig& service);
  void read_zone(const ObjectView& view, ServiceConfig& service);
  void read_type(const ObjectView& view, const ReplicaList& list);
  void claim(const ObjectView& view, const ServiceConfig& service);
  void read_ttl(const ObjectView& view, ServiceConfig& service);
  void limit_min_healthy(const ObjectView& view, const ReplicaList& list,
                         const ServiceConfig& service);
  void read_policy(const ObjectView& view, ServiceConfig& service);
  void read_min_healthy(const ObjectView& view, ServiceConfig& service);
  void read_fallback(const ObjectView& view, const ReplicaList& list, ServiceConfig& service);
  std::vector<ReadReport> read_reports(const ObjectView& view, ServiceConfig& service);
  void add_members(const ObjectView& view, const ReplicaList& list, ServiceConfig& service);

  const ServiceSurroundings& around_;
  Problems& problems_;
  std::map<std::string, Place> ids_{};
  std::map<std::pair<std::size_t, std::string>, Place> owners_{};
  bool zone_known_ = false;  // of the service being read
};

}  // namespace ronda::agent
