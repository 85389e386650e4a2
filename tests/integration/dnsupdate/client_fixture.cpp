#include "tests/integration/dnsupdate/client_fixture.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include "dnsupdate/wire/key_file.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {

using dnsupdate::ReadResult;
using dnsupdate::RrsetKey;

dnsupdate::TsigKeyPtr load_key(const std::string& path) {
  return dnsupdate::parse_key_file(read_file(path)).value().front();
}

ClientFixture::ClientFixture(const std::string& address, std::uint16_t port,
                             const std::string& key_path, dnsupdate::ClientSettings settings) {
  if (settings.servers.empty()) {
    settings.servers = {{.ip = net::IpAddress::parse(address).value(), .port = port}};
  }
  settings.key = load_key(key_path);
  if (settings.zone.is_root()) {
    settings.zone = name("example.com");
  }
  client_ = std::make_unique<dnsupdate::Client>(loop_, random_, std::move(settings));
}

ClientFixture::~ClientFixture() {
  client_.reset();
}

void ClientFixture::run() {
  bool late = false;
  const net::Handle limit = loop_.at(loop_.now() + std::chrono::seconds(10), [&] {
    late = true;
    loop_.stop();
  });
  loop_.run();
  if (late) {
    throw std::runtime_error("the client did not call back within ten seconds");
  }
}

std::vector<ReadResult> ClientFixture::read(const std::vector<RrsetKey>& keys) {
  std::optional<std::vector<ReadResult>> results;
  const net::Handle work = client_->read(keys, [&](std::vector<ReadResult> found) {
    results = std::move(found);
    loop_.stop();
  });
  run();
  return results.value();
}

ReadResult ClientFixture::read(const RrsetKey& key) {
  return read(std::vector<RrsetKey>{key}).front();
}

dnsupdate::UpdateReport ClientFixture::update(const std::vector<dnsupdate::RrsetChange>& changes) {
  std::optional<dnsupdate::UpdateReport> report;
  const net::Handle work = client_->update(changes, [&](dnsupdate::UpdateReport made) {
    report = std::move(made);
    loop_.stop();
  });
  run();
  return report.value();
}

}  // namespace ronda::test
