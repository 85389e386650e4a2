#include "dnsupdate/io/read_work.hpp"

#include <utility>

#include "dnsupdate/update/judge_answer.hpp"
#include "dnsupdate/update/update_request.hpp"

namespace ronda::dnsupdate {

ReadWork::ReadWork(net::Loop& loop, Exchange& exchange, std::vector<RrsetKey> keys, OnDone on_done)
    : context_(exchange.context()),
      keys_(std::move(keys)),
      missing_(keys_.size()),
      on_done_(std::move(on_done)) {
  if (keys_.empty()) {
    handles_.push_back(loop.at(loop.now(), [this] { finish(); }));
  }
  results_.resize(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    handles_.push_back(exchange.ask(query_message(keys_[i]), [this, i](const Answer& answer) {
      results_[i] = judge_answer(keys_[i], answer, context_);
      if (--missing_ == 0) {
        finish();
      }
    }));
  }
}

// The callback may drop this object.
void ReadWork::finish() {
  const auto on_done = std::exchange(on_done_, {});
  on_done(std::exchange(results_, {}));
}

}  // namespace ronda::dnsupdate
