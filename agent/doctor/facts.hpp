// What was found out about one zone and its primary, before anybody judges it: raw answers to
// signed questions and to updates that change nothing. Values only; findings.hpp makes sense of
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "dnsupdate/update/reply.hpp"
#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/rrset.hpp"
#include "net/address.hpp"
#include "net/time.hpp"

namespace ronda::agent {

// What a name that nobody made, beside the owner, is answered with.
enum class Wildcard : std::uint8_t { none, other_types, same_type };

// One RRset of one service.
struct RecordFacts {
  std::string service{};
  dnsupdate::RrsetKey key{};
  std::size_t addresses = 0;           // in the config
  std::optional<std::uint32_t> ttl{};  // likewise
  dnsupdate::ReadResult read = std::unexpected(dnsupdate::ReadFault{});
  std::optional<dnsupdate::RrType> alias{};     // CNAME or DNAME in the answer
  std::optional<dnsupdate::Name> zone_below{};  // the same server has it, and answers from it
  // To permission_question().
  dnsupdate::Answer permission = std::unexpected(dnsupdate::NoReply{});
  Wildcard wildcard = Wildcard::none;
};

// One address of one name server of the zone, asked for the SOA without a key until it had the
// primary's serial, or for long enough.
struct NameServerFacts {
  std::string name{};
  net::Endpoint server{};
  bool has_address = false;  // else there is no server
  dnsupdate::Answer answer = std::unexpected(dnsupdate::NoReply{});
  net::Duration waited{};  // from the first question to this answer
};

// A TXT record written to a name that was given for it, and taken away again.
struct WriteTestFacts {
  dnsupdate::Name owner{};
  std::string obstacle{};  // why nothing was written
  std::optional<dnsupdate::Outcome> written{};
  std::optional<dnsupdate::Outcome> removed{};
  std::vector<NameServerFacts> followers{};  // how the change came to the name servers
};

// The algorithm under which the primary has the key, when not the one of our file.
struct OtherAlgorithm {
  std::string name{};
  bool same_secret = false;
};

struct ZoneFacts {
  dnsupdate::Name zone{};
  std::string server{};  // "127.0.0.1:53"
  std::string key_name{};
  std::string algorithm{};  // "hmac-sha256"
  std::string key_file{};
  bool over_tls = false;
  std::string not_found{};  // why there is no primary to ask; the rest is empty then
  dnsupdate::Answer soa = std::unexpected(dnsupdate::NoReply{});
  dnsupdate::Answer plain_soa = std::unexpected(dnsupdate::NoReply{});  // asked without the key
  std::optional<OtherAlgorithm> other_algorithm{};
  // The SOA with the EXPIRE option (RFC 7314), by which secondaries give themselves away.
  dnsupdate::Answer expire = std::unexpected(dnsupdate::NoReply{});
  dnsupdate::Answer update = std::unexpected(dnsupdate::NoReply{});  // to update_question()
  std::optional<std::string> version{};
  std::vector<RecordFacts> records{};
  std::vector<NameServerFacts> name_servers{};  // without the primary itself
  // Asked again after the name servers: one of them may have a change made meanwhile.
  dnsupdate::Answer last_soa = std::unexpected(dnsupdate::NoReply{});
  std::optional<WriteTestFacts> write_test{};
};

}  // namespace ronda::agent
