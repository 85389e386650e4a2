#include "tests/integration/dnsupdate/mortal_run.hpp"

#include <chrono>
#include <utility>

namespace ronda::test {

using namespace dnsupdate;
using std::chrono::seconds;

MortalRun::MortalRun(const ClientSettings& settings, std::vector<RrsetChange> changes,
                     std::function<bool()> received)
    : exchange_(loop_, random_, settings),
      transaction_({.zone = settings.zone, .diagnosis = exchange_.context()}, std::move(changes)),
      received_(std::move(received)) {}

bool MortalRun::run_until(Death death) {
  Actions first = transaction_.step(Started{}, loop_.now());
  if (death == Death::before_send) {
    return first.questions.size() == 1;
  }
  ask(first);
  if (death == Death::after_send) {
    return wait_for_server();
  }
  if (!wait_for_answers(1)) {
    return false;
  }
  if (death == Death::after_reply) {
    return true;
  }
  Actions read_back = take_answers();
  if (death == Death::before_read_back) {
    return read_back.questions.size() == 2;
  }
  ask(read_back);
  return wait_for_answers(2);
}

void MortalRun::ask(Actions& actions) {
  for (Ask& question : actions.questions) {
    handles_.push_back(
        exchange_.ask(question.message, [this, id = question.id](const Answer& answer) {
          answers_.push_back({.id = id, .answer = answer});
          loop_.stop();
        }));
  }
}

Actions MortalRun::take_answers() {
  Actions last;
  for (Answered& answer : answers_) {
    last = transaction_.step(std::move(answer), loop_.now());
  }
  answers_.clear();
  return last;
}

bool MortalRun::wait_for_answers(std::size_t count) {
  bool late = false;
  const net::Handle limit = loop_.at(loop_.now() + seconds(10), [&] {
    late = true;
    loop_.stop();
  });
  while (answers_.size() < count && !late) {
    loop_.run();
  }
  return !late;
}

bool MortalRun::wait_for_server() {
  const net::SteadyTime end = loop_.now() + seconds(10);
  while (!received_() && loop_.now() < end) {
    const net::Handle turn =
        loop_.at(loop_.now() + std::chrono::milliseconds(1), [this] { loop_.stop(); });
    loop_.run();
  }
  return received_();
}

}  // namespace ronda::test
