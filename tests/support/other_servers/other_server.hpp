// A name server in a temporary folder that takes signed updates, whoever made it: what a test needs
// that runs against BIND, Knot and PowerDNS alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace ronda::test {

struct ServerKey {
  std::string name{};
  std::string algorithm = "hmac-sha256";
  std::string secret{};  // base64
  bool may_change = true;
};
// The key as BIND's key file has it; Knot's and PowerDNS's own forms are made from the parts.
std::string key_statement(const ServerKey& key);

struct OtherServerOptions {
  std::string zone = "example.com";
  std::string zone_text{};
  std::vector<ServerKey> keys{};  // each may change everything and transfer the zone, or nothing
};

class OtherServer {
 public:
  OtherServer(const OtherServer&) = delete;
  OtherServer& operator=(const OtherServer&) = delete;
  virtual ~OtherServer();  // kills it and removes the folder

  static constexpr const char* kAddress = "127.0.0.1";
  std::uint16_t port() const { return port_; }
  const std::string& folder() const { return folder_; }
  void kill();   // SIGKILL: nothing is said to anybody
  void start();  // again, on the same port and with the zone as it was left

 protected:
  OtherServer();
  // Starts the command and waits until the zone is served; throws with the server's own words.
  void start(const std::vector<std::string>& command, const std::string& zone);

 private:
  std::vector<std::string> command_{};
  std::string zone_{};
  std::string folder_;
  std::uint16_t port_;
  pid_t process_ = -1;
};

}  // namespace ronda::test
