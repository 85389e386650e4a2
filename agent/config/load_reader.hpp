// `load` and `freshness` of a service: what is asked of each replica beside its checks, and where
// its answer begins to count against it. Nothing here makes a replica sick.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "agent/config/check_reader.hpp"
#include "agent/config/config.hpp"
#include "agent/config/node.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/problems.hpp"

namespace ronda::agent {

struct ReadReport {
  ReadCheck check{};
  DemotionRule rule{};
  // Freshness: asked where and as the replica's own check of that protocol asks.
  bool like_its_check = false;
};

class LoadReader {
 public:
  LoadReader(CheckReader& checks, Problems& problems) : checks_(checks), problems_(problems) {}

  std::vector<ReadReport> read_load(std::span<const Node> items);
  std::optional<ReadReport> read_freshness(const Node& node);

 private:
  const probes::Kind* read_kind(const Node& node);
  std::optional<ReadReport> read_one(const Node& node);
  void read_host_marks(const ObjectView& view, ReadReport& report);
  void add_mark(const ObjectView& view, Mark mark, std::string_view place, ReadReport& report);
  void read_source(const ObjectView& view, const std::string& from, ReadReport& report);
  void read_serial(const ObjectView& view, const std::string& from, ReadReport& report);
  void read_format(const ObjectView& view, const std::string& from, ReadReport& report);
  void read_max_lag(const ObjectView& view, ReadReport& report);
  void refuse(const ObjectView& view, std::string_view key, const std::string& from);

  CheckReader& checks_;
  Problems& problems_;
};

}  // namespace ronda::agent
