#include "dnsupdate/nsupdate/check_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace ronda::dnsupdate {
namespace {

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

std::vector<std::string_view> labels(const Name& name) {
  std::vector<std::string_view> found;
  std::string_view wire = name.wire();
  while (wire.front() != '\0') {
    const std::size_t length = static_cast<unsigned char>(wire.front());
    found.push_back(wire.substr(1, length));
    wire.remove_prefix(1 + length);
  }
  return found;
}

bool is_host_label(std::string_view label) {
  return is_alphanumeric(label.front()) && is_alphanumeric(label.back()) &&
         std::ranges::all_of(label, [](char l) { return is_alphanumeric(l) || l == '-'; });
}

bool is_host_name(const Name& name, bool wildcard_allowed) {
  const std::vector<std::string_view> parts = labels(name);
  const bool wildcard = wildcard_allowed && !parts.empty() && parts.front() == "*";
  return std::all_of(parts.begin() + (wildcard ? 1 : 0), parts.end(), is_host_label);
}

// RFC 1035 3.3.13: its first label stands for what is before the @ of an address.
bool is_mailbox(const Name& name) {
  if (name.is_root()) {
    return true;
  }
  const auto is_visible = [](char letter) { return letter > ' ' && letter < 0x7f; };
  return std::ranges::all_of(labels(name).front(), is_visible) &&
         is_host_name(name.parent(), false);
}

std::size_t name_length(std::string_view octets) {
  std::size_t length = 0;
  while (length < octets.size() && octets[length] != '\0') {
    length += 1U + static_cast<unsigned char>(octets[length]);
  }
  return std::min(length + 1, octets.size());
}

std::optional<Name> name_at(const ResourceRecord& record, std::size_t offset) {
  const std::string_view octets =
      std::string_view(record.rdata).substr(std::min(offset, record.rdata.size()));
  const auto name = Name::from_wire(octets.substr(0, name_length(octets)));
  return name ? std::optional(*name) : std::nullopt;
}

std::optional<Name> unless_host_name(const std::optional<Name>& name) {
  return !name || is_host_name(*name, false) ? std::nullopt : name;
}

bool is_below(const Name& owner, std::string_view ancestor) {
  const auto name = Name::parse(ancestor);
  return name && owner.is_within(*name);
}

bool is_reverse(const Name& owner) {
  return is_below(owner, "in-addr.arpa") || is_below(owner, "ip6.arpa") ||
         is_below(owner, "ip6.int");
}

// Active Directory registers its global catalogs as addresses of gc._msdcs.<forest>.
bool is_global_catalog(const Name& owner) {
  const std::vector<std::string_view> parts = labels(owner);
  const auto wire = owner.canonical_wire();
  return parts.size() > 2 && std::string_view(wire).starts_with("\x02gc\x06_msdcs");
}

constexpr auto kAfsdb = static_cast<RrType>(18);
constexpr auto kRp = static_cast<RrType>(17);

}  // namespace

std::optional<Name> bad_owner(const ResourceRecord& record) {
  const bool address = record.type == RrType::A || record.type == RrType::AAAA;
  if (!address && record.type != RrType::MX) {
    return std::nullopt;
  }
  if (is_host_name(record.owner, true) || (address && is_global_catalog(record.owner))) {
    return std::nullopt;
  }
  return record.owner;
}

std::optional<Name> bad_name(const ResourceRecord& record) {
  // Where a host name begins in the data.
  constexpr std::array<std::pair<RrType, std::size_t>, 5> kHosts{
      {{RrType::NS, 0}, {RrType::SOA, 0}, {RrType::MX, 2}, {kAfsdb, 2}, {RrType::SRV, 6}}};
  for (const auto& [type, offset] : kHosts) {
    if (type == record.type) {
      if (const auto bad = unless_host_name(name_at(record, offset))) {
        return bad;
      }
    }
  }
  if (record.type == RrType::PTR && is_reverse(record.owner)) {
    return unless_host_name(name_at(record, 0));
  }
  if (record.type == RrType::SOA || record.type == kRp) {
    const std::size_t offset = record.type == kRp ? 0 : name_length(record.rdata);
    const auto mailbox = name_at(record, offset);
    return !mailbox || is_mailbox(*mailbox) ? std::nullopt : mailbox;
  }
  return std::nullopt;
}

}  // namespace ronda::dnsupdate
