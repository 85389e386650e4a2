// `ronda report`: a word about a replica from outside, for its passive checks. The daemon counts it
// as one verdict, at once.
#include <algorithm>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/daemon_client.hpp"
#include "agent/cli/output.hpp"
#include "agent/ops/status_json.hpp"

namespace ronda::agent {
namespace {

// A wildcard may reach others than whoever wrote it thought.
std::string names_of(const std::vector<std::string>& told, const std::string& asked) {
  constexpr std::size_t kShown = 20;
  if (told.empty()) {
    return asked;
  }
  std::string text = told.size() == 1 ? "" : std::to_string(told.size()) + " replicas: ";
  for (std::size_t i = 0; i < std::min(told.size(), kShown); ++i) {
    text += (i == 0 ? "" : ", ") + told[i];
  }
  return told.size() > kShown ? text + " and " + std::to_string(told.size() - kShown) + " more"
                              : text;
}

// The daemon keeps 150 characters of a reason, each made of at least one octet, and its HTTP server
// has room for a few thousand.
constexpr std::size_t kReasonSent = 200;

}  // namespace

int execute(const ReportCommand& command) {
  const auto socket = find_daemon(command.daemon);
  if (!socket) {
    talk(socket.error());
    return kExitBadConfig;
  }
  const auto reply = ask_daemon(*socket, "POST",
                                "/api/v1/report?replica=" + url_escaped(command.replica) +
                                    "&verdict=" + url_escaped(command.verdict) + "&reason=" +
                                    url_escaped(command.reason.substr(0, kReasonSent)));
  if (!reply) {
    talk(reply.error());
    return kExitUnknown;
  }
  if (reply->status == 200) {
    talk("reported " + command.verdict + " for " + names_of(told_of(reply->body), command.replica));
    return 0;
  }
  const auto errors = errors_of(reply->body);
  for (const std::string& error : errors) {
    talk(error);
  }
  if (errors.empty()) {
    talk("the daemon answered with status " + std::to_string(reply->status) +
         ": is it another version?");
  }
  return kExitUnknown;
}

}  // namespace ronda::agent
