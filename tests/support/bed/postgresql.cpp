#include "tests/support/bed/postgresql.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace ronda::test {

namespace fs = std::filesystem;

namespace {

// initdb and postgres refuse root.
Arguments as_somebody(const Arguments& arguments) {
  if (::geteuid() != 0) {
    return arguments;
  }
  Arguments all{require_program("setpriv", "util-linux"),
                "--reuid",
                "postgres",
                "--regid",
                "postgres",
                "--init-groups",
                "--pdeathsig",
                "INT"};  // the change takes it away
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

void must(const Arguments& arguments, const std::string& input = {}) {
  RunOptions options;
  options.input = input;
  const Finished finished = run(arguments, options);
  if (finished.code != 0) {
    throw std::runtime_error(arguments.at(0) + " failed: " + finished.output + finished.errors);
  }
}

// Debian keeps them out of PATH, by version.
std::string program(const std::string& name) {
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
    if (fs::exists(version.path() / "bin" / name)) {
      return version.path() / "bin" / name;
    }
  }
  throw std::runtime_error(name + " is missing; install the Debian package postgresql");
}

// A home with a fresh database in it, to be copied; made once a process, since it takes seconds.
std::string new_home(const std::string& encryption) {
  static std::map<std::string, std::unique_ptr<TempFolder>> made;
  if (const auto known = made.find(encryption); known != made.end()) {
    return *known->second / "home";
  }
  auto folder = std::make_unique<TempFolder>();
  const std::string home = *folder / "home";
  const std::string data = home + "/data";
  fs::create_directories(home);
  if (::geteuid() == 0) {
    must({"chown", "postgres:postgres", home});
  }
  must(as_somebody({program("initdb"), "-D", data, "-A", "trust", "--no-sync", "-U", "postgres"}));
  must(as_somebody({program("postgres"), "--single", "-D", data, "postgres"}),
       "SET password_encryption = '" + encryption +
           "'; CREATE ROLE probe LOGIN PASSWORD 'secret-word'\n");
  made.emplace(encryption, std::move(folder));
  return home;
}

}  // namespace

Postgresql::Postgresql(const std::string& address, std::uint16_t port, const Setup& setup)
    : Server(address, port) {
  const std::string data = folder_name() + "/home/data";
  must({"cp", "-a", new_home(setup.login == "md5" ? "md5" : "scram-sha-256"),
        folder_name() + "/home"});
  std::ostringstream text;
  text << "listen_addresses = '" << address << "'\nport = " << port
       << "\nunix_socket_directories = ''\nfsync = off\nlog_connections = on\n"
       << "log_disconnections = on\n";
  if (setup.certificates != nullptr) {
    // It takes a key only from its own user, and closed to others.
    for (const auto& [from, name] : {std::pair{setup.certificates->key, "server.key"},
                                     std::pair{setup.certificates->certificate, "server.crt"}}) {
      must(as_somebody({"install", "-m", "600", from.string(), data + "/" + name}));
    }
    text << "ssl = on\n";
  }
  text << setup.more;
  must(as_somebody({"tee", "-a", data + "/postgresql.conf"}), text.str());
  must(as_somebody({"tee", data + "/pg_hba.conf"}),
       "host all " + setup.who + " 0.0.0.0/0 " + setup.login + "\n");
  if (setup.standby) {
    must(as_somebody({"touch", data + "/standby.signal"}));
  }
  set_program(as_somebody({program("postgres"), "-D", data}));
  says_when_ready(setup.ready);
  start();
}

}  // namespace ronda::test
