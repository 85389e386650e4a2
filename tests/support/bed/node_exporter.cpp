#include "tests/support/bed/node_exporter.hpp"

namespace ronda::test {

NodeExporter::NodeExporter(const std::string& address, std::uint16_t port) : Server(address, port) {
  set_program({require_program("prometheus-node-exporter", "prometheus-node-exporter"),
               "--web.listen-address=" + address + ":" + std::to_string(port)});
  start();
}

}  // namespace ronda::test
