// A thread for a call that may never come back, such as one to a disk that does not answer: nobody
// waits for it, not even the end of the program.
#pragma once

#include <functional>

namespace ronda::net {

// False where the system allows no further thread. The job shares only what it owns with others, or
// what a lock guards.
bool run_detached(std::function<void()> job);

}  // namespace ronda::net
