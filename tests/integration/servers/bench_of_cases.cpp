#include "tests/integration/servers/bench_of_cases.hpp"

#include <chrono>
#include <filesystem>

#include "tests/support/named/dig.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {

using namespace dnsupdate;

namespace {

// The program takes no key that everybody may read.
constexpr std::filesystem::perms kOnlyOurs{0600};

}  // namespace

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
  for (const char* owner : {"guarded", "watched"}) {
    for (const char* address : {"127.0.0.2", "127.0.0.3", "192.0.2.77"}) {
      text += std::string(owner) + " A " + address + "\n";
    }
  }
  for (int i = 0; i < 5; ++i) {
    for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.200"}) {
      text += "death" + std::to_string(i) + " A " + address + "\n";
    }
  }
  for (int i = 1; i <= 8; ++i) {
    text += "raced A 192.0.2." + std::to_string(i) + "\n";
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
  keys.push_back({.name = "idle", .secret = random_base64(48), .may_change = false});
  return keys;
}

CaseBench::CaseBench(Place place) : place_(std::move(place)) {
  write_file(key_path(), key_statement(key()));
  std::filesystem::permissions(key_path(), kOnlyOurs);
  client_ = std::make_unique<ClientFixture>(place_.address, place_.port, key_path());
}

std::string CaseBench::server() const {
  return place_.address + ":" + std::to_string(place_.port);
}

std::string CaseBench::key_path() const {
  return place_.folder + "/" + key().name + ".keyfile";
}

std::uint64_t CaseBench::serial() const {
  const std::string soa = lookup("example.com", "SOA").front();
  return std::stoull(soa.substr(soa.find(' ', soa.find(' ') + 1) + 1));
}

const ServerKey& CaseBench::key() const {
  return place_.keys.front();
}

ClientFixture CaseBench::client_with(const ServerKey& key, ClientSettings settings) const {
  return {place_.address, place_.port, write_key(key), std::move(settings)};
}

std::string CaseBench::write_key(const ServerKey& key) const {
  const std::string path = place_.folder + "/other.keyfile";
  write_file(path, key_statement(key));
  std::filesystem::permissions(path, kOnlyOurs);
  return path;
}

ClientSettings CaseBench::settings() const {
  ClientSettings settings;
  settings.zone = name("example.com");
  settings.servers = {{.ip = net::IpAddress::parse(place_.address).value(), .port = place_.port}};
  settings.key = load_key(key_path());
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

std::vector<Suite> suites() {
  return {{"the client", server_cases()},
          {"the program", program_cases()},
          {"the crowd", crowd_cases()},
          {"the way", way_cases()}};
}

std::string join(const Strings& texts) {
  std::string text;
  for (const std::string& one : texts) {
    text += (text.empty() ? "" : " ") + one;
  }
  return text.empty() ? "nothing" : text;
}

Strings CaseBench::lookup(const std::string& name, const std::string& type) const {
  return dig(place_.address, place_.port, name, type);
}

}  // namespace ronda::test
