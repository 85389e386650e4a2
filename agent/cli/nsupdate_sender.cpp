#include "agent/cli/nsupdate_sender.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "agent/cli/connection_trial.hpp"
#include "agent/cli/output.hpp"
#include "agent/run/wait_for.hpp"
#include "dnsupdate/nsupdate/message_text.hpp"
#include "dnsupdate/update/diagnosis.hpp"
#include "net/name_servers.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::Rcode;

// "127.0.0.1#53", as BIND writes it.
std::string server_text(const net::Endpoint& server) {
  return server.ip.to_string() + "#" + std::to_string(server.port);
}

// Which of the prerequisites does not hold is between the script and the zone.
bool is_unmet_prerequisite(Rcode rcode) {
  return rcode == Rcode::NXDOMAIN || rcode == Rcode::YXDOMAIN || rcode == Rcode::NXRRSET ||
         rcode == Rcode::YXRRSET;
}

}  // namespace

NsupdateSender::NsupdateSender(const NsupdateOptions& options, dnsupdate::ScriptSession& session)
    : options_(options), session_(session) {
  if (options.local_only) {
    std::array<std::uint8_t, 16> loopback6{};
    loopback6.back() = 1;
    if (!options.v4_only) {
      servers_.push_back({net::IpAddress::from_v6(loopback6), options.port});
    }
    if (!options.v6_only) {
      servers_.push_back({net::IpAddress::from_v4({127, 0, 0, 1}), options.port});
    }
  }
}

void NsupdateSender::debug(const std::string& line) const {
  if (session_.debug > 0) {
    talk_plain(line);
  }
}

std::expected<std::vector<net::Endpoint>, std::string> NsupdateSender::addresses(
    const std::string& host, std::uint16_t port) {
  std::vector<net::IpAddress> found;
  std::string why = "not found";
  if (const auto literal = net::IpAddress::parse(host)) {
    found.push_back(*literal);
  } else {
    using Found = net::Resolver::Answer;
    const auto answer = wait_for<Found>(loop_, [&](std::function<void(Found)> on_answer) {
      return resolver_.resolve(host, std::move(on_answer));
    });
    if (answer) {
      found = *answer;
    } else {
      why = answer.error();
    }
  }
  std::vector<net::Endpoint> endpoints;
  for (const net::IpAddress& ip : found) {
    if (ip.is_v4() ? !options_.v6_only : !options_.v4_only) {
      endpoints.push_back({ip, port});
    }
  }
  if (endpoints.empty()) {
    return std::unexpected("couldn't get address for '" + host + "': " + why);
  }
  return endpoints;
}

std::expected<void, std::string> NsupdateSender::look_up() {
  auto found = addresses(session_.server->host, session_.server->port);
  if (!found) {
    return std::unexpected(found.error());
  }
  servers_ = *std::move(found);
  return {};
}

std::optional<net::IpAddress> NsupdateSender::source_for(const net::Endpoint& server) const {
  return server.ip.is_v4() ? session_.local_v4 : session_.local_v6;
}

dnsupdate::PrimaryTls NsupdateSender::tls_settings(const std::string& host) {
  dnsupdate::PrimaryTls tls;
  tls.settings.verify = options_.tls_verify;
  tls.settings.ca_file = options_.tls_ca_file;
  tls.settings.cert_file = options_.tls_cert_file;
  tls.settings.key_file = options_.tls_key_file;
  tls.settings.alpn = "dot";
  if (!options_.tls_host.empty()) {
    tls.names = {options_.tls_host};
  } else if (!host.empty() && !net::IpAddress::parse(host)) {
    tls.names = {host};
  }
  tls.contexts = &contexts_;
  return tls;
}

std::optional<dnsupdate::FoundZone> NsupdateSender::ask_for_zone(const net::Endpoint& server,
                                                                 const dnsupdate::Name& owner,
                                                                 bool recursive) {
  dnsupdate::FinderSettings settings{.server = server,
                                     .key = recursive ? nullptr : session_.key,
                                     .source = source_for(server),
                                     .timeout = options_.patience(),
                                     .recursive = recursive};
  if (options_.tls && !recursive) {
    settings.transport = dnsupdate::Transport::tls;
    settings.tls = tls_settings(session_.server ? session_.server->host : "");
  }
  using Found = std::expected<dnsupdate::FoundZone, std::string>;
  const auto find = [&] {
    return wait_for<Found>(loop_, [&](std::function<void(Found)> on_done) {
      return dnsupdate::find_zone(loop_, random_, settings, owner, std::move(on_done));
    });
  };
  Found found = find();
  if (!found && only_udp_is_left(server)) {
    settings.transport = dnsupdate::Transport::udp;
    found = find();
  }
  if (!found && settings.key) {
    // A key that does not fit is told by the UPDATE itself.
    settings.key = nullptr;
    found = find();
  }
  if (!found) {
    talk_plain("; Communication with " + server_text(server) + " failed: " + found.error());
    return std::nullopt;
  }
  debug("Found zone name: " + found->zone.to_string());
  debug("The primary is: " + found->primary.to_string());
  return *std::move(found);
}

std::expected<NsupdateSender::Target, Sending> NsupdateSender::find_target() {
  if (session_.zone && !servers_.empty()) {
    return Target{.zone = *session_.zone,
                  .servers = servers_,
                  .host = session_.server ? session_.server->host : ""};
  }
  const auto owner = session_.zone ? session_.zone : session_.name_to_find();
  if (!owner) {
    return std::unexpected(Sending::done);
  }
  const bool recursive = servers_.empty();
  std::vector<net::Endpoint> asked = servers_;
  if (recursive) {
    for (const net::Endpoint& server : net::system_name_servers(options_.resolv_conf)) {
      if (server.ip.is_v4() ? !options_.v6_only : !options_.v4_only) {
        asked.push_back({server.ip, options_.port});
      }
    }
  }
  for (const net::Endpoint& server : asked) {
    const auto found = ask_for_zone(server, *owner, recursive);
    if (!found) {
      continue;
    }
    if (session_.zone && found->zone != *session_.zone) {
      talk_plain("specified zone '" + session_.zone->to_string() +
                 "' does not exist (NXDOMAIN); the zone above it is '" + found->zone.to_string() +
                 "'");
      return std::unexpected(Sending::failed);
    }
    if (!recursive) {
      return Target{.zone = found->zone,
                    .servers = {server},
                    .host = session_.server ? session_.server->host : ""};
    }
    auto primaries = addresses(found->primary.to_string(), options_.port);
    if (!primaries) {
      talk_plain(primaries.error());
      return std::unexpected(Sending::failed);
    }
    return Target{
        .zone = found->zone, .servers = *std::move(primaries), .host = found->primary.to_string()};
  }
  talk_plain("could not reach any name server");
  return std::unexpected(Sending::fatal);
}

bool NsupdateSender::only_udp_is_left(const net::Endpoint& server) {
  if (options_.tcp_only || options_.tls) {
    return false;
  }
  if (std::ranges::find(without_tcp_, server) != without_tcp_.end()) {
    return true;
  }
  const bool connects = wait_for<bool>(loop_, [&](std::function<void(bool)> on_done) {
    return try_to_connect(loop_, server, source_for(server), options_.resend_every(),
                          std::move(on_done));
  });
  if (!connects) {
    without_tcp_.push_back(server);
  }
  return !connects;
}

// UDP comes only after TCP, and only when nothing went over TCP: two copies of an update would
// leave its outcome open.
dnsupdate::Answer NsupdateSender::ask(const Target& target, const dnsupdate::Message& message) {
  using dnsupdate::Transport;
  const net::Endpoint& server = target.servers.front();
  if (std::ranges::find(without_tcp_, server) != without_tcp_.end()) {
    return ask_over(Transport::udp, target, message);
  }
  dnsupdate::Answer answer =
      ask_over(options_.tls ? Transport::tls : Transport::tcp, target, message);
  const bool no_way =
      !answer && !answer.error().sent && answer.error().kind != dnsupdate::NoReplyKind::unsendable;
  if (no_way && only_udp_is_left(server)) {
    return ask_over(Transport::udp, target, message);
  }
  return answer;
}

dnsupdate::Answer NsupdateSender::ask_over(dnsupdate::Transport transport, const Target& target,
                                           const dnsupdate::Message& message) {
  dnsupdate::ClientSettings settings{.zone = target.zone,
                                     .servers = target.servers,
                                     .key = session_.key,
                                     .transport = transport,
                                     .source = source_for(target.servers.front()),
                                     .timeout = options_.patience(),
                                     .resend_every = options_.resend_every()};
  const auto same = [&](const dnsupdate::ClientSettings& last) {
    return last.zone == settings.zone && last.servers == settings.servers &&
           last.key == settings.key && last.source == settings.source &&
           last.transport == settings.transport;
  };
  if (!exchange_ || !same(*exchange_settings_)) {
    exchange_settings_ = settings;
    if (options_.tls) {
      settings.tls = tls_settings(target.host);
    }
    exchange_ = std::make_unique<dnsupdate::Exchange>(loop_, random_, settings);
  }
  return wait_for<dnsupdate::Answer>(loop_, [&](std::function<void(dnsupdate::Answer)> on_answer) {
    return exchange_->ask(message, std::move(on_answer));
  });
}

Sending NsupdateSender::send() {
  answer_ = std::nullopt;
  const auto target = find_target();
  if (!target) {
    session_.begin_message();
    return target.error();
  }
  asked_server_ = server_text(target->servers.front());
  const dnsupdate::Message message = session_.message(target->zone);
  debug("Sending update to " + asked_server_);
  if (session_.debug > 0) {
    say("Outgoing update query:\n" + dnsupdate::message_text(message));
  }
  session_.begin_message();
  session_.forget_class();
  return judge(ask(*target, message));
}

Sending NsupdateSender::judge(const dnsupdate::Answer& answer) {
  if (answer) {
    answer_ = answer->message;
    return judge_reply(*answer);
  }
  return judge_silence(answer.error());
}

Sending NsupdateSender::judge_reply(const dnsupdate::Reply& reply) {
  const Rcode rcode = reply.message.rcode();
  std::string failure = "update failed: " + to_string(rcode);
  if (reply.tsig_error) {
    talk_plain("; TSIG error with server: tsig indicates error");
    failure += "(" + to_string(*reply.tsig_error) + ")";
  }
  if (session_.debug > 0) {
    std::string text = dnsupdate::message_text(reply.message);
    text.pop_back();  // talk_plain() ends the line
    talk_plain("\nReply from update query:\n" + text);
  }
  if (rcode == Rcode::NOERROR && !reply.tsig_error) {
    return Sending::done;
  }
  if (session_.debug == 0) {
    talk_plain(failure);
  }
  if (!is_unmet_prerequisite(rcode)) {
    talk_plain("; " + dnsupdate::diagnose_reply(exchange_->context(), rcode, reply.tsig_error,
                                                reply.skew));
  } else if (reply.resent) {
    talk_plain(
        "; the outcome is unknown: an answer was lost and the update sent once more, so its first "
        "copy may be what the prerequisite met; look at the zone");
  }
  return Sending::failed;
}

Sending NsupdateSender::judge_silence(const dnsupdate::NoReply& none) {
  using dnsupdate::NoReplyKind;
  if (none.kind == NoReplyKind::unsendable) {
    talk_plain(none.detail);
    return Sending::fatal;
  }
  if (none.kind == NoReplyKind::unauthenticated) {
    talk_plain("; TSIG error with server: " +
               std::string(none.tsig_error ? "tsig indicates error" : "no valid signature"));
    if (none.rcode && *none.rcode != Rcode::NOERROR) {
      talk_plain("update failed: " + to_string(*none.rcode) +
                 (none.tsig_error ? "(" + to_string(*none.tsig_error) + ")" : ""));
    }
    talk_plain("; " + none.detail);
  } else {
    talk_plain("; Communication with " + asked_server_ + " failed: " + none.detail);
  }
  // A key or a clock that the server refuses is refused before anything else is looked at.
  if (none.sent && none.tsig_error) {
    talk_plain("; a refusal of this kind is never signed: nothing proves it");
  } else if (none.sent) {
    talk_plain(
        "; the outcome is unknown: the update was sent and may have been or still be carried out; "
        "look at the zone before sending it again");
  }
  return Sending::failed;
}

}  // namespace ronda::agent
