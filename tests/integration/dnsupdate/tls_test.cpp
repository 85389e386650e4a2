// Updates over TLS to a real named: who is believed, and that nothing ever goes out in clear text.
#include <array>
#include <memory>
#include <string>

#include <openssl/evp.h>

#include "dnsupdate/io/client.hpp"
#include "net/tls_pin.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/net/certificates.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/integration/net/temporary_directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

std::string pin_of(const Identity& identity) {
  unsigned char* encoded = nullptr;
  const int length = i2d_PUBKEY(identity.key.get(), &encoded);
  std::array<unsigned char, 32> digest{};
  EVP_Digest(encoded, static_cast<std::size_t>(length), digest.data(), nullptr, EVP_sha256(),
             nullptr);
  OPENSSL_free(encoded);
  std::array<unsigned char, 45> text{};
  EVP_EncodeBlock(text.data(), digest.data(), digest.size());
  return {text.begin(), text.begin() + 44};
}

// named with one certificate on a port of its own, beside the plain one.
class TlsPrimary {
 public:
  explicit TlsPrimary(const std::string& names = "DNS:ns.example.com,IP:127.0.0.1", long days = 30)
      : authority_(make_identity("", 30, nullptr)),
        identity_(make_identity(names, days, &authority_)) {
    write_pem(authority_.certificate, ca_file());
    write_pem(identity_.certificate, folder_ / "server.crt");
    write_pem(identity_.key, folder_ / "server.key");
    const std::string certificate = folder_ / "server.crt";
    const std::string key = folder_ / "server.key";
    port_ = find_free_port("127.0.0.1");
    named_ = std::make_unique<Named>(NamedOptions{
        .options = "listen-on port " + std::to_string(port_) + " tls ours { 127.0.0.1; };",
        .statements =
            "tls ours { cert-file \"" + certificate + "\"; key-file \"" + key + "\"; };"});
  }

  Named& named() { return *named_; }
  std::uint16_t port() const { return port_; }
  std::string ca_file() const { return folder_ / "ca.pem"; }
  std::string pin() const { return pin_of(identity_); }

  UpdateReport update(PrimaryTls tls, std::uint16_t port = 0) {
    ClientFixture client("127.0.0.1", port == 0 ? port_ : port, named_->key_path(),
                         {.transport = Transport::tls, .tls = std::move(tls)});
    return client.update({change(rrset("www.example.com", {}), {"192.0.2.1"})});
  }

 private:
  TemporaryDirectory folder_{};
  Identity authority_;
  Identity identity_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Named> named_{};
};

PrimaryTls with_ca(const std::string& file, const std::string& server = {}) {
  return {.settings = {.ca_file = file}, .names = {server}};
}

PrimaryTls with_pin(const std::string& pin) {
  return {.settings = {.verify = false, .pin = pin}};
}

void expect_refusal(TlsPrimary& primary, PrimaryTls tls, const std::string& word,
                    std::uint16_t port = 0) {
  const UpdateReport report = primary.update(std::move(tls), port);
  const Outcome& outcome = report.rrsets[0].outcome;
  INFO(outcome.detail);
  CHECK(outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(outcome.detail, ContainsSubstring(word) && ContainsSubstring("clear text"));
  CHECK(primary.named().update_count() == 0);
}

TEST_CASE("over TLS: a CA with the server's name or address, or its pin") {
  TlsPrimary primary;
  CHECK(primary.update(with_ca(primary.ca_file())).rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(primary.named().lookup("www.example.com") == Strings{"192.0.2.1"});
  CHECK(primary.update(with_ca(primary.ca_file(), "ns.example.com")).rrsets[0].outcome.kind ==
        OutcomeKind::unchanged);
  CHECK(primary.update(with_pin(primary.pin())).rrsets[0].outcome.kind == OutcomeKind::unchanged);
  PrimaryTls both = with_ca(primary.ca_file());
  both.settings.pin = primary.pin();
  CHECK(primary.update(both).rrsets[0].outcome.kind == OutcomeKind::unchanged);
}

TEST_CASE("over TLS: who is not believed gets nothing") {
  TlsPrimary primary;
  const TlsPrimary other;
  expect_refusal(primary, with_ca(primary.ca_file(), "other.example.com"), "another name");
  expect_refusal(primary, with_ca(other.ca_file()), "unknown CA");
  expect_refusal(primary, with_pin(other.pin()), "its pin is " + primary.pin());
  PrimaryTls right_pin_wrong_name = with_ca(primary.ca_file(), "other.example.com");
  right_pin_wrong_name.settings.pin = primary.pin();
  expect_refusal(primary, right_pin_wrong_name, "another name");
  PrimaryTls right_ca_wrong_pin = with_ca(primary.ca_file());
  right_ca_wrong_pin.settings.pin = other.pin();
  expect_refusal(primary, right_ca_wrong_pin, "pinned");

  const UpdateReport report = primary.update(with_ca("/nonexistent/ca.pem"));
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("/nonexistent/ca.pem"));
  CHECK(primary.named().update_count() == 0);
}

TEST_CASE("over TLS: an expired certificate, and a pin that outlives it") {
  TlsPrimary primary("IP:127.0.0.1", -1);
  expect_refusal(primary, with_ca(primary.ca_file()), "expired");
  CHECK(primary.update(with_pin(primary.pin())).rrsets[0].outcome.kind == OutcomeKind::applied);
}

TEST_CASE("over TLS: a plain server on that port is not spoken to") {
  TlsPrimary primary;
  ClientFixture client("127.0.0.1", primary.named().port(), primary.named().key_path(),
                       {.transport = Transport::tls,
                        .tls = with_ca(primary.ca_file()),
                        .timeout = std::chrono::milliseconds(700)});
  const UpdateReport report = client.update({change(rrset("www.example.com", {}), {"192.0.2.1"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK(primary.named().update_count() == 0);
  CHECK(primary.named().lookup("www.example.com").empty());
}

TEST_CASE("over TLS: the next server after a failed handshake, pipelining as over TCP") {
  TlsPrimary primary;
  TlsPrimary stranger;
  ClientFixture client("127.0.0.1", primary.port(), primary.named().key_path(),
                       {.servers = {loopback(stranger.port()), loopback(primary.port())},
                        .transport = Transport::tls,
                        .tls = with_ca(primary.ca_file())});
  std::vector<RrsetKey> keys;
  for (int i = 0; i < 100; ++i) {
    keys.push_back(key_of("n" + std::to_string(i) + ".example.com"));
  }
  for (const ReadResult& result : client.read(keys)) {
    CHECK(result);
  }
}

TEST_CASE("a pin is 44 characters of base64, exactly") {
  const std::string good = pin_of(make_identity("", 1, nullptr));
  CHECK(net::pin_problem(good).empty());
  for (const std::string& bad : {std::string(), good.substr(1), good + "=", "sha256/" + good,
                                 good.substr(0, 43) + "A", std::string(44, '=')}) {
    INFO(bad);
    CHECK_THAT(net::pin_problem(bad), ContainsSubstring("openssl"));
  }
}

}  // namespace
}  // namespace ronda::test
