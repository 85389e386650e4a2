#include "dnsupdate/io/server_list.hpp"

#include <cassert>
#include <utility>

namespace ronda::dnsupdate {

ServerList::ServerList(std::vector<net::Endpoint> servers, Transport transport, PrimaryTls tls)
    : servers_(std::move(servers)), secure_(transport == Transport::tls), tls_(std::move(tls)) {
  assert(!servers_.empty());
  if (secure_) {
    tls_.settings.alpn = "dot";  // RFC 7858 says none, RFC 9103 7.1 and named know it
    if (tls_.contexts == nullptr) {
      static_cast<void>(own_contexts_.get(tls_.settings));
    }
  }
}

std::size_t ServerList::index_of(const std::string& server) const {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].to_string() == server) {
      return i;
    }
  }
  return index_;
}

std::string ServerList::name_of(const std::string& server) const {
  return name_at(index_of(server));
}

std::string ServerList::name_at(std::size_t server) const {
  std::string name;
  if (tls_.names.size() == 1) {
    name = tls_.names.front();
  } else if (server < tls_.names.size()) {
    name = tls_.names[server];
  }
  return name.empty() ? servers_[server].ip.to_string() : name;
}

bool ServerList::move_on_from(std::size_t server) {
  if (server != index_ || servers_.size() == 1) {
    return false;
  }
  index_ = (index_ + 1) % servers_.size();
  return true;
}

std::expected<std::optional<ChannelTls>, std::string> ServerList::tls() {
  if (!secure_) {
    return std::nullopt;
  }
  const net::TlsContext context =
      (tls_.contexts == nullptr ? own_contexts_ : *tls_.contexts).get(tls_.settings);
  if (!context) {
    return std::unexpected(context.error());
  }
  return ChannelTls{.context = *context,
                    .name = name_at(index_),
                    .verify = tls_.settings.verify || !tls_.settings.pin.empty()};
}

}  // namespace ronda::dnsupdate
