// The client's side of the control socket: finds the daemon of a config and asks it one thing. Runs
// a loop of its own, for commands that have none.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/config/config.hpp"
#include "net/http_client.hpp"

namespace ronda::agent {

// Where a daemon makes its socket when the config does not say: $RUNTIME_DIRECTORY/control.sock,
// then /run/ronda/control.sock.
std::vector<std::filesystem::path> usual_sockets();

// The socket to ask; answering is not promised. The error is a sentence.
std::expected<std::filesystem::path, std::string> find_daemon(const DaemonAddress& address);

// Fit to stand in a target's query.
std::string url_escaped(const std::string& text);

// One request and its reply. The error is a sentence that names the socket and `ronda run`.
std::expected<net::HttpResponse, std::string> ask_daemon(const std::filesystem::path& socket,
                                                         const std::string& method,
                                                         const std::string& target);

// Prints the daemon's status, of the given services or all, and returns its exit code.
int show_daemon_status(const std::filesystem::path& socket,
                       const std::vector<std::string>& services, bool json);

}  // namespace ronda::agent
