#include "agent/first/survey.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/config/replica_reader.hpp"
#include "agent/decide/planner.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::Name;
using dnsupdate::RrType;

constexpr auto kUsualLabels = std::to_array<std::string_view>(
    {"*",     "www",    "www1",  "www2",  "web",  "api",  "app",     "shop", "blog",
     "cdn",   "static", "media", "img",   "mail", "smtp", "webmail", "imap", "pop",
     "relay", "mirror", "ftp",   "files", "vpn",  "ns",   "lb"});
constexpr std::size_t kNamedInNote = 8;

bool is_wildcard(const Name& name) {
  return name.to_string().starts_with("*.");
}

// The name that an MX or NS record points to.
std::optional<Name> target_of(const dnsupdate::ResourceRecord& record) {
  std::string_view wire = record.rdata;
  if (record.type == RrType::MX) {
    wire.remove_prefix(std::min<std::size_t>(2, wire.size()));
  }
  auto name = Name::from_wire(wire);
  return name ? std::optional(*std::move(name)) : std::nullopt;
}

// Enough of one kind that one can be spared.
bool has_spare(const std::vector<net::IpAddress>& addresses) {
  const auto v4 = std::ranges::count_if(addresses, &net::IpAddress::is_v4);
  return v4 >= 2 || std::cmp_greater_equal(addresses.size(), v4 + 2);
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamedInNote); ++i) {
    out += (out.empty() ? "" : ", ") + names[i];
  }
  if (names.size() > kNamedInNote) {
    out += " and " + std::to_string(names.size() - kNamedInNote) + " more";
  }
  return out;
}

void note(SurveyReport& report, const std::vector<std::string>& names, const std::string& one,
          const std::string& many) {
  if (!names.empty()) {
    report.notes.push_back((names.size() == 1 ? one : many) + ": " + listed(names));
  }
}

}  // namespace

void Survey::add(const dnsupdate::ResourceRecord& record) {
  whole_ = true;
  switch (record.type) {
    case RrType::A:
    case RrType::AAAA: {
      dnsupdate::RrSet set{.key = {record.owner, record.type}, .ttl = record.ttl};
      if (auto rdata = dnsupdate::Rdata::from_wire(record.type, record.rdata)) {
        set.insert(*std::move(rdata));
        add(set);
      }
      return;
    }
    case RrType::MX:
      if (auto target = target_of(record)) {
        mail_.insert(*std::move(target));
      }
      return;
    case RrType::NS:
      if (record.owner != zone_) {
        cuts_.insert(record.owner);
      } else if (auto target = target_of(record)) {
        name_servers_.insert(*std::move(target));
      }
      return;
    default:
      return;
  }
}

void Survey::add(const dnsupdate::RrSet& set) {
  if (set.empty()) {
    return;
  }
  Owner& owner = owners_[set.key.owner];
  for (const net::IpAddress& address : addresses({&set, 1})) {
    owner.addresses.insert(address);
  }
  owner.ttl = std::max(owner.ttl, set.ttl);
}

bool Survey::is_delegated(const Name& name) const {
  for (Name at = name; at.is_within(zone_) && at != zone_; at = at.parent()) {
    if (cuts_.contains(at)) {
      return true;
    }
  }
  return false;
}

const Survey::Owner* Survey::wildcard_for(const Name& name) const {
  if (whole_ || name == zone_) {
    return nullptr;
  }
  const auto wildcard = Name::from_wire(std::string("\1*") + name.parent().wire());
  const auto found = wildcard ? owners_.find(*wildcard) : owners_.end();
  return found == owners_.end() ? nullptr : &found->second;
}

SurveyReport Survey::finish() const {
  SurveyReport report;
  std::vector<std::string> wildcards;
  std::vector<std::string> synthesized;
  std::vector<std::string> delegated;
  std::vector<std::string> lonely;
  for (const auto& [name, owner] : owners_) {
    const std::string text = name.to_string();
    const Owner* wildcard = wildcard_for(name);
    if (is_wildcard(name)) {
      wildcards.push_back(text);
    } else if (is_delegated(name)) {
      delegated.push_back(text);
    } else if (wildcard != nullptr && wildcard->addresses == owner.addresses) {
      synthesized.push_back(text);
    } else {
      FoundOwner found{.owner = name, .ttl = owner.ttl};
      for (const net::IpAddress& address : owner.addresses) {
        if (const std::string why = why_unusable(address); why.empty()) {
          found.addresses.push_back(address);
        } else {
          report.notes.push_back("left out " + address.to_string() + " of " + text + ": " + why);
        }
      }
      if (!has_spare(found.addresses) && (!wanted_.contains(name) || found.addresses.empty())) {
        lonely.push_back(text);
        continue;
      }
      found.role = mail_.contains(name)           ? Role::mail
                   : name_servers_.contains(name) ? Role::name_server
                                                  : Role::none;
      report.owners.push_back(std::move(found));
    }
  }
  std::ranges::sort(report.owners, {}, [](const FoundOwner& found) {
    return std::pair(found.owner.label_count(), found.owner.to_string());
  });
  note(report, wildcards, "left out, a wildcard has no name that a probe could ask for",
       "left out, wildcards have no name that a probe could ask for");
  note(report, synthesized, "left out, its answer comes from the wildcard",
       "left out, their answers come from the wildcard");
  note(report, delegated, "left out, it belongs to a delegated zone",
       "left out, they belong to delegated zones");
  note(report, lonely,
       "left out, it has one address of a family and so none to spare (--name takes it all the "
       "same)",
       "left out, they have one address of a family and so none to spare (--name takes them all "
       "the same)");
  return report;
}

std::expected<Name, std::string> name_in_zone(const std::string& text, const Name& zone) {
  if (text == "@") {
    return zone;
  }
  auto name = Name::parse(text);
  if (!name || name->is_within(zone)) {
    return name;
  }
  if (name->label_count() == 1 && !text.ends_with('.')) {
    const std::string& wire = name->wire();
    return Name::from_wire(wire.substr(0, wire.size() - 1) + zone.wire());
  }
  return std::unexpected("\"" + text + "\" lies outside the zone \"" + zone.to_string() +
                         "\"; write a whole name inside it, or one label");
}

std::vector<Name> usual_names(const Name& zone) {
  std::vector<Name> names{zone};
  for (const std::string_view label : kUsualLabels) {
    if (auto name = name_in_zone(std::string(label), zone)) {
      names.push_back(*std::move(name));
    }
  }
  return names;
}

}  // namespace ronda::agent
