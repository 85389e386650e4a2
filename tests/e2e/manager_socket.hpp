// What a service manager has at $NOTIFY_SOCKET: a datagram socket, by path or in the abstract
// namespace, and what came to it in order.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/descriptor.hpp"

namespace ronda::test {

struct Notice {
  std::string text{};
  std::chrono::steady_clock::time_point at{};
};

class ManagerSocket {
 public:
  explicit ManagerSocket(std::string name);  // '@' first: abstract
  std::string variable() const { return "NOTIFY_SOCKET=" + name_; }
  // The next one, or nothing when none comes in time.
  std::optional<Notice> next(std::chrono::milliseconds limit) const;
  // The text of the next one that has `word`, skipping others; empty when none comes in time.
  std::string next_with(const std::string& word, std::chrono::milliseconds limit) const;

 private:
  std::string name_;
  net::Descriptor descriptor_{};
};

}  // namespace ronda::test
