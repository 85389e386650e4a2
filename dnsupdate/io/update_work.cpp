#include "dnsupdate/io/update_work.hpp"

#include <algorithm>
#include <utility>

namespace ronda::dnsupdate {
namespace {

std::vector<Name> owners_of(const std::vector<RrsetChange>& changes) {
  std::vector<Name> owners;
  for (const RrsetChange& change : changes) {
    owners.push_back(change.observed.key.owner);
  }
  std::sort(owners.begin(), owners.end());
  return owners;
}

}  // namespace

void WorkQueue::leave(UpdateWork* work) {
  std::erase(works_, work);
  const std::vector<UpdateWork*> waiting = works_;
  for (UpdateWork* other : waiting) {
    other->start_when_free();
  }
}

bool WorkQueue::may_start(const UpdateWork* work) const {
  for (const UpdateWork* earlier : works_) {
    if (earlier == work) {
      return true;
    }
    if (earlier->shares_owner(*work)) {
      return false;
    }
  }
  return true;
}

UpdateWork::UpdateWork(net::Loop& loop, Exchange& exchange, std::shared_ptr<WorkQueue> queue,
                       UpdateContext context, std::vector<RrsetChange> changes, OnDone on_done)
    : loop_(loop),
      exchange_(exchange),
      queue_(std::move(queue)),
      on_done_(std::move(on_done)),
      owners_(owners_of(changes)),
      transaction_(std::move(context), std::move(changes)) {
  queue_->enter(this);
  start_when_free();
}

UpdateWork::~UpdateWork() {
  leave();
}

void UpdateWork::start_when_free() {
  if (!started_ && queue_->may_start(this)) {
    started_ = true;
    carry_out(transaction_.step(Started{}, loop_.now()));
  }
}

bool UpdateWork::shares_owner(const UpdateWork& other) const {
  return std::any_of(owners_.begin(), owners_.end(), [&](const Name& owner) {
    return std::binary_search(other.owners_.begin(), other.owners_.end(), owner);
  });
}

void UpdateWork::carry_out(Actions actions) {
  for (Ask& question : actions.questions) {
    const QuestionId id = question.id;
    handles_[id] = exchange_.ask(question.message, [this, id](Answer answer) {
      handles_.erase(id);
      carry_out(transaction_.step(Answered{.id = id, .answer = std::move(answer)}, loop_.now()));
    });
  }
  if (actions.wake_at) {
    timer_ =
        loop_.at(*actions.wake_at, [this] { carry_out(transaction_.step(Woken{}, loop_.now())); });
  }
  if (actions.report) {
    // Not at once: with nothing to send, this is still inside Client::update.
    timer_ = loop_.at(loop_.now(), [this, report = std::move(*actions.report)]() mutable {
      leave();
      const auto on_done = std::exchange(on_done_, {});
      on_done(std::move(report));
    });
  }
}

void UpdateWork::leave() {
  if (const auto queue = std::exchange(queue_, nullptr)) {
    queue->leave(this);
  }
}

}  // namespace ronda::dnsupdate
