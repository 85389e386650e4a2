#include "tests/support/bed/apache.hpp"

#include <filesystem>
#include <sstream>

namespace ronda::test {

namespace {

constexpr const char* kModules[] = {"mpm_event", "authz_core", "headers", "alias", "http2", "ssl"};

}  // namespace

Apache::Apache(const std::string& address, std::uint16_t port, const Certificates& certificates,
               bool http2)
    : Server(address, port) {
  const auto tls = static_cast<std::uint16_t>(port + 1);
  const auto known = static_cast<std::uint16_t>(port + 2);
  const std::string plain_url = "http://www.example.test:" + std::to_string(port);
  const std::string tls_url = "https://www.example.test:" + std::to_string(tls);
  std::ostringstream text;
  text << "ServerRoot " << folder_name() << "\nServerName www.example.test\nPidFile "
       << folder_name() << "/pid\nDefaultRuntimeDir " << folder_name() << "\nErrorLog "
       << log_file() << "\nLogLevel info\n";
  for (const char* module : kModules) {
    text << "LoadModule " << module << "_module /usr/lib/apache2/modules/mod_" << module << ".so\n";
  }
  // By number: the user of Debian's package need not be there.
  text << "User #65534\nGroup #65534\nThreadsPerChild 8\nMaxRequestWorkers 8\nDocumentRoot "
       << folder_name() << "/www\n<Directory " << folder_name()
       << "/www>\nRequire all granted\n</Directory>\nHeader always set X-Role main\nCustomLog "
       << folder_name() << "/access.log \"%r %>s\"\nProtocols " << (http2 ? "h2 h2c " : "")
       << "http/1.1\nSSLCertificateFile " << certificates.certificate.string()
       << "\nSSLCertificateKeyFile " << certificates.key.string() << "\nSSLSessionCache none\n"
       << "Redirect /old " << plain_url << "/health\nRedirect /secure " << tls_url << "/health\n";
  also_listens(tls);
  also_listens(known);
  for (const std::uint16_t one : {port, tls, known}) {
    text << "Listen " << address << ":" << one << "\n";
  }
  text << "<VirtualHost " << address << ":" << tls << ">\nSSLEngine on\n</VirtualHost>\n"
       << "<VirtualHost " << address << ":" << known
       << ">\nSSLEngine on\nSSLVerifyClient require\nSSLCACertificateFile "
       << certificates.ca.string() << "\n</VirtualHost>\n";
  const std::string file = folder().write("apache.conf", text.str()).string();
  // One process without a master, as for nginx.
  set_program({require_program("apache2", "apache2-bin"), "-X", "-f", file});
  set_healthy(true);
  start();
}

void Apache::set_healthy(bool healthy) {
  if (healthy) {
    folder().write("www/health", "OK\n");
  } else {
    std::filesystem::remove(folder() / "www/health");
  }
}

}  // namespace ronda::test
