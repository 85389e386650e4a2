// Adds one address to a name, beside whatever is there, and says what became of it:
//   add_record 127.0.0.1 53 /etc/bind/ronda.key example.com www.example.com 192.0.2.1
#include <fstream>
#include <iostream>
#include <iterator>

#include <dnsupdate/io/client.hpp>
#include <dnsupdate/wire/key_file.hpp>
#include <net/random.hpp>
#include <net/uv_loop.hpp>

using namespace ronda;
using namespace ronda::dnsupdate;

int main(int count, char** words) try {
  if (count != 7) {
    throw std::invalid_argument("add_record SERVER PORT KEY_FILE ZONE NAME ADDRESS");
  }
  std::ifstream file(words[3]);
  const std::string key_text{std::istreambuf_iterator<char>(file), {}};
  net::UvLoop loop;
  net::SystemRandom random;
  ClientSettings settings;
  settings.servers = {
      {net::IpAddress::parse(words[1]).value(), static_cast<std::uint16_t>(std::stoul(words[2]))}};
  settings.key = parse_key_file(key_text).value().front();
  settings.zone = Name::parse(words[4]).value();
  const Rdata address = Rdata::parse(RrType::A, words[6]).value();
  Client client(loop, random, settings);
  bool done = false;
  net::Handle update;
  const auto on_read = [&](const std::vector<ReadResult>& found) {
    if (!found[0]) {
      return std::cout << found[0].error().detail << "\n", loop.stop();
    }
    RrsetChange change{.observed = *found[0], .wanted = *found[0]};  // what is there, what shall be
    change.wanted.insert(address);
    if (change.observed.empty()) {
      change.wanted.ttl = 60;
    }
    update = client.update({change}, [&](const UpdateReport& report) {
      const Outcome& outcome = report.rrsets[0].outcome;
      done = outcome.kind == OutcomeKind::applied || outcome.kind == OutcomeKind::unchanged;
      std::cout << to_string(outcome.kind) << " " << outcome.detail << "\n";
      loop.stop();
    });
  };
  const net::Handle read = client.read({{Name::parse(words[5]).value(), RrType::A}}, on_read);
  loop.run();
  return done ? 0 : 1;
} catch (const std::exception& error) {
  return std::cerr << error.what() << "\n", 64;
}
