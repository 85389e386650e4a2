// A DNS message as a value (RFC 1035 4.1; RFC 2136 2 names the sections differently for UPDATE),
// its reader and its writer. The reader takes hostile octets: every read is length-checked,
// compression pointers only go backwards, section counts are not believed. The TSIG record stays an
// ordinary last record of `additional`; tsig.hpp gives it meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/rdata.hpp"
#include "dnsupdate/wire/rr_type.hpp"

namespace ronda::dnsupdate {

using Bytes = std::vector<std::byte>;

struct Header {
  std::uint16_t id = 0;
  Opcode opcode = Opcode::QUERY;
  bool qr = false;  // a response
  bool aa = false;
  bool tc = false;
  bool rd = false;
  bool ra = false;
  bool ad = false;
  bool cd = false;
  std::uint8_t rcode = 0;  // the low four bits; Message::rcode() joins the extended ones
  friend bool operator==(const Header&, const Header&) = default;
};

struct Question {  // in UPDATE: the zone section
  Name name{};
  RrType type = RrType::A;
  RrClass rr_class = RrClass::IN;
  friend bool operator==(const Question&, const Question&) = default;
};

struct ResourceRecord {
  Name owner{};
  RrType type = RrType::A;
  RrClass rr_class = RrClass::IN;
  std::uint32_t ttl = 0;
  std::string rdata{};  // wire octets, embedded names expanded; empty in UPDATE's ANY/NONE forms
  friend bool operator==(const ResourceRecord&, const ResourceRecord&) = default;
};

struct Message {
  Header header{};
  std::vector<Question> question{};         // UPDATE: zone
  std::vector<ResourceRecord> answer{};     // UPDATE: prerequisite
  std::vector<ResourceRecord> authority{};  // UPDATE: update
  std::vector<ResourceRecord> additional{};

  // Header rcode joined with the OPT record's extended bits (RFC 6891 6.1.3).
  Rcode rcode() const;
  friend bool operator==(const Message&, const Message&) = default;
};

struct WireError {
  std::size_t offset = 0;  // where in the message
  std::string what{};      // "name runs past the end"
  friend bool operator==(const WireError&, const WireError&) = default;
};

std::expected<Message, WireError> read_message(std::span<const std::byte> octets);
// Owner names are compressed against the question only; names inside rdata never (RFC 3597 4). The
// error is a message over 65,535 octets.
std::expected<Bytes, WireError> write_message(const Message& message);

}  // namespace ronda::dnsupdate
