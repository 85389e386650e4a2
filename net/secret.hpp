// Bytes that must not be printed, logged or left in memory: TSIG secrets, passwords. Move-only;
// wiped when dropped. There is deliberately no stream operator and no conversion to a string.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace ronda::net {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  std::span<const std::byte> bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  void wipe() noexcept;
  std::vector<std::byte> bytes_{};
};

}  // namespace ronda::net
