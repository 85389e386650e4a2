// Conversations whose result is told and whose goodbye is still under way: a peer that gets a reset
// for its answer to QUIT logs an error. They end by themselves within half a second, and with this
// object.
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "net/loop.hpp"

namespace ronda::probes {

class Farewells {
 public:
  // False when too many are leaving already: then this one closes at once.
  bool keep(std::shared_ptr<net::Cancellable> conversation);
  void release(const net::Cancellable* conversation);

 private:
  std::map<const net::Cancellable*, std::shared_ptr<net::Cancellable>> leaving_{};
};

}  // namespace ronda::probes
