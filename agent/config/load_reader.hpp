// `load` of a service: what is asked of each replica beside its checks, and where its answer begins
// to count against it. Nothing here makes a replica sick.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "agent/config/check_reader.hpp"
#include "agent/config/node.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/problems.hpp"
#include "agent/config/read_report.hpp"

namespace ronda::agent {

class LoadReader {
 public:
  LoadReader(CheckReader& checks, Problems& problems) : checks_(checks), problems_(problems) {}

  std::vector<ReadReport> read(std::span<const Node> items);

 private:
  const probes::Kind* read_kind(const Node& node);
  std::optional<ReadReport> read_one(const Node& node);
  void read_url(const ObjectView& view, ReadReport& report);
  void read_host_marks(const ObjectView& view, ReadReport& report);
  void add_mark(const ObjectView& view, Mark mark, std::string_view place, ReadReport& report);

  CheckReader& checks_;
  Problems& problems_;
};

}  // namespace ronda::agent
