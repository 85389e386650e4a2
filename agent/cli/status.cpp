#include "agent/cli/commands.hpp"
#include "agent/cli/daemon_client.hpp"
#include "agent/cli/output.hpp"

namespace ronda::agent {

int execute(const StatusCommand& command) {
  const auto socket = find_daemon(command.daemon);
  if (!socket) {
    talk(socket.error());
    return could_not_judge(command.json, WriteMode::enforce, {socket.error()});
  }
  return show_daemon_status(*socket, {}, command.json);
}

}  // namespace ronda::agent
