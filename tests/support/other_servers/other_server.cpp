#include "tests/support/other_servers/other_server.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include <signal.h>

#include "tests/support/named/dig.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

constexpr auto kReadyLimit = std::chrono::seconds(20);

}  // namespace

std::string key_statement(const ServerKey& key) {
  return "key \"" + key.name + "\" { algorithm " + key.algorithm + "; secret \"" + key.secret +
         "\"; };\n";
}

OtherServer::OtherServer() : folder_(make_temporary_folder()), port_(find_free_port(kAddress)) {}

OtherServer::~OtherServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void OtherServer::kill() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    wait_for_exit(process_, std::chrono::seconds(10));
    process_ = -1;
  }
}

void OtherServer::start(const std::vector<std::string>& command, const std::string& zone) {
  command_ = command;
  zone_ = zone;
  start();
}

void OtherServer::start() {
  if (process_ > 0) {
    return;
  }
  const std::string log = folder_ + "/log";
  process_ = spawn(command_, log);
  const auto end = std::chrono::steady_clock::now() + kReadyLimit;
  while (std::chrono::steady_clock::now() < end) {
    if (can_connect(kAddress, port_) && !dig(kAddress, port_, zone_, "SOA").empty()) {
      return;
    }
    if (wait_for_exit(process_, std::chrono::milliseconds(10))) {
      process_ = -1;
      throw std::runtime_error(command_.front() + " ended at once:\n" + read_file(log));
    }
  }
  throw std::runtime_error(command_.front() + " is not ready after 20 s:\n" + read_file(log));
}

}  // namespace ronda::test
