// What an examination borrows from its process; all of it outlives the examination.
#pragma once

#include "net/loop.hpp"
#include "net/random.hpp"
#include "net/resolver.hpp"
#include "net/worker.hpp"

namespace ronda::agent {

struct Surroundings {
  net::Loop& loop;
  net::Random& random;
  net::Resolver& resolver;
  net::Worker& worker;
};

}  // namespace ronda::agent
