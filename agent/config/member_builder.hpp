// From replicas and lists of checks to members: one for each address, with every check aimed at it.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "agent/config/check_book.hpp"
#include "agent/config/config.hpp"
#include "agent/config/problems.hpp"
#include "agent/config/read_report.hpp"
#include "agent/config/replica_reader.hpp"
#include "agent/config/zone_reader.hpp"

namespace ronda::agent {

class MemberBuilder {
 public:
  // `zone` is the service's; empty: it has none, or none that could be found.
  MemberBuilder(ServiceConfig& service, const std::string& service_name,
                std::span<const ReadZone> zones, std::optional<std::size_t> zone,
                std::span<const ReadReport> reports, Problems& problems)
      : service_(service),
        service_name_(service_name),
        zones_(zones),
        zone_(zone),
        reports_(reports),
        problems_(problems) {}

  void add(const ReadReplica& replica, const CheckBook::List& list);

 private:
  MemberCheck aim(const ReadCheck& check, const ReadReplica& replica, const ReadAddress& address);
  MemberCheck aim_report(const ReadReport& report, const Member& member, const ReadReplica& replica,
                         const ReadAddress& address);
  void require_port(const ReadCheck& check, const ReadReplica& replica);
  void require_host(const ReadCheck& check);
  void require_source(const ReadCheck& check, const ReadAddress& address);
  void require_host_of_report(const ReadReport& report, const MemberCheck& aimed);
  void require_zone(const ReadCheck& check);
  void require_enough(const ReadReplica& replica, const CheckBook::List& list);

  ServiceConfig& service_;
  const std::string& service_name_;
  std::span<const ReadZone> zones_;
  std::optional<std::size_t> zone_;
  std::span<const ReadReport> reports_;
  Problems& problems_;
  std::set<const ReadCheck*> portless_{};  // what has been said of the first replica
  std::set<const ReadReport*> nameless_{};
  std::set<std::ptrdiff_t> too_few_{};
};

}  // namespace ronda::agent
