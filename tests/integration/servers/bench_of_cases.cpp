#include "tests/integration/servers/bench_of_cases.hpp"

#include <chrono>

#include "tests/support/named/dig.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {

using namespace dnsupdate;

std::string common_zone() {
  std::string text =
      "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
      "www A 192.0.2.1\nwww A 192.0.2.2\nalias CNAME www\n*.w A 192.0.2.50\n"
      "sub NS ns.sub\nns.sub A 127.0.0.1\nUpPer A 192.0.2.1\nslow 600 A 192.0.2.1\n"
      "slow 600 A 192.0.2.2\n";
  for (const char* owner : {"add", "remove", "swap", "whole", "stale", "race"}) {
    for (int i = 1; i <= 4; ++i) {
      text += std::string(owner) + " A 192.0.2." + std::to_string(i) + "\n";
    }
  }
  for (int i = 1; i <= 90; ++i) {
    text += "many A 192.0.2." + std::to_string(i) + "\n";
  }
  return text;
}

std::vector<ServerKey> common_keys() {
  std::vector<ServerKey> keys{{.name = "ronda", .secret = random_base64(48)}};
  for (const char* algorithm :
       {"hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"}) {
    keys.push_back({.name = std::string("with-") + algorithm,
                    .algorithm = algorithm,
                    .secret = random_base64(48)});
  }
  return keys;
}

CaseBench::CaseBench(Place place) : place_(std::move(place)) {
  for (const ServerKey& key : place_.keys) {
    write_file(key_path(key), key_statement(key));
  }
  client_ = std::make_unique<ClientFixture>(place_.address, place_.port, key_path(key()));
}

const ServerKey& CaseBench::key() const {
  return place_.keys.front();
}

std::string CaseBench::key_path(const ServerKey& key) const {
  return place_.folder + "/" + key.name + ".keyfile";
}

ClientFixture CaseBench::client_with(const ServerKey& key, ClientSettings settings) const {
  const std::string path = place_.folder + "/other.keyfile";
  write_file(path, key_statement(key));
  return {place_.address, place_.port, path, std::move(settings)};
}

ClientSettings CaseBench::settings() const {
  ClientSettings settings;
  settings.zone = name("example.com");
  settings.servers = {{.ip = net::IpAddress::parse(place_.address).value(), .port = place_.port}};
  settings.key = load_key(key_path(key()));
  return settings;
}

std::string CaseBench::ask(const Message& question) {
  net::UvLoop loop;
  net::SystemRandom random;
  Exchange exchange(loop, random, settings());
  std::string answer;
  const net::Handle work = exchange.ask(question, [&](const Answer& given) {
    answer = given ? to_string(given->message.rcode()) : "no answer";
    loop.stop();
  });
  loop.run();
  return answer;
}

Strings CaseBench::lookup(const std::string& name, const std::string& type) const {
  return dig(place_.address, place_.port, name, type);
}

}  // namespace ronda::test
