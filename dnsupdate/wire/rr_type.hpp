// The numbers of the DNS under the RFCs' own names: RR types, classes, opcodes, rcodes, TSIG
// errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ronda::dnsupdate {

// Unknown types are carried as their number (RFC 3597), so the enum is open.
enum class RrType : std::uint16_t {
  A = 1,
  NS = 2,
  CNAME = 5,
  SOA = 6,
  PTR = 12,
  HINFO = 13,
  MX = 15,
  TXT = 16,
  AAAA = 28,
  SRV = 33,
  NAPTR = 35,
  DNAME = 39,
  OPT = 41,
  DS = 43,
  SSHFP = 44,
  RRSIG = 46,
  DNSKEY = 48,
  TLSA = 52,
  SVCB = 64,
  HTTPS = 65,
  TSIG = 250,
  ANY = 255,
  CAA = 257,
};
enum class RrClass : std::uint16_t { IN = 1, CH = 3, NONE = 254, ANY = 255 };
enum class Opcode : std::uint8_t { QUERY = 0, NOTIFY = 4, UPDATE = 5 };
// The extended range (OPT) included.
enum class Rcode : std::uint16_t {
  NOERROR = 0,
  FORMERR = 1,
  SERVFAIL = 2,
  NXDOMAIN = 3,
  NOTIMP = 4,
  REFUSED = 5,
  YXDOMAIN = 6,
  YXRRSET = 7,
  NXRRSET = 8,
  NOTAUTH = 9,
  NOTZONE = 10,
  BADVERS = 16,
};
// RFC 8945 3: what the TSIG record's error field may hold.
enum class TsigError : std::uint16_t {
  NOERROR = 0,
  BADSIG = 16,
  BADKEY = 17,
  BADTIME = 18,
  BADTRUNC = 22
};

std::string to_string(RrType type);  // "A", "TYPE1234"
std::string to_string(RrClass rr_class);
std::string to_string(Rcode rcode);  // "NXRRSET", "RCODE17"
std::string to_string(TsigError error);
std::optional<RrType> parse_rr_type(std::string_view text);  // any case, TYPEnnn too

}  // namespace ronda::dnsupdate
