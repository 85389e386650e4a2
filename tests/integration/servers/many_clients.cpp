#include "tests/integration/servers/many_clients.hpp"

#include <cstdlib>
#include <stdexcept>

#include "tests/integration/dnsupdate/client_fixture.hpp"

namespace ronda::test {

int size_from_environment(const char* variable, int usual) {
  const char* text = std::getenv(variable);
  return text == nullptr ? usual : std::atoi(text);
}

dnsupdate::ClientSettings client_settings(const Named& named) {
  dnsupdate::ClientSettings settings;
  settings.zone = name("example.com");
  settings.servers = {{.ip = net::IpAddress::parse(named.address()).value(), .port = named.port()}};
  settings.key = load_key(named.key_path());
  return settings;
}

ManyClients::ManyClients(const Named& named, int count)
    : ManyClients(client_settings(named), count) {}

ManyClients::ManyClients(const dnsupdate::ClientSettings& settings, int count) {
  for (int i = 0; i < count; ++i) {
    clients_.push_back(std::make_unique<dnsupdate::Client>(loop_, random_, settings));
  }
}

ManyClients::~ManyClients() {
  clients_.clear();
}

void ManyClients::run(net::Duration limit) {
  bool late = false;
  const net::Handle alarm = loop_.at(loop_.now() + limit, [&] {
    late = true;
    loop_.stop();
  });
  loop_.run();
  if (late) {
    throw std::runtime_error("the clients are not done after " + net::format_duration(limit));
  }
}

}  // namespace ronda::test
