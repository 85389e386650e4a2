#include "net/secret.hpp"

#include <string.h>

namespace ronda::net {

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

// explicit_bzero: a plain fill of memory about to be freed may be optimised away.
void Secret::wipe() noexcept {
  if (!bytes_.empty()) {
    ::explicit_bzero(bytes_.data(), bytes_.size());
  }
}

}  // namespace ronda::net
