// What the answer to an SOA query says about the zone of the name asked for: which zone it is,
// nothing (the name above may say more), or that the search ends here. Pure.
#pragma once

#include <string>
#include <variant>

#include "dnsupdate/io/zone_finder.hpp"
#include "dnsupdate/wire/message.hpp"

namespace ronda::dnsupdate {

struct AskAbove {
  friend bool operator==(AskAbove, AskAbove) = default;
};
struct SearchFailed {
  std::string why{};
  friend bool operator==(const SearchFailed&, const SearchFailed&) = default;
};
using ZoneAnswer = std::variant<FoundZone, AskAbove, SearchFailed>;

ZoneAnswer judge_zone_answer(const Name& asked, const Message& reply, bool recursive,
                             const std::string& server);
// An SOA query; RD as the server is to be asked.
Message zone_question(const Name& name, bool recursive);

}  // namespace ronda::dnsupdate
