#include "tests/support/bed/server.hpp"

#include <stdexcept>
#include <utility>

#include "tests/support/bed/eventually.hpp"

namespace ronda::test {

Server::Server(std::string address, std::uint16_t port)
    : address_(std::move(address)), port_(port) {}

void Server::set_program(Arguments arguments, std::vector<std::string> environment) {
  arguments_ = std::move(arguments);
  environment_ = std::move(environment);
}

void Server::start() {
  if (running()) {
    return;
  }
  ProcessOptions options;
  options.environment = environment_;
  options.folder = folder_.path();  // one that every user may look into
  options.output = options.errors = log_file();
  process_ = std::make_unique<Process>(arguments_, options);
  if (!accepts(address_.c_str(), port_, std::chrono::seconds(20)) || !running()) {
    throw std::runtime_error(arguments_.at(0) + " does not listen on " + address_ + ":" +
                             std::to_string(port_) + ": " + read_file(log_file()));
  }
}

void Server::stop() {
  process_.reset();
  // Children of a Postfix outlive their master by a moment, with its sockets.
  std::vector<std::uint16_t> ports = more_ports_;
  ports.push_back(port_);
  for (const std::uint16_t port : ports) {
    if (!refuses(address_.c_str(), port, std::chrono::seconds(10))) {
      throw std::runtime_error(arguments_.at(0) + " has ended, but " + address_ + ":" +
                               std::to_string(port) + " still accepts");
    }
  }
}

void Server::pause() {
  process_->pause();
}

}  // namespace ronda::test
