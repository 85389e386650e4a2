#include "agent/cli/commands.hpp"
#include "agent/cli/daemon_client.hpp"
#include "agent/cli/output.hpp"
#include "agent/ops/status_json.hpp"

namespace ronda::agent {

int execute(const ReloadCommand& command) {
  // A config with problems is what one reloads after mending; the daemon reports what is left of
  // them.
  const auto socket = find_daemon(command.daemon);
  if (!socket) {
    talk(socket.error());
    return kExitBadConfig;
  }
  const auto reply = ask_daemon(*socket, "POST", "/api/v1/reload");
  if (!reply) {
    talk(reply.error());
    return kExitUnknown;
  }
  if (reply->status == 200) {
    talk("reloaded");
    return 0;
  }
  for (const std::string& error : errors_of(reply->body)) {
    talk_plain(error);
  }
  talk("the daemon goes on with the configuration it had");
  return reply->status == 422 ? kExitBadConfig : kExitUnknown;
}

}  // namespace ronda::agent
