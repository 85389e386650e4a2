// While a probe is in flight the loop comes round every tenth of a second. Else a loop that was
// stopped (SIGSTOP, a suspended machine) could not tell that from having had nothing to do, and
// what the pause spoilt would be held against the replica. Costs nothing while nobody is asked.
#pragma once

#include <cstddef>
#include <memory>

#include "net/loop.hpp"

namespace ronda::probes {

class Heartbeat : public std::enable_shared_from_this<Heartbeat> {
 public:
  // It beats for as long as one of these handles lives.
  [[nodiscard]] net::Handle keep(net::Loop& loop);

 private:
  class Keeper;
  void beat(net::Loop& loop);

  std::size_t keepers_ = 0;
  net::Handle timer_{};
};

}  // namespace ronda::probes
