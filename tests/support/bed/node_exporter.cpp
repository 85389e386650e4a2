#include "tests/support/bed/node_exporter.hpp"

namespace ronda::test {

NodeExporter::NodeExporter(const std::string& address, std::uint16_t port,
                           const Certificates* certificates)
    : Server(address, port) {
  Arguments program{require_program("prometheus-node-exporter", "prometheus-node-exporter"),
                    "--web.listen-address=" + address + ":" + std::to_string(port)};
  if (certificates != nullptr) {
    const std::string file = folder().write(
        "web.yml", "tls_server_config:\n  cert_file: " + certificates->certificate.string() +
                       "\n  key_file: " + certificates->key.string() + "\n");
    program.push_back("--web.config.file=" + file);
  }
  set_program(program);
  start();
}

}  // namespace ronda::test
