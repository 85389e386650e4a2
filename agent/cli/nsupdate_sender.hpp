// The part of `ronda nsupdate` that speaks with servers: looks up addresses, finds zone and primary
// where the script names none, sends the session's message over one kept connection and says on
// stderr what came of it, in nsupdate's words. Blocks until each step is done; it owns its loop.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/nsupdate_options.hpp"
#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/io/zone_finder.hpp"
#include "dnsupdate/nsupdate/script_session.hpp"
#include "net/resolver.hpp"
#include "net/tls_contexts.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {

enum class Sending : std::uint8_t { done, failed, fatal };

class NsupdateSender {
 public:
  // Both are borrowed.
  NsupdateSender(const NsupdateOptions& options, dnsupdate::ScriptSession& session);

  // Of the session's server. The error is a sentence.
  std::expected<void, std::string> look_up();
  Sending send();
  // The last reply to an UPDATE of this run, unless the last one brought none.
  const std::optional<dnsupdate::Message>& answer() const { return answer_; }

 private:
  // Where an UPDATE goes.
  struct Target {
    dnsupdate::Name zone{};
    std::vector<net::Endpoint> servers{};
    std::string host{};  // their name, where they were found by it: a certificate must bear it
  };
  std::expected<std::vector<net::Endpoint>, std::string> addresses(const std::string& host,
                                                                   std::uint16_t port);
  std::expected<Target, Sending> find_target();
  std::optional<dnsupdate::FoundZone> ask_for_zone(const net::Endpoint& server,
                                                   const dnsupdate::Name& owner, bool recursive);
  // The server takes no TCP connections, and UDP is allowed.
  bool only_udp_is_left(const net::Endpoint& server);
  dnsupdate::Answer ask(const Target& target, const dnsupdate::Message& message);
  dnsupdate::Answer ask_over(dnsupdate::Transport transport, const Target& target,
                             const dnsupdate::Message& message);
  Sending judge(const dnsupdate::Answer& answer);
  Sending judge_reply(const dnsupdate::Reply& reply);
  Sending judge_silence(const dnsupdate::NoReply& none);
  std::optional<net::IpAddress> source_for(const net::Endpoint& server) const;
  dnsupdate::PrimaryTls tls_settings(const std::string& host);
  void debug(const std::string& line) const;

  const NsupdateOptions& options_;
  dnsupdate::ScriptSession& session_;
  net::UvLoop loop_{};
  net::SystemRandom random_{};
  net::Resolver resolver_{loop_};
  net::TlsContexts contexts_{};
  std::vector<net::Endpoint> servers_{};  // of the session's server
  std::unique_ptr<dnsupdate::Exchange> exchange_{};
  std::optional<dnsupdate::ClientSettings> exchange_settings_{};
  std::vector<net::Endpoint> without_tcp_{};  // servers known to be so
  std::string asked_server_{};
  std::optional<dnsupdate::Message> answer_{};
};

}  // namespace ronda::agent
