#include "agent/health/probe_key.hpp"

#include <functional>
#include <set>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;
using test::ip;

MemberCheck web() {
  MemberCheck check;
  check.name = "web";
  check.spec.kind = "http";
  check.spec.protocol = probes::HttpCheck{};
  check.spec.server_name = "www.example.com";
  check.endpoint = {.ip = ip("192.0.2.1"), .port = 80};
  return check;
}

probes::HttpCheck& http(MemberCheck& check) {
  return std::get<probes::HttpCheck>(check.spec.protocol);
}

TEST_CASE("probe key: kind, endpoint and 16 digits", "[probe_key]") {
  const std::string key = probe_key(web());
  CHECK(key.substr(0, 20) == "http://192.0.2.1:80#");
  CHECK(key.size() == 36);
  CHECK(key == probe_key(web()));
}

// Saved state is found by this key: another hash would forget everything at an upgrade.
TEST_CASE("probe key: stable across builds", "[probe_key]") {
  CHECK(probe_key(web()) == "http://192.0.2.1:80#7aa4bdf2f5b7273b");
}

TEST_CASE("probe key: a name, a scope, a weight do not make another probe", "[probe_key]") {
  MemberCheck other = web();
  other.name = "another";
  other.scope = Scope::dependency;
  other.critical = true;
  CHECK(probe_key(other) == probe_key(web()));
}

TEST_CASE("probe key: everything that decides the answer does", "[probe_key]") {
  const std::vector<std::function<void(MemberCheck&)>> changes = {
      [](MemberCheck&) {},
      [](MemberCheck& c) { c.spec.kind = "https"; },
      [](MemberCheck& c) { http(c).version = probes::HttpVersion::two; },
      [](MemberCheck& c) { http(c).follow_redirects = true; },
      [](MemberCheck& c) { c.endpoint.port = 81; },
      [](MemberCheck& c) { c.endpoint.ip = ip("192.0.2.2"); },
      [](MemberCheck& c) { c.spec.tls = probes::TlsMode::implicit; },
      [](MemberCheck& c) { c.spec.tls_settings.verify = false; },
      [](MemberCheck& c) { c.spec.tls_settings.ca_file = "a"; },
      [](MemberCheck& c) { c.spec.tls_settings.cert_file = "a"; },
      [](MemberCheck& c) { c.spec.tls_settings.key_file = "a"; },
      [](MemberCheck& c) { c.spec.server_name = "example.com"; },
      [](MemberCheck& c) { c.spec.cert_warn = 1h; },
      [](MemberCheck& c) { c.spec.read_limit = 1; },
      [](MemberCheck& c) { c.spec.source = ip("192.0.2.7"); },
      [](MemberCheck& c) { c.spec.timeout = 4s; },
      [](MemberCheck& c) { c.timing.interval = 11s; },
      [](MemberCheck& c) { c.timing.fast_interval = 3s; },
      [](MemberCheck& c) { c.timing.fall = 4; },
      [](MemberCheck& c) { c.timing.rise = 4; },
      [](MemberCheck& c) { c.timing.ok = 4; },
      [](MemberCheck& c) { http(c).method = "HEAD"; },
      [](MemberCheck& c) { http(c).path = "/x"; },
      [](MemberCheck& c) { http(c).host = "x"; },
      [](MemberCheck& c) { http(c).headers = {{"a", "b"}}; },
      [](MemberCheck& c) { http(c).headers = {{"ab", ""}}; },
      [](MemberCheck& c) { http(c).status = {{200, 200}}; },
      [](MemberCheck& c) { http(c).body = "x"; },
      [](MemberCheck& c) { http(c).body_not = "x"; },
      [](MemberCheck& c) { http(c).header = {{"a", "b"}}; },
      [](MemberCheck& c) { http(c).header_not = {{"a", "b"}}; },
      [](MemberCheck& c) {
        c.spec.kind = "smtp";
        c.spec.protocol = probes::SmtpCheck{};
      },
      [](MemberCheck& c) { c.spec.protocol = probes::SmtpCheck{.helo = "x"}; },
      [](MemberCheck& c) { c.spec.protocol = probes::SmtpCheck{.lmtp = true}; },
      [](MemberCheck& c) { c.spec.protocol = probes::SmtpCheck{.rcpt = "a@b"}; },
      [](MemberCheck& c) {
        c.spec.protocol = probes::SmtpCheck{.login = *probes::Login::parse("u\np", "f")};
      },
      [](MemberCheck& c) { c.spec.protocol = probes::FtpCheck{}; },
      [](MemberCheck& c) { c.spec.protocol = probes::FtpCheck{.passive = true}; },
      [](MemberCheck& c) { c.spec.protocol = probes::TcpCheck{}; },
      [](MemberCheck& c) {
        c.spec.protocol = probes::TcpCheck{.steps = {{probes::TcpStepKind::send, "x"}}};
      },
      [](MemberCheck& c) {
        c.spec.protocol = probes::TcpCheck{.steps = {{probes::TcpStepKind::expect, "x"}}};
      },
      [](MemberCheck& c) {
        c.spec.protocol = probes::PresetCheck{.preset = probes::Preset::redis};
      },
      [](MemberCheck& c) { c.spec.protocol = probes::PresetCheck{.preset = probes::Preset::ldap}; },
      [](MemberCheck& c) {
        c.spec.protocol = probes::PresetCheck{.preset = probes::Preset::redis,
                                              .login = *probes::Login::parse("u\np", "f")};
      },
      [](MemberCheck& c) { c.spec.protocol = probes::ExecCheck{.argv = {"/a", "b"}}; },
      [](MemberCheck& c) { c.spec.protocol = probes::ExecCheck{.argv = {"/a b"}}; },
      [](MemberCheck& c) {
        c.spec.protocol = probes::ExecCheck{.argv = {"/a"}, .exit_codes = probes::ExitCodes::mon};
      },
      [](MemberCheck& c) { c.spec.protocol = probes::ExecCheck{.argv = {"/a"}, .service = "x"}; },
      [](MemberCheck& c) { c.spec.protocol = probes::ExecCheck{.argv = {"/a"}, .replica = "x"}; },
      [](MemberCheck& c) { c.spec.protocol = probes::ExecCheck{.argv = {"/a"}, .name = "x"}; },
  };
  std::set<std::string> keys;
  for (const auto& change : changes) {
    MemberCheck check = web();
    change(check);
    keys.insert(probe_key(check));
  }
  CHECK(keys.size() == changes.size());
}

}  // namespace
}  // namespace ronda::agent
