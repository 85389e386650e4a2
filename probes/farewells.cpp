#include "probes/farewells.hpp"

#include <utility>

namespace ronda::probes {

namespace {

// Each holds a descriptor.
constexpr std::size_t kMostLeaving = 256;

}  // namespace

bool Farewells::keep(std::shared_ptr<net::Cancellable> conversation) {
  if (leaving_.size() >= kMostLeaving) {
    return false;
  }
  const net::Cancellable* key = conversation.get();
  leaving_.emplace(key, std::move(conversation));
  return true;
}

void Farewells::release(const net::Cancellable* conversation) {
  {
    // It is destroyed only when the map no longer knows it.
    const auto node = leaving_.extract(conversation);
  }
  tell_if_over();
}

void Farewells::when_over(std::function<void()> over) {
  over_ = std::move(over);
  tell_if_over();
}

void Farewells::tell_if_over() {
  if (leaving_.empty() && over_) {
    std::exchange(over_, nullptr)();
  }
}

}  // namespace ronda::probes
