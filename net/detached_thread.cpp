#include "net/detached_thread.hpp"

#include <system_error>
#include <thread>
#include <utility>

#include <signal.h>

namespace ronda::net {

// A thread of ours must leave every signal to the loop's.
bool run_detached(std::function<void()> job) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    std::thread(std::move(job)).detach();
  } catch (const std::system_error&) {
    started = false;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace ronda::net
