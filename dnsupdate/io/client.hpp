// One primary and one key: signed reads and updates of a zone over one persistent connection. This
// is the library's face; everything it decides is decided by pure machines in update/.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "dnsupdate/wire/tsig.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"

namespace ronda::dnsupdate {

enum class Transport : std::uint8_t { automatic, udp, tcp };

struct ClientSettings {
  Name zone{};
  net::Endpoint server{};
  TsigKeyPtr key{};
  Transport transport = Transport::automatic;  // automatic: TCP
  std::optional<net::IpAddress> source{};
  net::Duration timeout = std::chrono::seconds(2);  // of one question and its answer
  std::size_t in_flight_limit = 32;
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
