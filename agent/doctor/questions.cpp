#include "agent/doctor/questions.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "dnsupdate/update/update_request.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::Message;
using dnsupdate::Name;
using dnsupdate::ResourceRecord;
using dnsupdate::RrClass;
using dnsupdate::RrType;

constexpr std::uint32_t kExpireOption = 9;
constexpr std::uint16_t kReplySize = 1232;

std::uint32_t number(std::string_view octets) {
  std::uint32_t value = 0;
  for (const char octet : octets) {
    value = (value << 8U) | static_cast<unsigned char>(octet);
  }
  return value;
}

template <std::size_t size>
std::array<std::uint8_t, size> to_octets(std::string_view text) {
  std::array<std::uint8_t, size> octets{};
  std::ranges::transform(text, octets.begin(),
                         [](char octet) { return static_cast<std::uint8_t>(octet); });
  return octets;
}

std::optional<net::IpAddress> address_of(const ResourceRecord& record) {
  if (record.type == RrType::A && record.rdata.size() == 4) {
    return net::IpAddress::from_v4(to_octets<4>(record.rdata));
  }
  if (record.type == RrType::AAAA && record.rdata.size() == 16) {
    return net::IpAddress::from_v6(to_octets<16>(record.rdata));
  }
  return std::nullopt;
}

}  // namespace

Message expire_question(const Name& zone) {
  Message message = dnsupdate::query_message({.owner = zone, .type = RrType::SOA});
  message.additional.push_back({.type = RrType::OPT,
                                .rr_class = static_cast<RrClass>(kReplySize),
                                .rdata = std::string("\0\x09\0\0", 4)});
  return message;
}

Message version_question() {
  Message message;
  message.question.push_back(
      {.name = Name::parse("version.bind").value(), .type = RrType::TXT, .rr_class = RrClass::CH});
  return message;
}

Message update_question(const Name& zone) {
  return dnsupdate::presence_question(zone, {.owner = zone, .type = RrType::SOA}, false);
}

Message permission_question(const Name& zone, const dnsupdate::RrsetKey& key) {
  Message message = dnsupdate::presence_question(zone, key, true);
  message.answer.push_back(update_question(zone).answer.front());
  message.authority.push_back({.owner = key.owner,
                               .type = key.type,
                               .rr_class = RrClass::NONE,
                               .rdata = std::string(key.type == RrType::AAAA ? 16 : 4, '\0')});
  return message;
}

std::optional<std::uint32_t> expire_option(const Message& reply) {
  for (const ResourceRecord& record : reply.additional) {
    std::string_view options = record.rdata;
    while (record.type == RrType::OPT && options.size() >= 4) {
      const std::uint32_t code = number(options.substr(0, 2));
      const std::size_t length = number(options.substr(2, 2));
      options.remove_prefix(4);
      if (length > options.size()) {
        break;
      }
      if (code == kExpireOption && length == 4) {
        return number(options.substr(0, 4));
      }
      options.remove_prefix(length);
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> soa_expire(const Message& reply, const Name& zone) {
  for (const ResourceRecord& record : reply.answer) {
    // The field before the last of five at the end; two names, at least their roots, come first.
    if (record.type == RrType::SOA && record.owner == zone && record.rdata.size() >= 22) {
      return number(std::string_view(record.rdata).substr(record.rdata.size() - 8, 4));
    }
  }
  return std::nullopt;
}

bool is_secondary(const dnsupdate::Answer& answer, const Name& zone) {
  if (!answer) {
    return false;
  }
  const auto left = expire_option(answer->message);
  const auto whole = soa_expire(answer->message, zone);
  return left && whole && left != whole;
}

std::optional<std::string> version_text(const Message& reply) {
  for (const ResourceRecord& record : reply.answer) {
    if (record.type != RrType::TXT || record.rdata.empty()) {
      continue;
    }
    const auto length = static_cast<unsigned char>(record.rdata.front());
    std::string text = record.rdata.substr(1, length);
    std::erase_if(text, [](char octet) { return octet < ' ' || octet > '~'; });
    return text;
  }
  return std::nullopt;
}

NameServers name_servers(const Message& reply, const Name& zone) {
  NameServers servers;
  for (const ResourceRecord& record : reply.answer) {
    if (record.type == RrType::NS && record.owner == zone) {
      if (auto name = Name::from_wire(record.rdata)) {
        servers.try_emplace(*std::move(name));
      }
    }
  }
  for (const ResourceRecord& record : reply.additional) {
    const auto server = servers.find(record.owner);
    const auto address = address_of(record);
    if (server != servers.end() && address) {
      server->second.push_back(*address);
    }
  }
  return servers;
}

}  // namespace ronda::agent
