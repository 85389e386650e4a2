// How long an UPDATE of ten records takes from the value to signed octets, and its reply from
// octets to a verified value. Prints microseconds: the best of several rounds, and the median
// round.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/tsig.hpp"

namespace {

using namespace ronda::dnsupdate;

const ronda::net::WallTime kNow{std::chrono::seconds(1'795'486'380)};

Name name_of(const std::string& text) {
  return Name::parse(text).value();
}

Message update_of_ten() {
  Message message;
  message.header.opcode = Opcode::UPDATE;
  message.question = {{name_of("example.com"), RrType::SOA, RrClass::IN}};
  for (int i = 0; i < 10; ++i) {
    message.authority.push_back(
        {name_of("www" + std::to_string(i) + ".example.com"), RrType::A, RrClass::IN, 60,
         Rdata::parse(RrType::A, "192.0.2." + std::to_string(i)).value().wire()});
  }
  return message;
}

// Microseconds of one call.
template <typename Work>
double time_of(const Work& work) {
  constexpr int kCalls = 2'000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kCalls; ++i) {
    work();
  }
  const std::chrono::duration<double, std::micro> all = std::chrono::steady_clock::now() - start;
  return all.count() / kCalls;
}

template <typename Work>
void measure(const std::string& what, const Work& work) {
  constexpr std::size_t kRounds = 51;
  std::vector<double> rounds;
  for (std::size_t i = 0; i < kRounds; ++i) {
    rounds.push_back(time_of(work));
  }
  std::ranges::sort(rounds);
  std::cout << std::left << std::setw(44) << what << std::right << std::fixed
            << std::setprecision(2) << std::setw(10) << rounds.front() << std::setw(10)
            << rounds[kRounds / 2] << "\n";
}

}  // namespace

int main() {
  const TsigKey key{.name = name_of("ronda"),
                    .algorithm = TsigAlgorithm::hmac_sha256,
                    .secret = ronda::net::Secret(Bytes(32, std::byte{0x31}))};
  const Message update = update_of_ten();
  const Bytes octets = write_message(update).value();
  const SignedMessage request = tsig_sign(octets, key, kNow);
  Message answer;
  answer.header.qr = true;
  answer.header.opcode = Opcode::UPDATE;
  answer.question = update.question;
  const Bytes reply = tsig_sign(write_message(answer).value(), key, kNow, request.mac).octets;

  std::cout << std::left << std::setw(44) << "microseconds" << std::right << std::setw(10) << "best"
            << std::setw(10) << "median" << "\n";
  std::size_t sum = 0;  // so that nothing is left out
  measure("encode an UPDATE of 10 records", [&] { sum += write_message(update)->size(); });
  measure("sign it (hmac-sha256)", [&] { sum += tsig_sign(octets, key, kNow).octets.size(); });
  measure("encode and sign",
          [&] { sum += tsig_sign(write_message(update).value(), key, kNow).octets.size(); });
  measure("verify a reply to it",
          [&] { sum += tsig_verify(reply, key, request.mac, kNow).has_value() ? 1u : 0u; });
  return sum > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
