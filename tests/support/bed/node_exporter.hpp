// Prometheus's node_exporter for this very host, with the collectors that tell of its load.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/server.hpp"

namespace ronda::test {

class NodeExporter : public Server {
 public:
  NodeExporter(const std::string& address, std::uint16_t port);  // starts it
};

}  // namespace ronda::test
