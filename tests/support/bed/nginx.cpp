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
  const std::string http2 = options.http2 ? " http2; " : "; ";
  const std::string secured = "https://www.example.test:" + std::to_string(options.tls_port);
  text << "  add_header X-Role main always;\n  server { listen "
       << listen_on(options.address, options.port) << http2
       << "location = /old { return 301 /health; } location = /secure { return 301 " << secured
       << "/health; } }\n";
  for (const std::uint16_t port : {options.tls_port, options.client_port}) {
    if (port == 0) {
      continue;
    }
    also_listens(port);
    const Certificates& certificates = options.certificates.value();
    text << "  server { listen " << listen_on(options.address, port) << " ssl" << http2
         << "ssl_certificate " << certificates.certificate.string() << "; ssl_certificate_key "
         << certificates.key.string() << "; ";
    if (port == options.client_port) {
      text << "ssl_verify_client on; ssl_client_certificate " << certificates.ca.string() << "; ";
    }
    text << "}\n";
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

void Nginx::publish(const std::string& name, const std::string& text, std::chrono::seconds age) {
  const std::filesystem::path page = folder().write("www/" + name, text);
  std::filesystem::last_write_time(page, std::filesystem::file_time_type::clock::now() - age);
}

std::string Nginx::access_log() const {
  return read_file(folder() / "access.log");
}

std::size_t Nginx::requests() const {
  const std::string log = access_log();
  return static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
}

}  // namespace ronda::test
