// One zone at its primary: signed reads and updates over one persistent connection. This
// is the library's face; everything it decides is decided by pure machines in update/.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/io/server_quota.hpp"
#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "dnsupdate/wire/tsig.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"
#include "net/tls_contexts.hpp"

namespace ronda::dnsupdate {

enum class Transport : std::uint8_t { automatic, udp, tcp, tls };

// How a primary proves over TLS who it is. Nothing in here ever leads to clear text.
struct PrimaryTls {
  net::TlsSettings settings{};  // CA file or pin
  // What the certificate must name: one for each server, or one for all; none: its address.
  std::vector<std::string> names{};
  // Borrowed, where `settings` were loaded before; null: the client loads them in its constructor,
  // which blocks.
  net::TlsContexts* contexts = nullptr;
};

struct ClientSettings {
  Name zone{};
  // At least one. Alternatives for one writable zone: the next one is tried only when no connection
  // to this one comes about, never when an answer is missing; the one that works is kept.
  std::vector<net::Endpoint> servers{};
  TsigKeyPtr key{};                            // null: unsigned questions, which prove nothing
  Transport transport = Transport::automatic;  // automatic: TCP
  PrimaryTls tls{};                            // with Transport::tls
  std::optional<net::IpAddress> source{};
  net::Duration timeout = std::chrono::seconds(2);  // of one question and its answer
  // UDP: the same octets once more after each of these without an answer; 0: never. Off, because a
  // prerequisite that no longer holds may then be the work of the first copy.
  net::Duration resend_every{};
  // BIND closes an idle connection after 30 s; an UPDATE written into that close would be Unknown.
  net::Duration idle_limit = std::chrono::seconds(20);
  std::size_t in_flight_limit = 32;
  std::shared_ptr<ServerQuota> quota{};  // shared by the clients of one server; null: its own
};

class Client {
 public:
  // Loop and random are borrowed and outlive the client. Connects when first used.
  Client(net::Loop& loop, net::Random& random, ClientSettings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Signed, RD=0, pipelined; results in the order of `keys`. Calls back once, never inside this
  // call. Dropping the handle cancels.
  [[nodiscard]] net::Handle read(std::vector<RrsetKey> keys,
                                 std::function<void(std::vector<ReadResult>)> on_done);
  // Sends as few UPDATEs as fit, each with the exact observed RRsets as prerequisites, splits per
  // owner on refusal or conflict, reads back. Calls back once. Dropping the handle abandons the
  // work: what is on the wire may still land.
  [[nodiscard]] net::Handle update(std::vector<RrsetChange> changes,
                                   std::function<void(UpdateReport)> on_done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ronda::dnsupdate
