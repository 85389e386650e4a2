// Conversations whose result is told and whose goodbye is still under way: a peer that gets a reset
// for its answer to QUIT logs an error. They end by themselves within half a second, and with this
// object.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>

#include "net/loop.hpp"

namespace ronda::probes {

class Farewells {
 public:
  // False when too many are leaving already: then this one closes at once.
  bool keep(std::shared_ptr<net::Cancellable> conversation);
  void release(const net::Cancellable* conversation);
  // Calls back once, as soon as none is under way: at once, or when the last one has ended. For
  // whoever is about to end the loop.
  void when_over(std::function<void()> over);

 private:
  void tell_if_over();

  std::map<const net::Cancellable*, std::shared_ptr<net::Cancellable>> leaving_{};
  std::function<void()> over_{};
};

}  // namespace ronda::probes
