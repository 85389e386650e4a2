// Every row of the table between our client and an honest server, once played by the server itself
// and once by a relay in front of a real named: what is reported is what the server holds.
#include "dnsupdate/wire/tsig.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/dnsupdate/meddling_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/fake_primary.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

Bytes mac_of(const Bytes& question) {
  const std::string rdata = read_message(question).value().additional.back().rdata;
  const std::size_t start = algorithm_name(TsigAlgorithm::hmac_sha256).wire().size() + 10;
  Bytes mac;
  for (std::size_t i = start; i < start + 32; ++i) {
    mac.push_back(static_cast<std::byte>(rdata[i]));
  }
  return mac;
}

class InMemory final : public Honest {
 public:
  explicit InMemory(TsigKeyPtr key) : key_(std::move(key)) {}
  void ask(const Bytes& question, OnReply on_reply) override {
    const Message answer = primary_.answer(read_message(question).value()).message;
    on_reply(tsig_sign(write_message(answer).value(), *key_, std::chrono::system_clock::now(),
                       mac_of(question))
                 .octets);
  }
  Strings holds(const std::string& owner) override {
    return primary_.committed(key_of(owner)).to_strings();
  }

 private:
  TsigKeyPtr key_;
  FakePrimary primary_{name("example.com")};
};

TsigKeyPtr make_key() {
  auto key = std::make_shared<TsigKey>();
  key->name = name("ronda");
  key->secret = net::Secret(std::vector<std::byte>(32, std::byte{7}));
  return key;
}

void play_in_memory(Transport transport) {
  net::UvLoop loop;
  const TsigKeyPtr key = make_key();
  InMemory honest(key);
  play_meddling(loop, honest, key, transport);
}

void play_before_named(Transport transport) {
  const Named named;
  net::UvLoop loop;
  const auto honest =
      real_server(loop, {net::IpAddress::parse(named.address()).value(), named.port()});
  play_meddling(loop, *honest, load_key(named.key_path()), transport);
}

TEST_CASE("a hostile server over TCP: every row ends in the truth") {
  play_in_memory(Transport::tcp);
}
TEST_CASE("a hostile server over UDP: every row ends in the truth") {
  play_in_memory(Transport::udp);
}
TEST_CASE("a hostile proxy before a real named over TCP: every row ends in the truth") {
  play_before_named(Transport::tcp);
}
TEST_CASE("a hostile proxy before a real named over UDP: every row ends in the truth") {
  play_before_named(Transport::udp);
}

}  // namespace
}  // namespace ronda::test
