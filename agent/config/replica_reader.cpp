#include "agent/config/replica_reader.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <ranges>
#include <utility>

#include "agent/config/object_view.hpp"

namespace ronda::agent {
namespace {

bool starts_with(const net::IpAddress& address, std::initializer_list<unsigned> octets) {
  return std::ranges::equal(octets, address.octets() | std::views::take(octets.size()),
                            [](unsigned a, std::uint8_t b) { return a == b; });
}

bool is_presentable_name(std::string_view name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '/';
  });
}

class ReplicaReader {
 public:
  explicit ReplicaReader(Problems& problems) : problems_(problems) {}

  void read(const Node& node) {
    if (node.kind == Node::Kind::text) {
      ReadReplica replica;
      replica.place = node.place;
      add_address(node, replica);
      finish(std::move(replica));
    } else if (node.kind == Node::Kind::object) {
      read_object(node);
    } else {
      problems_.error(node.place, std::string("a replica is an address or an object, not ") +
                                      to_string(node.kind));
      list_.sound = false;
    }
  }

  ReplicaList take() { return std::move(list_); }

 private:
  void read_object(const Node& node) {
    const ObjectView view(node, replica_keys(), "a replica", problems_);
    ReadReplica replica;
    replica.place = {node.place.begin, node.place.begin + 1};
    if (const auto name = view.text("name")) {
      replica.name = *name;
      replica.has_own_name = true;
      if (!is_presentable_name(*name)) {
        problems_.error(
            view.place("name"),
            "\"name\" of a replica must not be empty nor hold \"/\" or control characters");
      }
    }
    read_addresses(view, replica);
    if (const auto port = view.integer("port")) {
      replica.port = static_cast<std::uint16_t>(*port);
    }
    replica.tier = static_cast<int>(view.integer("tier").value_or(1));
    if (const Node* checks = view.get("checks")) {
      replica.checks = checks->items;
    }
    finish(std::move(replica));
  }

  void read_addresses(const ObjectView& view, ReadReplica& replica) {
    if (view.has("address") && view.has("addresses")) {
      problems_.error(view.place("addresses"),
                      "\"address\" and \"addresses\" together; put all into \"addresses\"");
    } else if (!view.has("address") && !view.has("addresses")) {
      problems_.error(replica.place, "a replica needs an \"address\" or \"addresses\"");
      list_.sound = false;
      return;
    }
    if (const Node* address = view.get("address")) {
      add_address(*address, replica);
    }
    const Node* addresses = view.get("addresses");
    if (addresses != nullptr && addresses->items.empty()) {
      problems_.error(addresses->place, "\"addresses\" is empty; name at least one");
    }
    for (const Node& address : view.list("addresses")) {
      add_address(address, replica);
    }
  }

  void add_address(const Node& node, ReadReplica& replica) {
    const auto ip = read_published_address(node, problems_);
    if (!ip) {
      list_.sound = false;
      return;
    }
    const auto [first, added] = list_.addresses.try_emplace(*ip, node.place);
    if (!added) {
      problems_.error(node.place, "address " + ip->to_string() +
                                      " stands twice in this service, first at " +
                                      problems_.describe(first->second) + "; remove one");
      return;
    }
    replica.addresses.push_back({*ip, node.place});
  }

  void finish(ReadReplica replica) {
    if (replica.addresses.empty()) {
      list_.sound = false;
      return;
    }
    if (!replica.has_own_name) {
      replica.name = replica.addresses[0].ip.to_string();
    }
    const auto [first, added] = names_.try_emplace(replica.name, replica.place);
    if (!added) {
      problems_.error(replica.place, "two replicas of this service are called " +
                                         in_quotes(replica.name) + ", the first at " +
                                         problems_.describe(first->second) +
                                         "; give one another \"name\"");
    }
    list_.replicas.push_back(std::move(replica));
  }

  Problems& problems_;
  ReplicaList list_{};
  std::map<std::string, Place> names_{};
};

}  // namespace

std::string why_unusable(const net::IpAddress& address) {
  if (address == net::IpAddress() ||
      address == net::IpAddress::from_v6(std::array<std::uint8_t, 16>{})) {
    return "the unspecified address is nobody's";
  }
  const unsigned first = address.octets()[0];
  const unsigned second = address.octets()[1];
  if (address.is_v4()) {
    if (first >= 224 && first < 240) {
      return "a multicast address is no replica's";
    }
    return first >= 240 ? "addresses from 240.0.0.0 on are nobody's" : "";
  }
  if (first == 0xFF) {
    return "a multicast address is no replica's";
  }
  if (first == 0xFE && (second & 0xC0U) == 0x80) {
    return "a link-local address means nothing without its interface";
  }
  if (starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) {
    return "write an IPv4 address in its own form, such as 192.0.2.1";
  }
  return "";
}

std::optional<net::IpAddress> read_published_address(const Node& node, Problems& problems) {
  if (node.kind != Node::Kind::text) {
    problems.error(node.place, std::string("an address is a string, not ") + to_string(node.kind));
    return std::nullopt;
  }
  const auto ip = net::IpAddress::parse(node.text);
  if (!ip) {
    problems.error(node.place,
                   in_quotes(node.text) + " is no IP address; host names are not looked up here");
    return std::nullopt;
  }
  if (const std::string why = why_unusable(*ip); !why.empty()) {
    problems.error(node.place, in_quotes(node.text) + ": " + why);
    return std::nullopt;
  }
  return ip;
}

ReplicaList read_replicas(std::span<const Node> nodes, Problems& problems) {
  ReplicaReader reader(problems);
  for (const Node& node : nodes) {
    reader.read(node);
  }
  return reader.take();
}

}  // namespace ronda::agent
