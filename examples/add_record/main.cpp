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

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments, arguments + count);
  std::ifstream file(words.at(3));
  const std::string key_text{std::istreambuf_iterator<char>(file), {}};
  ClientSettings settings{.zone = Name::parse(words.at(4)).value()};
  settings.servers = {{net::IpAddress::parse(words.at(1)).value(),
                       static_cast<std::uint16_t>(std::stoul(words.at(2)))}};
  settings.key = parse_key_file(key_text).value().front();
  const RrsetKey key{Name::parse(words.at(5)).value(), RrType::A};
  const Rdata address = Rdata::parse(RrType::A, words.at(6)).value();
  net::UvLoop loop;
  net::SystemRandom random;
  Client client(loop, random, settings);
  Outcome outcome{.kind = OutcomeKind::unknown};
  net::Handle update;
  const net::Handle read = client.read({key}, [&](const std::vector<ReadResult>& found) {
    if (!found[0]) {
      outcome.detail = found[0].error().detail;
      return loop.stop();
    }
    RrsetChange change{.observed = *found[0], .wanted = *found[0]};  // what is there, what shall be
    change.wanted.ttl = change.observed.empty() ? 60 : change.observed.ttl;
    change.wanted.insert(address);
    update = client.update({change}, [&](const UpdateReport& report) {
      outcome = report.rrsets[0].outcome;
      loop.stop();
    });
  });
  loop.run();
  std::cout << to_string(outcome.kind) << " " << outcome.detail << "\n";
  return outcome.kind == OutcomeKind::applied || outcome.kind == OutcomeKind::unchanged ? 0 : 1;
} catch (const std::exception& error) {
  return std::cerr << error.what() << "\n", 64;
}
