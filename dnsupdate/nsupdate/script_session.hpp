// What a script of nsupdate's commands has said so far: where to send and how, and the records of
// the message that the next "send" sends. A value; no IO.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/tsig.hpp"
#include "net/address.hpp"

namespace ronda::dnsupdate {

struct ServerWord {
  std::string host{};  // a name or an address
  std::uint16_t port = 53;
  friend bool operator==(const ServerWord&, const ServerWord&) = default;
};

class ScriptSession {
 public:
  std::optional<ServerWord> server{};
  std::optional<net::IpAddress> local_v4{};
  std::optional<net::IpAddress> local_v6{};
  std::optional<Name> zone{};
  std::optional<std::uint32_t> ttl{};
  TsigKeyPtr key{};  // null: unsigned
  bool check_names = true;
  bool check_svcb = true;
  int debug = 0;

  void set_default_class(RrClass rr_class) { default_class_ = rr_class; }
  // The class of the zone, which the first command that needs one decides.
  RrClass zone_class();
  bool set_zone_class(RrClass rr_class);  // false: another one was decided before

  // The error says that the message has become too long.
  std::expected<void, std::string> add_prerequisite(ResourceRecord record);
  std::expected<void, std::string> add_update(ResourceRecord record);

  // The name whose zone has to be found when none is set; nothing where there is no record.
  std::optional<Name> name_to_find() const;
  Message message(const std::optional<Name>& in_zone);
  void begin_message();  // forgets the records
  void forget_class() { zone_class_ = std::nullopt; }

 private:
  std::expected<void, std::string> take(std::vector<ResourceRecord>& section,
                                        ResourceRecord record);

  RrClass default_class_ = RrClass::IN;
  std::optional<RrClass> zone_class_{};
  std::vector<ResourceRecord> prerequisites_{};
  std::vector<ResourceRecord> updates_{};
  std::size_t octets_ = 0;
};

}  // namespace ronda::dnsupdate
