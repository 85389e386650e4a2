#include <algorithm>
#include <utility>

#include "dnsupdate/io/exchange_state.hpp"
#include "dnsupdate/io/tls_failure.hpp"

namespace ronda::dnsupdate {

void Exchange::State::send_over_stream(const InquiryPtr& inquiry) {
  inquiry->over_stream = true;
  inquiry->request.set_server(context_.server);
  const net::SteadyTime now = loop_.now();
  if (channel_ &&
      (channel_->retired() || (channel_->empty() && now - last_use_ > settings_.idle_limit))) {
    channel_->retire();
    retired_.push_back(std::move(channel_));
    drop_empty_retired();
  }
  if (!channel_) {
    open_channel(inquiry);
  }
  if (channel_) {
    last_use_ = now;
    channel_->send(inquiry);
  }
}

void Exchange::State::open_channel(const InquiryPtr& inquiry) {
  auto tls = servers_.tls();
  if (!tls) {
    fail_later(inquiry, {.kind = NoReplyKind::unreachable,
                         .detail = "no TLS connection to " + context_.server +
                                   " is possible: " + tls.error()});
    return;
  }
  auto end = std::make_shared<StreamChannel*>(nullptr);
  const std::size_t server = servers_.index();
  auto connected = StreamChannel::connect(
      loop_, random_, servers_.current(), settings_.source, *std::move(tls),
      {.on_reply =
           [this](const InquiryPtr& answered, Reply reply) {
             const auto keep = shared_from_this();
             deliver(answered, std::move(reply));
           },
       .on_end =
           [this, end, server](const StreamEnd& why, std::vector<InquiryPtr> left) {
             on_stream_end(*end, server, why, std::move(left));
           }});
  if (connected) {
    channel_ = *std::move(connected);
    *end = channel_.get();
    return;
  }
  const NoReply none{.kind = NoReplyKind::unreachable,
                     .detail = diagnose_fault(context_, connected.error())};
  later(inquiry, [this, server, none](const InquiryPtr& failed) {
    give_up_server(server);
    try_next_server(failed, none);
  });
}

void Exchange::State::on_stream_end(StreamChannel* channel, std::size_t server,
                                    const StreamEnd& why, std::vector<InquiryPtr> inquiries) {
  const auto keep = shared_from_this();
  std::unique_ptr<StreamChannel> ended;
  if (channel_.get() == channel) {
    ended = std::move(channel_);
  }
  std::erase_if(retired_, [&](const auto& one) { return one.get() == channel; });
  ended.reset();
  if (!why.was_connected) {
    give_up_server(server);
  }
  for (const InquiryPtr& inquiry : inquiries) {
    if (!inquiry->finished) {
      settle_ended(why, inquiry);
    }
  }
}

void Exchange::State::give_up_server(std::size_t server) {
  if (servers_.move_on_from(server)) {
    context_.server = servers_.current().to_string();
    if (channel_) {
      channel_->retire();
      retired_.push_back(std::move(channel_));
      drop_empty_retired();
    }
  }
}

// What waited for a connection that did not come about was never sent, and goes to the next server
// once for each there is.
void Exchange::State::try_next_server(const InquiryPtr& inquiry, NoReply none) {
  if (inquiry->finished) {
    return;
  }
  ++inquiry->servers_tried;
  inquiry->complaints += (inquiry->complaints.empty() ? "" : "; ") + none.detail;
  if (closed_ || inquiry->servers_tried >= servers_.count()) {
    none.detail = inquiry->complaints;
    deliver(inquiry, std::unexpected(std::move(none)));
    return;
  }
  take_back(inquiry);
  inquiry->sent = false;
  inquiry->hint.reset();
  waiting_.push_front(inquiry);
  later(inquiry, [this](const InquiryPtr&) { pump(); });
}

// The connection takes as long as an answer may: everything that waits for it tries elsewhere.
void Exchange::State::give_up_connecting() {
  const std::size_t server = servers_.index();
  const std::unique_ptr<StreamChannel> dropped = std::move(channel_);
  const NoReply none{.kind = NoReplyKind::timeout,
                     .detail = diagnose_timeout(context_, settings_.timeout)};
  std::vector<InquiryPtr> stranded;
  for (const InquiryPtr& inquiry : in_flight_) {
    if (inquiry->over_stream && dropped->holds(inquiry)) {
      stranded.push_back(inquiry);
    }
  }
  give_up_server(server);
  for (const InquiryPtr& inquiry : stranded) {
    try_next_server(inquiry, none);
  }
}

void Exchange::State::settle_ended(const StreamEnd& why, const InquiryPtr& inquiry) {
  if (!why.was_connected && !why.distrust) {
    try_next_server(inquiry, no_reply(why, *inquiry));
    return;
  }
  const bool never_sent = why.was_connected && !inquiry->sent;
  const bool may_repeat = why.was_connected && !why.distrust && !inquiry->retried &&
                          (never_sent || !inquiry->request.is_update());
  if (may_repeat && !closed_) {
    inquiry->retried = true;
    inquiry->sent = false;
    send_over_stream(inquiry);
    return;
  }
  deliver(inquiry, std::unexpected(no_reply(why, *inquiry)));
}

NoReply Exchange::State::no_reply(const StreamEnd& why, const Inquiry& inquiry) const {
  const DiagnosisContext& context = inquiry.request.context();
  if (why.distrust) {
    NoReply none = *why.distrust;
    if (none.detail.empty()) {
      none.detail = diagnose_unauthenticated(context, std::nullopt, std::nullopt,
                                             "it answers an inquiry we did not ask");
    }
    none.sent = inquiry.sent;
    return none;
  }
  if (!why.fault) {
    return {.kind = NoReplyKind::closed, .sent = inquiry.sent, .detail = diagnose_close(context)};
  }
  if (why.fault->phase == net::Phase::tls_handshake) {
    return {.kind = NoReplyKind::unreachable,
            .detail = diagnose_tls(context.server, servers_.name_of(context.server), *why.fault)};
  }
  return {.kind = why.was_connected ? NoReplyKind::closed : NoReplyKind::unreachable,
          .sent = inquiry.sent,
          .detail = diagnose_fault(context, *why.fault)};
}

}  // namespace ronda::dnsupdate
