#include "tests/support/bed/nginx.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/support/bed/eventually.hpp"

namespace ronda::test {

namespace {

std::string listen_on(const std::string& address, std::uint16_t port) {
  const bool six = address.find(':') != std::string::npos;
  return (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

Nginx::Nginx(Options options) : options_(std::move(options)) {
  const std::string folder = folder_.path().string();
  std::ostringstream text;
  text << "daemon off; master_process off; pid " << folder << "/pid; error_log stderr info;\n"
       << "events { worker_connections 256; }\n"
       << "http { access_log " << folder << "/access.log; root " << folder
       << "/www; lingering_close off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text << "  " << kind << "_temp_path " << folder << "/" << kind << ";\n";
  }
  text << "  server { listen " << listen_on(options_.address, options_.port) << "; }\n";
  if (options_.tls_port != 0) {
    text << "  server { listen " << listen_on(options_.address, options_.tls_port) << " ssl; "
         << "ssl_certificate " << options_.certificates.value().certificate.string()
         << "; ssl_certificate_key " << options_.certificates->key.string() << "; }\n";
  }
  text << "}\n";
  folder_.write("nginx.conf", text.str());
  set_healthy(true);
  start();
}

void Nginx::start() {
  if (running()) {
    return;
  }
  ProcessOptions options;
  options.errors = folder_ / "errors";
  // One process without a master: nothing is left behind that could keep the port.
  process_ = std::make_unique<Process>(
      Arguments{require_program("nginx", "nginx-light"), "-e", (folder_ / "errors").string(), "-c",
                (folder_ / "nginx.conf").string()},
      options);
  if (!accepts(options_.address.c_str(), options_.port, std::chrono::seconds(10)) || !running()) {
    throw std::runtime_error("nginx does not listen on " + options_.address + ":" +
                             std::to_string(options_.port) + ": " + read_file(folder_ / "errors"));
  }
}

void Nginx::stop() {
  process_.reset();
}

void Nginx::set_healthy(bool healthy) {
  if (healthy) {
    folder_.write("www/health", "OK\n");
  } else {
    std::filesystem::remove(folder_ / "www/health");
  }
}

std::size_t Nginx::requests() const {
  const std::string log = read_file(folder_ / "access.log");
  return static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
}

}  // namespace ronda::test
