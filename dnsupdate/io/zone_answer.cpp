#include "dnsupdate/io/zone_answer.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "dnsupdate/update/update_request.hpp"
#include "dnsupdate/wire/serial.hpp"

namespace ronda::dnsupdate {
namespace {

// Takes one uncompressed name from the front.
std::optional<Name> take_name(std::string_view& wire) {
  std::size_t length = 0;
  while (length < wire.size() && wire[length] != '\0') {
    length += static_cast<unsigned char>(wire[length]) + std::size_t{1};
  }
  if (length >= wire.size()) {
    return std::nullopt;
  }
  auto name = Name::from_wire(wire.substr(0, length + 1));
  wire.remove_prefix(length + 1);
  return name ? std::optional(*std::move(name)) : std::nullopt;
}

std::optional<FoundZone> read_soa(const ResourceRecord& record) {
  const auto serial = soa_serial(record.rdata);
  std::string_view wire = record.rdata;
  auto primary = take_name(wire);
  if (!serial || !primary) {
    return std::nullopt;
  }
  return FoundZone{.zone = record.owner, .primary = *std::move(primary), .serial = *serial};
}

std::optional<FoundZone> find_soa(const Name& asked, const std::vector<ResourceRecord>& section) {
  for (const ResourceRecord& record : section) {
    if (record.type == RrType::SOA && record.rr_class == RrClass::IN &&
        asked.is_within(record.owner)) {
      return read_soa(record);
    }
  }
  return std::nullopt;
}

bool is_alias(const ResourceRecord& record) {
  return record.type == RrType::CNAME || record.type == RrType::DNAME;
}

const Name* find_referral(const Name& asked, const std::vector<ResourceRecord>& authority) {
  const auto found = std::ranges::find_if(authority, [&](const ResourceRecord& record) {
    return record.type == RrType::NS && asked.is_within(record.owner);
  });
  return found == authority.end() ? nullptr : &found->owner;
}

}  // namespace

Message zone_question(const Name& name, bool recursive) {
  Message message = query_message({.owner = name, .type = RrType::SOA});
  message.header.rd = recursive;
  return message;
}

ZoneAnswer judge_zone_answer(const Name& asked, const Message& reply, bool recursive,
                             const std::string& server) {
  const Rcode rcode = reply.rcode();
  if (rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN) {
    // Not a reason to look above: the zone may be there and broken, and its parent is another zone.
    return SearchFailed{server + " cannot say to which zone \"" + asked.to_string() +
                        "\" belongs (" + to_string(rcode) + "): " +
                        (recursive ? "ask another resolver, or write the zone and its primary down"
                                   : "it does not serve the zone, or not to us")};
  }
  // The SOA beside an alias is that of the target's zone.
  if (std::ranges::any_of(reply.answer, is_alias)) {
    return AskAbove{};
  }
  if (recursive ? !reply.header.ra && !reply.header.aa : !reply.header.aa) {
    const Name* referral = find_referral(asked, reply.authority);
    if (referral == nullptr) {
      return AskAbove{};
    }
    return SearchFailed{server + " is not authoritative for \"" + asked.to_string() +
                        "\": it refers to the name servers of \"" + referral->to_string() +
                        "\"; ask the primary of that zone"};
  }
  for (const auto* section : {&reply.answer, &reply.authority}) {
    if (auto found = find_soa(asked, *section)) {
      return *std::move(found);
    }
  }
  return AskAbove{};
}

}  // namespace ronda::dnsupdate
