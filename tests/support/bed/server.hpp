// A server that a test starts, waits for, and stops by its pid; each kind derives from it and says
// what to run. Not for a server that must outlive the object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"

namespace ronda::test {

class Server {
 public:
  void start();  // waits until it listens on all its ports; does nothing while it runs
  void stop();   // its ports refuse connections afterwards
  void pause();  // connections are still made, answers do not come
  bool running() { return process_ != nullptr && process_->running(); }
  const std::string& address() const { return address_; }
  std::string log() const { return read_file(log_file()); }

 protected:
  Server(std::string address, std::uint16_t port);
  ~Server() = default;
  const TempFolder& folder() const { return folder_; }
  std::string folder_name() const { return folder_.path().string(); }
  std::string log_file() const { return (folder_ / "log").string(); }  // with stdout and stderr
  std::uint16_t port() const { return port_; }
  void also_listens(std::uint16_t port) { more_ports_.push_back(port); }
  // What it writes into its log once it serves, where its ports are open before.
  void says_when_ready(std::string text) { ready_ = std::move(text); }
  void end() { process_.reset(); }  // stop() without a look at its ports
  // Ended without asking, with all its children.
  void dies_with_its_children() { own_group_ = true; }
  // What start() runs from now on.
  void set_program(Arguments arguments, std::vector<std::string> environment = {});

 private:
  std::vector<std::uint16_t> ports() const;

  std::string address_;
  std::uint16_t port_;
  std::vector<std::uint16_t> more_ports_{};
  std::string ready_{};
  bool own_group_ = false;
  TempFolder folder_{};
  Arguments arguments_{};
  std::vector<std::string> environment_{};
  std::unique_ptr<Process> process_{};
};

}  // namespace ronda::test
