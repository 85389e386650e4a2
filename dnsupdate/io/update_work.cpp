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
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  return owners;
}

}  // namespace

void WorkQueue::enter(UpdateWork* work) {
  for (const Name& owner : work->owners()) {
    lines_[owner].push_back(work);
  }
}

void WorkQueue::leave(UpdateWork* work) {
  std::vector<UpdateWork*> next;
  for (const Name& owner : work->owners()) {
    const auto line = lines_.find(owner);
    if (line == lines_.end()) {
      continue;
    }
    std::erase(line->second, work);
    if (line->second.empty()) {
      lines_.erase(line);
    } else {
      next.push_back(line->second.front());
    }
  }
  for (UpdateWork* other : next) {
    other->start_when_free();
  }
}

bool WorkQueue::may_start(UpdateWork* work) const {
  return std::all_of(work->owners().begin(), work->owners().end(), [&](const Name& owner) {
    const auto line = lines_.find(owner);
    return line != lines_.end() && line->second.front() == work;
  });
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
