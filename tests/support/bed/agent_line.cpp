#include "tests/support/bed/agent_line.hpp"

#include <filesystem>
#include <utility>

namespace ronda::test {

namespace {

constexpr const char* kProgram = R"(
import socket, sys
server = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    connection, _ = server.accept()
    with connection, open(sys.argv[3], "rb") as line:
        try:
            connection.sendall(line.read())
        except OSError:
            pass  # somebody who only looked whether we are there
)";

}  // namespace

AgentLineServer::AgentLineServer(std::string address, std::uint16_t port, const std::string& line)
    : Server(std::move(address), port) {
  say(line);
  set_program({require_program("python3", "python3"), folder().write("agent.py", kProgram),
               this->address(), std::to_string(port), folder_name() + "/line"});
  start();
}

void AgentLineServer::say(const std::string& line) {
  // Renamed into place: nobody is told half a line.
  std::filesystem::rename(folder().write("next", line + "\n"), folder() / "line");
}

}  // namespace ronda::test
