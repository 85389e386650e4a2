// One table of what may happen to an UPDATE and its reply on the way: the same rows are played by a
// server that does it itself and by a relay in front of a real named. None of them knows the key.
#pragma once

#include <functional>
#include <vector>

#include "dnsupdate/wire/message.hpp"
#include "tests/integration/dnsupdate/scripted_server.hpp"

namespace ronda::test {

// An UPDATE that was carried out, and what an eavesdropper has at hand.
struct Passage {
  const dnsupdate::Bytes& question;
  const dnsupdate::Bytes& reply;    // the true one; empty when the server was not asked
  const dnsupdate::Bytes& earlier;  // the signed NOERROR of another UPDATE
};

enum class Ways { both, stream, datagram };

struct Meddling {
  const char* what = "";
  int copies = 1;  // of the question that reach the server; 0: lost
  std::function<Performance(const Passage&)> deliver{};
  Ways ways = Ways::both;
};

std::vector<Meddling> all_meddling();

}  // namespace ronda::test
