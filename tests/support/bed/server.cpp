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
  for (const std::uint16_t port : ports()) {
    // The one before us may have ended a moment ago; whoever stays would be asked in our place.
    const auto free = [&] { return !listens(address_.c_str(), port); };
    if (!eventually(std::chrono::seconds(3), free)) {
      throw std::runtime_error("somebody else listens on " + address_ + ":" + std::to_string(port));
    }
  }
  ProcessOptions options;
  options.environment = environment_;
  options.folder = folder_.path();  // one that every user may look into
  options.output = options.errors = log_file();
  options.own_group = own_group_;
  const std::size_t written = log().size();
  process_ = std::make_unique<Process>(arguments_, options);
  const auto comes = [&](auto&& holds) {
    return eventually(std::chrono::seconds(30), [&] { return holds() || !running(); }) && running();
  };
  for (const std::uint16_t port : ports()) {
    if (!comes([&] { return listens(address_.c_str(), port); })) {
      throw std::runtime_error(arguments_.at(0) + " does not listen on " + address_ + ":" +
                               std::to_string(port) + ": " + log());
    }
  }
  if (!comes([&] { return log().find(ready_, written) != std::string::npos; })) {
    throw std::runtime_error(arguments_.at(0) + " does not get ready: " + log());
  }
}

void Server::stop() {
  process_.reset();
  // Children of a Postfix outlive their master by a moment, with its sockets.
  for (const std::uint16_t port : ports()) {
    if (!refuses(address_.c_str(), port, std::chrono::seconds(10))) {
      throw std::runtime_error(arguments_.at(0) + " has ended, but " + address_ + ":" +
                               std::to_string(port) + " still accepts");
    }
  }
}

std::vector<std::uint16_t> Server::ports() const {
  std::vector<std::uint16_t> all{port_};
  all.insert(all.end(), more_ports_.begin(), more_ports_.end());
  return all;
}

void Server::pause() {
  process_->pause();
}

}  // namespace ronda::test
