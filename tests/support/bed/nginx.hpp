// One nginx in one process as a web replica: plain HTTP and, with certificates, HTTPS on one
// address. Answers 200 on /health while healthy; says nothing on any other path that a test would
// need.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"

namespace ronda::test {

class Nginx {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // required
    std::uint16_t tls_port = 0;
    std::optional<Certificates> certificates{};  // required with tls_port
  };

  explicit Nginx(Options options);  // starts it and waits until it accepts
  void start();
  void stop();                     // the port refuses connections afterwards
  void set_healthy(bool healthy);  // false: /health answers 404
  bool running() { return process_ != nullptr && process_->running(); }
  const std::string& address() const { return options_.address; }
  std::size_t requests() const;  // finished ones, from the access log

 private:
  Options options_;
  TempFolder folder_{};
  std::unique_ptr<Process> process_{};
};

}  // namespace ronda::test
