// One call of Client::update under way: it feeds an UpdateTransaction with the exchange's answers
// and the loop's time. Works that share an owner name wait for one another: BIND may reorder
// pipelined UPDATEs.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/update/update_transaction.hpp"
#include "net/loop.hpp"

namespace ronda::dnsupdate {

class UpdateWork;

// A line for each owner, in the order of asking. A work may start when it is the first in each of
// its lines.
class WorkQueue {
 public:
  void enter(UpdateWork* work);
  void leave(UpdateWork* work);
  bool may_start(UpdateWork* work) const;

 private:
  std::map<Name, std::deque<UpdateWork*>> lines_{};
};

class UpdateWork final : public net::Cancellable {
 public:
  using OnDone = std::function<void(UpdateReport)>;

  // The exchange is borrowed; the report comes back later, never from inside the constructor.
  UpdateWork(net::Loop& loop, Exchange& exchange, std::shared_ptr<WorkQueue> queue,
             UpdateContext context, std::vector<RrsetChange> changes, OnDone on_done);
  ~UpdateWork() override;

  void start_when_free();
  const std::vector<Name>& owners() const { return owners_; }  // each once

 private:
  void carry_out(Actions actions);
  void leave();

  net::Loop& loop_;
  Exchange& exchange_;
  std::shared_ptr<WorkQueue> queue_;
  OnDone on_done_;
  std::vector<Name> owners_{};
  UpdateTransaction transaction_;
  bool started_ = false;
  std::map<QuestionId, net::Handle> handles_{};
  net::Handle timer_{};
};

}  // namespace ronda::dnsupdate
