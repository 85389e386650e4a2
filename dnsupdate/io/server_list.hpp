// The servers of one zone in their order, the one in use, and what each must prove over TLS.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/io/client.hpp"
#include "dnsupdate/io/stream_channel.hpp"

namespace ronda::dnsupdate {

class ServerList {
 public:
  // Loads certificates when the settings bring no contexts of their own, which blocks.
  ServerList(std::vector<net::Endpoint> servers, Transport transport, PrimaryTls tls);

  std::size_t count() const { return servers_.size(); }
  std::size_t index() const { return index_; }
  const net::Endpoint& current() const { return servers_[index_]; }
  // By its text; the one in use when there is no such.
  std::size_t index_of(const std::string& server) const;
  std::string name_of(const std::string& server) const;
  // True when another one is in use afterwards.
  bool move_on_from(std::size_t server);
  // Of the current one; nothing when TLS is not used. The error is a sentence.
  std::expected<std::optional<ChannelTls>, std::string> tls();

 private:
  std::string name_at(std::size_t server) const;

  std::vector<net::Endpoint> servers_;
  bool secure_;
  PrimaryTls tls_;
  net::TlsContexts own_contexts_{};
  std::size_t index_ = 0;
};

}  // namespace ronda::dnsupdate
