// One inquiry: a question in flight and who waits for its answer. Shared by the exchange, the
// channel that carries it and the asker's handle; delivered or cancelled exactly once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "dnsupdate/io/server_quota.hpp"
#include "dnsupdate/update/signed_request.hpp"
#include "net/loop.hpp"

namespace ronda::dnsupdate {

struct Inquiry {
  SignedRequest request;
  std::function<void(Answer)> on_answer{};
  net::Handle timer{};
  bool sent = false;     // octets were handed to the kernel
  bool retried = false;  // a query asked again after its connection broke
  bool over_stream = true;
  std::size_t servers_tried = 0;  // to which no connection came about
  std::string complaints{};       // of those
  ServerQuota::Place place{};     // while it is in flight
  bool finished = false;          // answered or cancelled
  std::optional<NoReply> hint{};  // what the last bad datagram claimed
};
using InquiryPtr = std::shared_ptr<Inquiry>;

}  // namespace ronda::dnsupdate
