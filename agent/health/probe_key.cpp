#include "agent/health/probe_key.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

namespace ronda::agent {
namespace {

// FNV-1a, 64 bits, over a form in which every value carries its length: no two field lists run
// together.
class Digest {
 public:
  template <typename T>
    requires std::integral<T> || std::is_enum_v<T>
  void add(T value) {
    auto bits = static_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) {
      octet(static_cast<std::uint8_t>(bits & 0xff));
    }
  }
  void add(net::Duration duration) { add(duration.count()); }
  void add(std::string_view text) {
    add(text.size());
    for (const char c : text) {
      octet(static_cast<std::uint8_t>(c));
    }
  }
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const net::IpAddress& address) { add(address.to_string()); }
  void add(const probes::Login& login) {
    if (login) {
      add(login.file());
    }
  }
  void add(const net::Endpoint& endpoint) { add(endpoint.to_string()); }
  void add(const probes::DnsReference& reference) {
    add_all(reference.endpoint, reference.transport, reference.source);
  }
  void add(const probes::TcpStep& step) { add_all(step.kind, step.text); }
  template <typename A, typename B>
  void add(const std::pair<A, B>& pair) {
    add_all(pair.first, pair.second);
  }
  template <typename T>
  void add(const std::vector<T>& list) {
    add(list.size());
    for (const T& item : list) {
      add(item);
    }
  }
  template <typename T>
  void add(const std::optional<T>& value) {
    add(value.has_value());
    if (value) {
      add(*value);
    }
  }
  template <typename... T>
  void add_all(const T&... values) {
    (add(values), ...);
  }
  std::uint64_t value() const { return hash_; }

 private:
  void octet(std::uint8_t value) {
    hash_ ^= value;
    hash_ *= 0x100000001b3U;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

// One overload a protocol; a new one does not compile until it is listed here.
struct ProtocolVisitor {
  Digest& digest;
  void operator()(const probes::HttpCheck& check) const {
    digest.add_all(check.method, check.path, check.host, check.headers, check.status, check.body,
                   check.body_not, check.header, check.header_not, check.login);
    // Keys outlive this version in saved states: what is new counts where it is used.
    if (!check.drain_status.empty()) {
      digest.add(check.drain_status);
    }
    if (check.reading != probes::HttpReading{}) {
      digest.add_all(check.reading.as, check.reading.pointer, check.reading.header,
                     check.reading.format, check.reading.measures);
    }
    if (check.version != probes::HttpVersion::one) {
      digest.add(std::string_view("http_version 2"));
    }
    if (check.follow_redirects) {
      digest.add(std::string_view("follow_redirects"));
    }
  }
  void operator()(const probes::SmtpCheck& check) const {
    digest.add_all(check.helo, check.lmtp, check.login, check.rcpt);
  }
  void operator()(const probes::FtpCheck& check) const {
    digest.add_all(check.anonymous, check.passive, check.login);
    if (!check.mdtm.empty()) {
      digest.add(check.mdtm);
    }
  }
  void operator()(const probes::ImapCheck& check) const { digest.add(check.login); }
  void operator()(const probes::Pop3Check& check) const { digest.add(check.login); }
  void operator()(const probes::TcpCheck& check) const { digest.add(check.steps); }
  void operator()(const probes::PresetCheck& check) const {
    digest.add_all(check.preset, check.login);
  }
  void operator()(const probes::DatabaseCheck& check) const {
    digest.add_all(check.database, check.login, check.role);
  }
  void operator()(const probes::DnsCheck& check) const {
    digest.add_all(check.name, check.qtype, check.transport, check.rcode, check.authoritative,
                   check.answer, check.serial_lag, check.reference);
  }
  // The program is told for whom it runs: what it says is for nobody else.
  void operator()(const probes::ExecCheck& check) const {
    digest.add_all(check.argv, check.exit_codes, check.service, check.replica, check.name);
  }
  // A word from outside is about one replica of one service.
  void operator()(const probes::PassiveCheck& check) const {
    digest.add_all(check.file, check.expires, check.service, check.replica);
  }
  void operator()(const probes::IcmpCheck&) const {}
  void operator()(const probes::AgentCheck& check) const { digest.add(check.send); }
};

std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; value >>= 4) {
    text[i] = kDigits[value & 0xf];
  }
  return text;
}

}  // namespace

std::string probe_key(const MemberCheck& check) {
  const probes::CheckSpec& spec = check.spec;
  Digest digest;
  digest.add(spec.kind);
  std::visit(ProtocolVisitor{digest}, spec.protocol);
  digest.add(spec.tls);
  digest.add_all(spec.tls_settings.verify, spec.tls_settings.ca_file, spec.tls_settings.cert_file,
                 spec.tls_settings.key_file);
  digest.add_all(spec.server_name, spec.cert_warn, spec.read_limit, spec.source, spec.timeout);
  const Timing& timing = check.timing;
  digest.add_all(timing.interval, timing.fast_interval, timing.fall, timing.rise, timing.ok);
  return spec.kind + "://" + check.endpoint.to_string() + "#" + hex(digest.value());
}

}  // namespace ronda::agent
