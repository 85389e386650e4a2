// A check as configured: what to ask and what counts as healthy, with nothing about how often or
// for whom. Values only; equal checks of the same endpoint are one probe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "net/address.hpp"
#include "net/time.hpp"
#include "net/tls_contexts.hpp"
#include "probes/login.hpp"

namespace ronda::probes {

enum class TlsMode : std::uint8_t { off, starttls, implicit };

// What an answer is read for that is a report and judges nothing (reading.hpp).
enum class ReadAs : std::uint8_t { nothing, metrics, number, stamp };
enum class StampFormat : std::uint8_t { unix_seconds, rfc3339, http, integer };
struct HttpReading {
  ReadAs as = ReadAs::nothing;
  std::string pointer{};  // RFC 6901, of a number in JSON; empty: the body is the number
  std::string header{};   // of a stamp; empty: the body
  StampFormat format = StampFormat::http;
  std::vector<std::string> measures{};  // of metrics: that somebody waits for
  std::uint16_t port = 0;               // that the report's URL names; by now the endpoint's
  friend auto operator<=>(const HttpReading&, const HttpReading&) = default;
};
enum class HttpVersion : std::uint8_t { one, two };  // 1.1 and 2
struct HttpCheck {
  std::string method = "GET";
  std::string path = "/";
  std::string host{};  // empty: the server name
  std::vector<std::pair<std::string, std::string>> headers{};
  std::vector<std::pair<int, int>> status{{200, 299}};  // inclusive ranges
  std::vector<std::pair<int, int>> drain_status{};      // alive, but wants to be left alone
  std::string body{};                                   // RE2; empty: not looked at
  std::string body_not{};
  std::vector<std::pair<std::string, std::string>> header{};  // name -> RE2
  std::vector<std::pair<std::string, std::string>> header_not{};
  Login login{};  // HTTP Basic
  HttpReading reading{};
  HttpVersion version = HttpVersion::one;
  bool follow_redirects = false;  // to wherever they lead, but at the replica's own address
  friend auto operator<=>(const HttpCheck&, const HttpCheck&) = default;
};
struct SmtpCheck {
  std::string helo{};  // empty: this host's name
  bool lmtp = false;   // LHLO in place of EHLO (RFC 2033)
  Login login{};
  std::string rcpt{};  // a mailbox it must take mail for; empty: not asked
  friend auto operator<=>(const SmtpCheck&, const SmtpCheck&) = default;
};
struct FtpCheck {
  bool anonymous = false;
  bool passive = false;  // the port it offers for data must accept, too
  Login login{};
  std::string mdtm{};  // a file whose time of modification is read
  friend auto operator<=>(const FtpCheck&, const FtpCheck&) = default;
};
struct ImapCheck {
  Login login{};
  friend auto operator<=>(const ImapCheck&, const ImapCheck&) = default;
};
struct Pop3Check {
  Login login{};
  friend auto operator<=>(const Pop3Check&, const Pop3Check&) = default;
};
enum class TcpStepKind : std::uint8_t { send, expect, expect_bytes, reject, starttls };
struct TcpStep {
  TcpStepKind kind = TcpStepKind::send;
  std::string text{};  // octets for send and expect_bytes, RE2 for expect and reject
  friend auto operator<=>(const TcpStep&, const TcpStep&) = default;
};
struct TcpCheck {
  std::vector<TcpStep> steps{};
  friend auto operator<=>(const TcpCheck&, const TcpCheck&) = default;
};
// A protocol whose first harmless exchange is a script of tcp steps.
enum class Preset : std::uint8_t { ssh, redis, memcached, ldap, mqtt, sip };
struct PresetCheck {
  Preset preset{};
  Login login{};  // of redis, ldap and mqtt
  friend auto operator<=>(const PresetCheck&, const PresetCheck&) = default;
};
// A database server, asked whether it speaks; with a login whether it is ready, or whether it is
// the one that takes writes.
enum class Database : std::uint8_t { postgresql, mysql };
enum class Role : std::uint8_t { any, primary };
struct DatabaseCheck {
  Database database{};
  Login login{};
  Role role = Role::any;
  friend auto operator<=>(const DatabaseCheck&, const DatabaseCheck&) = default;
};
enum class DnsTransport : std::uint8_t { udp, tcp, tls };
// The server a secondary must keep up with.
struct DnsReference {
  net::Endpoint endpoint{};
  DnsTransport transport = DnsTransport::udp;
  std::optional<net::IpAddress> source{};
  friend auto operator<=>(const DnsReference&, const DnsReference&) = default;
};
// In the DNS's own numbers: only probes/dns* knows the codec.
struct DnsCheck {
  std::string name{};       // presentation form
  std::uint16_t qtype = 6;  // SOA
  DnsTransport transport = DnsTransport::udp;
  std::uint16_t rcode = 0;  // NOERROR
  bool authoritative = false;
  std::string answer{};                       // RE2; empty: not looked at
  std::optional<std::uint32_t> serial_lag{};  // the most that is allowed
  std::optional<DnsReference> reference{};    // with serial_lag
  friend auto operator<=>(const DnsCheck&, const DnsCheck&) = default;
};
enum class ExitCodes : std::uint8_t { nagios, mon };
struct ExecCheck {
  // The program's absolute path and its arguments, {address} {port} {service} {replica} not yet
  // replaced: `ronda probe` may aim it at another address.
  std::vector<std::string> argv{};
  ExitCodes exit_codes = ExitCodes::nagios;
  // Told to the program; filled in by now, as CheckSpec::server_name.
  std::string service{};
  std::string replica{};
  std::string name{};  // the check's
  friend auto operator<=>(const ExecCheck&, const ExecCheck&) = default;
};
struct PassiveCheck {
  std::string file{};  // empty: told through the control socket
  net::Duration expires = std::chrono::seconds(60);
  // Whom a report must name; filled in by now, as CheckSpec::server_name.
  std::string service{};
  std::string replica{};
  friend auto operator<=>(const PassiveCheck&, const PassiveCheck&) = default;
};
struct IcmpCheck {
  friend auto operator<=>(const IcmpCheck&, const IcmpCheck&) = default;
};
// The line of an agent beside the service (HAProxy's agent-check).
struct AgentCheck {
  std::string send{};
  friend auto operator<=>(const AgentCheck&, const AgentCheck&) = default;
};
using Protocol =
    std::variant<HttpCheck, SmtpCheck, FtpCheck, ImapCheck, Pop3Check, TcpCheck, PresetCheck,
                 DatabaseCheck, DnsCheck, ExecCheck, PassiveCheck, IcmpCheck, AgentCheck>;

struct CheckSpec {
  std::string kind{};  // "http", "smtp" ... as in the table of kinds
  Protocol protocol{};
  TlsMode tls = TlsMode::off;
  net::TlsSettings tls_settings{};
  std::string server_name{};  // SNI, certificate name, Host; empty: the service's name
  net::Duration cert_warn = std::chrono::hours(24 * 14);
  std::size_t read_limit = 64 * 1024;
  std::optional<net::IpAddress> source{};
  net::Duration timeout = std::chrono::seconds(3);  // one deadline for the whole probe
  friend auto operator<=>(const CheckSpec&, const CheckSpec&) = default;
};

// A redirect may lead there, too.
inline bool may_use_tls(const CheckSpec& check) {
  const auto* http = std::get_if<HttpCheck>(&check.protocol);
  return check.tls != TlsMode::off || (http != nullptr && http->follow_redirects);
}

}  // namespace ronda::probes
