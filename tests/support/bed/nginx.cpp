#include "tests/support/bed/nginx.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace ronda::test {

namespace {

std::string listen_on(const std::string& address, std::uint16_t port) {
  const bool six = address.find(':') != std::string::npos;
  return (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

Nginx::Nginx(const Options& options) : Server(options.address, options.port) {
  std::ostringstream text;
  text << "daemon off; master_process off; pid " << folder_name()
       << "/pid; error_log stderr info;\n"
       << "events { worker_connections 256; }\n"
       << "http { access_log " << folder_name() << "/access.log; root " << folder_name()
       << "/www; lingering_close off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text << "  " << kind << "_temp_path " << folder_name() << "/" << kind << ";\n";
  }
  text << "  server { listen " << listen_on(options.address, options.port) << "; }\n";
  if (options.tls_port != 0) {
    const Certificates& certificates = options.certificates.value();
    text << "  server { listen " << listen_on(options.address, options.tls_port) << " ssl; "
         << "ssl_certificate " << certificates.certificate.string() << "; ssl_certificate_key "
         << certificates.key.string() << "; }\n";
  }
  text << "}\n";
  const std::string file = folder().write("nginx.conf", text.str());
  // One process without a master: nothing is left behind that could keep the port.
  set_program({require_program("nginx", "nginx-light"), "-e", log_file(), "-c", file});
  set_healthy(true);
  start();
}

void Nginx::set_healthy(bool healthy) {
  if (healthy) {
    folder().write("www/health", "OK\n");
  } else {
    std::filesystem::remove(folder() / "www/health");
  }
}

std::size_t Nginx::requests() const {
  const std::string log = read_file(folder() / "access.log");
  return static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
}

}  // namespace ronda::test
