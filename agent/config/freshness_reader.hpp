// `freshness` of a service: which stamp of its data each replica is asked for, and how far it may
// be behind the others. Nothing here makes a replica sick.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/config/check_reader.hpp"
#include "agent/config/node.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/problems.hpp"
#include "agent/config/read_report.hpp"

namespace ronda::agent {

class FreshnessReader {
 public:
  FreshnessReader(CheckReader& checks, Problems& problems) : checks_(checks), problems_(problems) {}

  std::optional<ReadReport> read(const Node& node);

 private:
  void read_source(const ObjectView& view, const std::string& from, ReadReport& report);
  void read_serial(const ObjectView& view, const std::string& from, ReadReport& report);
  void read_format(const ObjectView& view, const std::string& from, ReadReport& report);
  void read_max_lag(const ObjectView& view, ReadReport& report);
  void refuse(const ObjectView& view, std::string_view key, const std::string& from);

  CheckReader& checks_;
  Problems& problems_;
};

}  // namespace ronda::agent
