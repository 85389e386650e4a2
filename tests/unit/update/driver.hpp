// A transaction and a FakePrimary in one hand: moves messages and time between them until the
// report is there. What the network does to a question is a function of the test.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "dnsupdate/update/update_transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/update/fake_primary.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {

inline dnsupdate::NoReply lost(bool sent = true) {
  return {.kind = sent ? dnsupdate::NoReplyKind::timeout : dnsupdate::NoReplyKind::unreachable,
          .sent = sent,
          .detail = "no answer"};
}

inline dnsupdate::NoReply bad_key() {
  return {.kind = dnsupdate::NoReplyKind::unauthenticated,
          .sent = true,
          .rcode = dnsupdate::Rcode::NOTAUTH,
          .tsig_error = dnsupdate::TsigError::BADKEY,
          .detail = "does not know the key"};
}

inline dnsupdate::Reply with_rcode(dnsupdate::Rcode rcode) {
  dnsupdate::Reply reply;
  reply.message.header.rcode = static_cast<std::uint8_t>(rcode);
  return reply;
}

inline bool is_update(const dnsupdate::Message& message) {
  return message.header.opcode == dnsupdate::Opcode::UPDATE;
}

// Moves time and messages between a transaction and a primary until the report is there.
struct Driver {
  FakePrimary primary{name("example.com")};
  // What the network makes of a question; empty: the primary answers it.
  std::function<std::optional<dnsupdate::Answer>(const dnsupdate::Message&)> network{};
  std::function<void()> after_update{};
  net::SteadyTime now{};
  std::vector<dnsupdate::Message> asked{};

  dnsupdate::UpdateReport run(const std::vector<dnsupdate::RrsetChange>& changes,
                              std::size_t size_limit = dnsupdate::kUpdateSizeLimit) {
    dnsupdate::UpdateTransaction transaction(
        {.zone = name("example.com"), .diagnosis = {.server = "s:53", .zone = "example.com"}},
        changes, size_limit);
    dnsupdate::Actions actions = transaction.step(dnsupdate::Started{}, now);
    std::deque<dnsupdate::Ask> open;
    std::optional<net::SteadyTime> wake;
    for (int turns = 0; turns < 1000; ++turns) {
      if (actions.report) {
        CHECK(open.empty());
        return *actions.report;
      }
      for (dnsupdate::Ask& question : actions.questions) {
        open.push_back(std::move(question));
      }
      wake = actions.wake_at ? actions.wake_at : wake;
      actions = open.empty() ? wake_up(transaction, wake) : answer(transaction, open);
    }
    throw std::runtime_error("the transaction does not end");
  }

 private:
  dnsupdate::Actions wake_up(dnsupdate::UpdateTransaction& transaction,
                             std::optional<net::SteadyTime>& wake) {
    if (!wake) {
      throw std::runtime_error("the transaction waits for nothing");
    }
    now = *std::exchange(wake, std::nullopt);
    return transaction.step(dnsupdate::Woken{}, now);
  }
  dnsupdate::Actions answer(dnsupdate::UpdateTransaction& transaction,
                            std::deque<dnsupdate::Ask>& open) {
    const dnsupdate::Ask question = std::move(open.front());
    open.pop_front();
    asked.push_back(question.message);
    now += std::chrono::milliseconds(1);
    std::optional<dnsupdate::Answer> reply = network ? network(question.message) : std::nullopt;
    if (!reply) {
      reply = primary.answer(question.message);
      if (after_update && is_update(question.message)) {
        std::exchange(after_update, {})();
      }
    }
    return transaction.step(dnsupdate::Answered{.id = question.id, .answer = *reply}, now);
  }
};

}  // namespace ronda::test
