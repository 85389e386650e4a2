// A Client on a real loop, with the callbacks turned into return values: what the tests of the
// client share. A wait that does not end stops the loop after ten seconds and fails the test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dnsupdate/io/client.hpp"
#include "net/random.hpp"
#include "net/uv_loop.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {

dnsupdate::TsigKeyPtr load_key(const std::string& path);

class ClientFixture {
 public:
  // Zone example.com, the key from the file; the server at that address and port unless the
  // settings name servers.
  ClientFixture(const std::string& address, std::uint16_t port, const std::string& key_path,
                dnsupdate::ClientSettings settings = {});
  ~ClientFixture();
  ClientFixture(const ClientFixture&) = delete;
  ClientFixture& operator=(const ClientFixture&) = delete;

  dnsupdate::ReadResult read(const dnsupdate::RrsetKey& key);
  std::vector<dnsupdate::ReadResult> read(const std::vector<dnsupdate::RrsetKey>& keys);
  dnsupdate::UpdateReport update(const std::vector<dnsupdate::RrsetChange>& changes);

  net::UvLoop& loop() { return loop_; }
  dnsupdate::Client& client() { return *client_; }
  // Runs the loop until a callback stops it.
  void run();

 private:
  net::UvLoop loop_{};
  net::SystemRandom random_{};
  std::unique_ptr<dnsupdate::Client> client_{};
};

}  // namespace ronda::test
