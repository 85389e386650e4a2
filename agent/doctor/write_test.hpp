// Writes one TXT record to a name that has none, and takes it away again: the only way to see that
// a change can be journaled.
#pragma once

#include <functional>
#include <memory>

#include "agent/doctor/facts.hpp"
#include "dnsupdate/io/client.hpp"

namespace ronda::agent {

class WriteTest {
 public:
  WriteTest(net::Loop& loop, net::Random& random, const dnsupdate::ClientSettings& settings,
            dnsupdate::Name owner);
  // Once. Calls back once, never inside this call.
  void run(std::function<void(WriteTestFacts)> on_done);

 private:
  void write(const dnsupdate::ReadResult& read);
  void take_away(const dnsupdate::RrsetOutcome& written);
  void finish();

  dnsupdate::Client client_;
  dnsupdate::RrsetKey key_;
  WriteTestFacts facts_{};
  std::function<void(WriteTestFacts)> on_done_{};
  net::Handle work_{};
};

}  // namespace ronda::agent
