// One zone whole, by AXFR over TCP: connects, asks, hands on the records as they are proven. What
// each message is worth is decided by update/transfer_reader; the deadlines are kept here.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <vector>

#include "dnsupdate/update/transfer_reader.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"

namespace ronda::dnsupdate {

struct TransferSettings {
  Name zone{};
  std::vector<net::Endpoint> servers{};  // the next one only when no connection comes about
  TsigKeyPtr key{};                      // null: unsigned
  std::optional<net::IpAddress> source{};
  net::Duration timeout = std::chrono::seconds(5);     // for the next octets to come
  net::Duration patience = std::chrono::seconds(120);  // for the whole zone
  TransferLimits limits{};
};

// Calls `on_records` as often as there are some, then `on_done` once, never inside this call.
// Records handed on before a fault are those of no whole zone. Dropping the handle cancels, also
// from inside `on_done`.
[[nodiscard]] net::Handle transfer_zone(
    net::Loop& loop, net::Random& random, const TransferSettings& settings,
    std::function<void(std::vector<ResourceRecord>)> on_records,
    std::function<void(std::expected<void, TransferFault>)> on_done);

}  // namespace ronda::dnsupdate
