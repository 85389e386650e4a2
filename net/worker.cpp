#include "net/worker.hpp"

#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "net/descriptor.hpp"

namespace ronda::net {

struct Worker::State {
  struct Task {
    std::function<void()> job;
    std::function<void()> done;
  };

  std::mutex mutex{};
  std::condition_variable wake{};
  std::deque<Task> queued{};    // guarded by mutex
  std::deque<Task> finished{};  // guarded by mutex
  bool closing = false;         // guarded by mutex
  Descriptor bell{};
  std::unique_ptr<Watch> watch{};
  bool* dropped = nullptr;  // set while a `done` runs
  std::thread thread{};

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return closing || !queued.empty(); });
      if (closing) {
        return;
      }
      Task task = std::move(queued.front());
      queued.pop_front();
      lock.unlock();
      task.job();
      // What the job captured goes before `done` may run on the other thread.
      task.job = nullptr;
      lock.lock();
      finished.push_back(std::move(task));
      const std::uint64_t one = 1;
      // An eventfd takes a write of 1 unless 2^64 - 2 of them were never read.
      [[maybe_unused]] const ssize_t written = ::write(bell.get(), &one, sizeof(one));
    }
  }

  void deliver() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t length = ::read(bell.get(), &count, sizeof(count));
    std::deque<Task> ready;
    {
      const std::lock_guard lock(mutex);
      ready.swap(finished);
    }
    bool gone = false;
    dropped = &gone;
    for (Task& task : ready) {
      if (task.done) {
        task.done();
      }
      if (gone) {
        return;
      }
    }
    dropped = nullptr;
  }
};

Worker::Worker(Loop& loop) : state_(std::make_unique<State>()) {
  state_->bell.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state_->bell) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  State* state = state_.get();
  state->watch = loop.watch(state->bell.get(), [state](Interest) { state->deliver(); });
  state->watch->want(Interest::read);
  state->thread = std::thread([state] { state->work(); });
}

Worker::~Worker() {
  if (state_->dropped != nullptr) {
    *state_->dropped = true;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

void Worker::submit(std::function<void()> job, std::function<void()> done) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->queued.push_back({std::move(job), std::move(done)});
  }
  state_->wake.notify_one();
}

}  // namespace ronda::net
