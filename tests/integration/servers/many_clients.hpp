// Several clients on one loop, each with a connection of its own, against one real server, and the
// sizes of these tests: small by default, large through the environment.
#pragma once

#include <memory>
#include <vector>

#include "dnsupdate/io/client.hpp"
#include "net/random.hpp"
#include "net/uv_loop.hpp"
#include "tests/support/named/named.hpp"

namespace ronda::test {

// The number in this variable of the environment, or `usual`.
int size_from_environment(const char* variable, int usual);

dnsupdate::ClientSettings client_settings(const Named& named);

class ManyClients {
 public:
  ManyClients(const Named& named, int count);
  ManyClients(const dnsupdate::ClientSettings& settings, int count);
  ~ManyClients();
  ManyClients(const ManyClients&) = delete;
  ManyClients& operator=(const ManyClients&) = delete;

  net::UvLoop& loop() { return loop_; }
  dnsupdate::Client& operator[](std::size_t index) { return *clients_.at(index); }
  std::size_t size() const { return clients_.size(); }
  // Runs the loop until somebody stops it; throws after so long.
  void run(net::Duration limit);

 private:
  net::UvLoop loop_{};
  net::SystemRandom random_{};
  std::vector<std::unique_ptr<dnsupdate::Client>> clients_{};
};

}  // namespace ronda::test
