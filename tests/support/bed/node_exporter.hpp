// Prometheus's node_exporter for this very host, with the collectors that tell of its load.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class NodeExporter : public Server {
 public:
  // Starts it; with certificates it speaks TLS alone.
  NodeExporter(const std::string& address, std::uint16_t port,
               const Certificates* certificates = nullptr);
};

}  // namespace ronda::test
