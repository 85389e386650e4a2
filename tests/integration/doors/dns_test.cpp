// dns checks before a real named: in step, behind, without the zone, not for us, over every
// transport.
#include <chrono>
#include <string>

#include "probes/kinds.hpp"
#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using test::brief;
using test::Named;
using test::NamedOptions;
using test::Prober;

net::Endpoint place_of(const Named& named) {
  return test::endpoint(named.address(), named.port());
}

CheckSpec dns_check(DnsCheck dns = {}) {
  dns.name = dns.name.empty() ? "example.com" : dns.name;
  return test::make_check("dns", std::move(dns));
}

// A zone with an answer that is too large for a datagram.
std::string large_zone() {
  std::string text =
      "$TTL 60\n@ SOA ns host 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.1\n"
      "www A 192.0.2.2\n*.wild TXT \"w\"\n";
  for (int i = 0; i < 8; ++i) {
    text += "large TXT \"" + std::to_string(i) + std::string(200, 'x') + "\"\n";
  }
  return text;
}

NamedOptions secondary_of(const Named& primary) {
  NamedOptions options;
  options.zone = "unused.test";
  options.key_name = "unused";
  options.control = true;
  options.statements =
      "include \"" + primary.key_path() +
      "\";\nzone \"example.com\" { type secondary; file \"copy.db\"; primaries { " +
      primary.address() + " port " + std::to_string(primary.port()) + " key ronda; }; };";
  return options;
}

void change(const Named& primary, const std::string& address) {
  const auto done = test::run(
      {test::require_program("nsupdate", "bind9-dnsutils"), "-k", primary.key_path()},
      {.input = "server " + primary.address() + " " + std::to_string(primary.port()) +
                "\nzone example.com\nupdate add new.example.com 60 A " + address + "\nsend\n"});
  REQUIRE(done.code == 0);
}

}  // namespace

TEST_CASE("dns: what a primary is asked and how it answers") {
  Prober prober;
  Named named({.zone_text = large_zone()});
  const auto said = [&](const DnsCheck& dns) {
    return brief(prober.probe(dns_check(dns), place_of(named)));
  };
  for (const DnsTransport transport : {DnsTransport::udp, DnsTransport::tcp}) {
    CAPTURE(static_cast<int>(transport));
    CHECK(said({.transport = transport}) ==
          "pass L7OK: NOERROR, authoritative, 1 record, serial 1");
    CHECK(said({.transport = transport, .authoritative = true}) ==
          "pass L7OK: NOERROR, authoritative, 1 record, serial 1");
    CHECK(said({.name = "www.example.com",
                .qtype = 1,
                .transport = transport,
                .answer = "^www\\.example\\.com 60 IN A 192\\.0\\.2\\.2$"}) ==
          "pass L7OK: www.example.com 60 IN A 192.0.2.2");
    CHECK_THAT(said({.name = "www.example.com",
                     .qtype = 1,
                     .transport = transport,
                     .answer = "192\\.0\\.2\\.3"}),
               StartsWith("fail L7RSP: expected an answer that matches \"192\\.0\\.2\\.3\", got "
                          "\"www.example.com 60 IN A 192.0.2."));
    CHECK(said({.name = "gone.example.com", .transport = transport}) ==
          "fail L7STS: expected NOERROR, got NXDOMAIN: there the name does not exist");
    CHECK(said({.name = "gone.example.com", .transport = transport, .rcode = 3}) ==
          "pass L7OK: NXDOMAIN, authoritative, 0 records");
    CHECK(said({.name = "example.org", .transport = transport}) ==
          "fail L7STS: expected NOERROR, got REFUSED: it does not serve this zone, or not to us "
          "(allow-query)");
    CHECK(said({.name = "any.wild.example.com",
                .qtype = 16,
                .transport = transport,
                .answer = "^any.wild.example.com 60 IN TXT \"w\"$"}) ==
          "pass L7OK: any.wild.example.com 60 IN TXT \"w\"");
  }
  // Cut short in a datagram, whole on a stream.
  const std::string pattern = "\"7x+\"";
  CHECK_THAT(
      said({.name = "large.example.com", .qtype = 16, .answer = pattern}),
      StartsWith("fail L7RSP: expected an answer that matches \"\"7x+\"\", got an answer cut "
                 "short (TC)"));
  CHECK_THAT(said({.name = "large.example.com", .qtype = 16}),
             StartsWith("pass L7OK: NOERROR, authoritative, cut short (TC), "));
  CHECK_THAT(said({.name = "large.example.com",
                   .qtype = 16,
                   .transport = DnsTransport::tcp,
                   .answer = pattern}),
             StartsWith("pass L7OK: large.example.com 60 IN TXT \"7xxx"));
  CHECK_THAT(said({.name = "large.example.com", .qtype = 16}), ContainsSubstring("\"tcp\""));
}

TEST_CASE("dns: a server that is gone, that hangs, that comes back") {
  Prober prober;
  Named named;
  for (const DnsTransport transport : {DnsTransport::udp, DnsTransport::tcp}) {
    CAPTURE(static_cast<int>(transport));
    CheckSpec check = dns_check({.transport = transport});
    check.timeout = 300ms;
    named.pause();
    const ProbeResult hung = prober.probe(check, place_of(named));
    CHECK_THAT(brief(hung), StartsWith(transport == DnsTransport::udp
                                           ? "fail L4TOUT: expected a reply to SOA example.com "
                                             "within 300ms, got nothing (asked 2 times)"
                                           : "fail L7TOUT: expected a reply to SOA example.com "
                                             "within 300ms, got nothing"));
    CHECK(prober.took < 350ms);
    named.resume();
    named.stop();
    CHECK(brief(prober.probe(check, place_of(named))) == "fail L4CON: connection refused");
    named.start();
    check.timeout = 3s;
    CHECK(prober.probe(check, place_of(named)).verdict == Verdict::pass);
  }
}

TEST_CASE("dns: a resolver, and a server that answers not everybody") {
  Prober prober;
  Named primary;
  NamedOptions options;
  options.recursion = true;
  options.zone = "unused.test";
  options.options = "forward only; forwarders { " + primary.address() + " port " +
                    std::to_string(primary.port()) + "; };";
  Named resolver(options);
  CHECK(brief(prober.probe(dns_check(), place_of(resolver))) == "pass L7OK: NOERROR, 1 record");
  CHECK_THAT(brief(prober.probe(dns_check({.authoritative = true}), place_of(resolver))),
             StartsWith("fail L7RSP: expected an authoritative answer, got one without AA"));
  // Its cache is empty, and without RD it may not go and ask.
  CHECK_THAT(
      brief(prober.probe(
          dns_check({.name = "ns.example.com", .qtype = 1, .authoritative = true, .answer = "127"}),
          place_of(resolver))),
      StartsWith("fail L7"));
  primary.pause();
  CheckSpec other = dns_check({.name = "other.example.com", .qtype = 1});
  other.timeout = 300ms;
  CHECK_THAT(brief(prober.probe(other, place_of(resolver))), StartsWith("fail L4TOUT: "));
  primary.resume();

  Named closed({.options = "allow-query { none; };"});
  CHECK_THAT(brief(prober.probe(dns_check(), place_of(closed))),
             StartsWith("fail L7STS: expected NOERROR, got REFUSED: "));
}

TEST_CASE("dns: a zone that named could not load") {
  Prober prober;
  Named named({.statements = "zone \"broken.test\" { type primary; file \"missing.db\"; };"});
  CHECK_THAT(brief(prober.probe(dns_check({.name = "broken.test"}), place_of(named))),
             StartsWith("fail L7STS: expected NOERROR, got SERVFAIL: it cannot answer: a zone not "
                        "loaded"));
}

TEST_CASE("dns: a secondary that stays behind its primary") {
  Prober prober;
  Named primary;
  Named secondary(secondary_of(primary));
  REQUIRE(test::eventually(20s, [&] { return !secondary.lookup("example.com", "SOA").empty(); }));
  const auto said = [&](std::uint32_t lag, const DnsReference& reference) {
    return brief(
        prober.probe(dns_check({.serial_lag = lag, .reference = reference}), place_of(secondary)));
  };
  const DnsReference here{.endpoint = place_of(primary)};
  CHECK(said(0, here) == "pass L7OK: serial 1, as the primary's");
  change(primary, "192.0.2.9");
  change(primary, "192.0.2.10");
  REQUIRE(primary.serial() == 3);
  const std::string place = here.endpoint.to_string();
  for (const DnsTransport transport : {DnsTransport::udp, DnsTransport::tcp}) {
    const DnsReference there{.endpoint = here.endpoint, .transport = transport};
    CHECK(said(2, there) == "pass L7OK: serial 1, 2 behind the primary's 3");
    CHECK(said(1, there) == "fail L7RSP: expected at most 1 behind the primary " + place +
                                ", got serial 1, 2 behind the primary's 3");
  }
  // The other way round: nobody is behind who is ahead.
  CHECK(
      brief(prober.probe(
          dns_check({.serial_lag = 0, .reference = DnsReference{.endpoint = place_of(secondary)}}),
          place_of(primary))) == "pass L7OK: serial 3, 2 ahead of the primary's 1");
  secondary.rndc({"retransfer", "example.com"});
  CHECK(test::eventually(20s,
                         [&] { return said(0, here) == "pass L7OK: serial 3, as the primary's"; }));

  // The primary's own trouble is no fault of the secondary's, whatever it is.
  primary.stop();
  CHECK(said(0, here) == "pass L7OK: serial 3; lag not judged, the primary " + place +
                             " does not tell its serial: connection refused");
  primary.start();
  primary.pause();
  CheckSpec check = dns_check({.serial_lag = 0, .reference = here});
  check.timeout = 1s;  // in which the secondary is to answer
  const ProbeResult hung = prober.probe(check, place_of(secondary));
  CHECK(brief(hung) == "pass L7OK: serial 3; lag not judged, the primary " + place +
                           " does not tell its serial: no reply in time");
  CHECK(prober.took < 1050ms);
  primary.resume();
  Named stranger({.zone = "unused.test"});
  CHECK(said(0, {.endpoint = place_of(stranger)}) ==
        "pass L7OK: serial 3; lag not judged, the primary " + place_of(stranger).to_string() +
            " does not tell its serial: it answers REFUSED without the zone's SOA");
  // And the secondary's is no less its own while the primary is silent.
  secondary.stop();
  CHECK(said(0, here) == "fail L4CON: connection refused");
}

TEST_CASE("dns: over TLS, by its CA and its name") {
  Prober prober;
  const test::TempFolder folder;
  const test::TempFolder other_folder;
  const test::Certificates ours =
      test::make_certificates(folder.path(), "DNS:ns.example.com,IP:127.0.0.1");
  const test::Certificates theirs =
      test::make_certificates(other_folder.path(), "DNS:ns.example.com");
  const std::uint16_t port = test::find_free_port("127.0.0.1");
  Named named({.options = "listen-on port " + std::to_string(port) + " tls ours { 127.0.0.1; };",
               .statements = "tls ours { cert-file \"" + ours.certificate.string() +
                             "\"; key-file \"" + ours.key.string() + "\"; };"});
  const auto check = [&](const std::string& ca, const std::string& name) {
    CheckSpec spec = dns_check({.authoritative = true});
    REQUIRE(find_kind("dns")->fields[2].key == "transport");
    REQUIRE(find_kind("dns")->fields[2].set(spec, std::string("tls")));
    spec.tls_settings.ca_file = ca;
    spec.server_name = name;
    return spec;
  };
  const auto said = [&](const CheckSpec& spec) {
    return brief(prober.probe(spec, test::endpoint("127.0.0.1", port)));
  };
  CheckSpec good = check(ours.ca.string(), "ns.example.com");
  CHECK(said(good) == "pass L7OK: NOERROR, authoritative, 1 record, serial 1");
  good.cert_warn = 24h * 60;
  CHECK_THAT(said(good), StartsWith("warn L7OKC: certificate ends "));
  CHECK_THAT(said(check(theirs.ca.string(), "ns.example.com")), StartsWith("fail L6RSP: "));
  CHECK_THAT(said(check(ours.ca.string(), "ns.example.org")), StartsWith("fail L6RSP: "));
  CheckSpec unverified = check("", "ns.example.org");
  unverified.tls_settings.verify = false;
  CHECK(said(unverified) ==
        "pass L7OK: certificate not verified; NOERROR, authoritative, 1 record, serial 1");
  CHECK_THAT(said(check((folder / "none.pem").string(), "ns.example.com")),
             StartsWith("unknown SOCKERR: "));
  const test::TempFolder ended_folder;
  const test::Certificates ended =
      test::make_certificates(ended_folder.path(), "DNS:ns.example.com", -1);
  const std::uint16_t ended_port = test::find_free_port("127.0.0.1");
  {
    const Named expired(
        {.options = "listen-on port " + std::to_string(ended_port) + " tls ended { 127.0.0.1; };",
         .statements = "tls ended { cert-file \"" + ended.certificate.string() + "\"; key-file \"" +
                       ended.key.string() + "\"; };"});
    const ProbeResult result = prober.probe(check(ended.ca.string(), "ns.example.com"),
                                            test::endpoint("127.0.0.1", ended_port));
    CHECK(brief(result) == "fail L6RSP: certificate has expired");
  }
  // Where no TLS is spoken, and where nobody is.
  CHECK_THAT(brief(prober.probe(good, place_of(named))), StartsWith("fail L6"));
  named.stop();
  CHECK(said(good) == "fail L4CON: connection refused");
}

}  // namespace ronda::probes
