// Two writers who undo each other: our agent and another one, a script, DHCP. Watches the records
// that we have written for one service and sees them undone; a duel ends in our holding back, never
// in a race. Pure: time comes in. It decides nothing about health and knows no zone.
//
//   undone in ten minutes | the record | what we do about it
//   ----------------------+------------+--------------------------------------------------
//   less than three times | any        | repair at once
//   three times or more:  | missing    | not added for ten minutes
//   a duel                | present,   | not removed for ten minutes, for it may be theirs
//                         |  healthy   |
//                         | present,   | removed at most once a minute, since it is dead
//                         |  sick      |
//
// While an addition is held back, removals that count on it are held back too: never below the
// floor, never the last record. A duel that goes on when the ten minutes are over begins anew.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "net/address.hpp"
#include "net/time.hpp"

namespace ronda::agent {

struct Duel {
  net::IpAddress address{};
  int undone = 0;        // in the last ten minutes
  bool present = false;  // as the other writer wants it
  net::SteadyTime until{};
  friend bool operator==(const Duel&, const Duel&) = default;
};

struct DuelQuestion {
  std::span<const net::IpAddress> there{};
  std::span<const net::IpAddress> wanted{};
  std::span<const net::IpAddress> sick{};  // members that are to go for their health
  std::span<const net::IpAddress> ours{};  // all that the configuration lists
  int required = 1;                        // the floor
};

struct DuelAnswer {
  std::vector<net::IpAddress> wanted{};       // sorted; what may be written now
  std::optional<net::SteadyTime> again_at{};  // something is held back until then
};

class DuelWatch {
 public:
  // We have written: the record is there now, or it is not.
  void wrote(const net::IpAddress& address, bool present, net::SteadyTime now);
  // What is there now. Returns the duels that have just begun.
  std::vector<Duel> observe(std::span<const net::IpAddress> there, net::SteadyTime now);
  DuelAnswer restrain(const DuelQuestion& question, net::SteadyTime now) const;
  std::vector<Duel> duels(net::SteadyTime now) const;

 private:
  struct Record {
    std::optional<bool> written{};                // what we made of it, as long as it is so
    std::optional<net::SteadyTime> removed_at{};  // by us
    std::vector<net::SteadyTime> undone{};        // in the last ten minutes
    bool rival_wants = false;
    std::optional<net::SteadyTime> until{};
  };

  std::map<net::IpAddress, Record> records_{};
};

}  // namespace ronda::agent
