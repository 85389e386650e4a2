#include "probes/setters.hpp"

#include "probes/value_shapes.hpp"

namespace ronda::probes {

namespace {

constexpr std::uint64_t kReadLimitLeast = 512;
constexpr std::uint64_t kReadLimitMost = 16ULL << 20U;

}  // namespace

SetOutcome set_tls(CheckSpec& check, const std::string& text) {
  if (text == "off") {
    check.tls = TlsMode::off;
  } else if (text == "starttls") {
    check.tls = TlsMode::starttls;
  } else if (text == "implicit") {
    check.tls = TlsMode::implicit;
  } else {
    return std::unexpected(in_quotes(text) + " is none of off, starttls, implicit");
  }
  return {};
}

SetOutcome set_server_name(CheckSpec& check, const std::string& text) {
  if (!is_name(text) && !net::IpAddress::parse(text)) {
    return std::unexpected(in_quotes(text) + " is neither a host name nor an address");
  }
  check.server_name = text;
  return {};
}

SetOutcome set_cert_warn(CheckSpec& check, const net::Duration& duration) {
  if (duration < net::Duration::zero()) {
    return std::unexpected("must not be negative");
  }
  check.cert_warn = duration;
  return {};
}

SetOutcome set_read_limit(CheckSpec& check, const std::uint64_t& size) {
  if (size < kReadLimitLeast || size > kReadLimitMost) {
    return std::unexpected(std::to_string(size) + " bytes is out of range: 512 to 16MiB");
  }
  check.read_limit = static_cast<std::size_t>(size);
  return {};
}

SetOutcome set_source(CheckSpec& check, const net::IpAddress& address) {
  check.source = address;
  return {};
}

}  // namespace ronda::probes
