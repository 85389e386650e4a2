// A word from outside about a replica: how it is written in a file, and what it says while it is
// young enough. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "net/address.hpp"
#include "net/time.hpp"
#include "probes/check.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

struct Word {
  Verdict verdict = Verdict::pass;  // pass, warn or fail
  std::string reason{};             // printable
  friend bool operator==(const Word&, const Word&) = default;
};

std::string reason_of(std::string_view text);                 // as anybody may see it
std::optional<Verdict> parse_verdict(std::string_view text);  // "pass", "warn", "fail"

// The last line about the replica: SERVICE/REPLICA, REPLICA or its address, then a verdict, then a
// reason if there is one. Empty lines and those that begin with # say nothing. No such line:
// nothing; one that cannot be read: an error.
std::expected<std::optional<Word>, std::string> find_word(std::string_view text,
                                                          const PassiveCheck& check,
                                                          const net::IpAddress& address);

// Negative: from the future, as a clock that was set has it.
ProbeResult judge_word(const Word& word, net::Duration age, net::Duration expires);
ProbeResult nothing_reported(std::string_view why);

}  // namespace ronda::probes
