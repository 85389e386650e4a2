// sd_notify(3) in a few lines: state words to the service manager's socket. Does nothing where
// $NOTIFY_SOCKET is not set.
#pragma once

#include <string>

namespace ronda::agent {

// "READY=1\nSTATUS=..." Never blocks; a manager that does not listen is no error.
void notify_manager(const std::string& state);
void notify_reloading();  // RELOADING=1 with the monotonic time that systemd 253 wants

}  // namespace ronda::agent
