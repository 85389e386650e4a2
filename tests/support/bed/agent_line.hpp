// An agent beside a replica, as HAProxy's agent-check asks it: whoever connects gets one line and
// the end of the connection.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/server.hpp"

namespace ronda::test {

class AgentLineServer : public Server {
 public:
  AgentLineServer(std::string address, std::uint16_t port, const std::string& line);  // starts it
  void say(const std::string& line);  // from the next connection on
};

}  // namespace ronda::test
