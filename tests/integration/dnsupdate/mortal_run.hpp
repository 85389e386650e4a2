// A run of an update that dies at a named point: what it has asked by then is on the wire or not,
// what comes back reaches nobody.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/update/update_transaction.hpp"
#include "net/random.hpp"
#include "net/uv_loop.hpp"

namespace ronda::test {

class MortalRun {
 public:
  enum class Death : std::uint8_t {
    before_send,
    after_send,
    after_reply,
    before_read_back,
    after_read_back
  };

  // `received` says whether the server has got the message.
  MortalRun(const dnsupdate::ClientSettings& settings, std::vector<dnsupdate::RrsetChange> changes,
            std::function<bool()> received);

  // True when it lived to that point.
  bool run_until(Death death);

 private:
  void ask(dnsupdate::Actions& actions);
  dnsupdate::Actions take_answers();
  bool wait_for_answers(std::size_t count);
  // Turns the loop only until the server has got the message.
  bool wait_for_server();

  net::UvLoop loop_{};
  net::SystemRandom random_{};
  dnsupdate::Exchange exchange_;
  dnsupdate::UpdateTransaction transaction_;
  std::function<bool()> received_;
  std::vector<net::Handle> handles_{};
  std::deque<dnsupdate::Answered> answers_{};
};

}  // namespace ronda::test
