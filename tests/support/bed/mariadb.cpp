#include "tests/support/bed/mariadb.hpp"

#include <stdexcept>

#include <unistd.h>

namespace ronda::test {

namespace {

std::string must(const Arguments& arguments, const std::string& input = {}) {
  RunOptions options;
  options.input = input;
  const Finished finished = run(arguments, options);
  if (finished.code != 0) {
    throw std::runtime_error(arguments.at(0) + " failed: " + finished.output + finished.errors);
  }
  return finished.output;
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

constexpr const char* kLogSize = "--innodb-log-file-size=4M";

std::string install_in(const std::string& data) {
  Arguments install{require_program("mariadb-install-db", "mariadb-server"), "--no-defaults",
                    "--datadir=" + data, "--auth-root-authentication-method=normal",
                    "--skip-test-db", kLogSize,
                    // Also where this machine's own name is not known.
                    "--force"};
  if (::geteuid() == 0) {
    install.emplace_back("--user=root");
  }
  must(install);
  return data;
}

// A folder of fresh data, to be copied; made once a process, since it takes seconds.
std::string new_data() {
  static const TempFolder folder;
  static const std::string data = install_in(folder / "data");
  return data;
}

}  // namespace

Mariadb::Mariadb(const std::string& address, std::uint16_t port, const Certificates* certificates,
                 const Arguments& more)
    : Server(address, port) {
  const std::string data = folder_name() + "/data";
  Arguments arguments{require_program("mariadbd", "mariadb-server"),
                      "--no-defaults",
                      "--datadir=" + data,
                      "--bind-address=" + address,
                      "--port=" + std::to_string(port),
                      "--socket=" + folder_name() + "/sock",
                      "--pid-file=" + folder_name() + "/pid",
                      "--innodb-buffer-pool-size=16M",
                      kLogSize,
                      "--innodb-flush-log-at-trx-commit=0",
                      "--skip-log-bin",
                      "--performance-schema=ON",
                      "--max-connect-errors=3"};
  if (::geteuid() == 0) {
    arguments.emplace_back("--user=root");
  }
  if (certificates != nullptr) {
    arguments.insert(arguments.end(), {"--ssl-ca=" + certificates->ca.string(),
                                       "--ssl-cert=" + certificates->certificate.string(),
                                       "--ssl-key=" + certificates->key.string()});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  must({"cp", "-a", new_data(), data});
  set_program(std::move(arguments));
  says_when_ready("ready for connections");
  start();
  query(
      "CREATE USER probe@'%' IDENTIFIED BY 'secret-word';"
      "INSTALL SONAME 'auth_ed25519';"
      "CREATE USER stranger@'%' IDENTIFIED VIA ed25519 USING PASSWORD('secret-word')");
}

std::string Mariadb::query(const std::string& text) const {
  return trimmed(must({require_program("mariadb", "mariadb-client"), "--no-defaults", "-S",
                       folder_name() + "/sock", "-u", "root", "-N", "-B", "-e", text}));
}

std::string Mariadb::connect_errors(const std::string& host) const {
  return query("SELECT sum_connect_errors FROM performance_schema.host_cache WHERE ip = '" + host +
               "'");
}

}  // namespace ronda::test
