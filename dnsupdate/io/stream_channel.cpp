#include "dnsupdate/io/stream_channel.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace ronda::dnsupdate {

std::expected<std::unique_ptr<StreamChannel>, net::Fault> StreamChannel::connect(
    net::Loop& loop, net::Random& random, const net::Endpoint& server,
    std::optional<net::IpAddress> source, std::optional<ChannelTls> tls, Listener listener) {
  std::unique_ptr<StreamChannel> channel(new StreamChannel(loop, random, std::move(listener)));
  channel->tls_ = std::move(tls);
  auto stream = net::TcpStream::connect(
      loop, server, source,
      [self = channel.get()](const net::StreamEvent& event) { self->on_event(event); });
  if (!stream) {
    return std::unexpected(std::move(stream).error());
  }
  channel->stream_ = *std::move(stream);
  return channel;
}

StreamChannel::StreamChannel(net::Loop& loop, net::Random& random, Listener listener)
    : loop_(loop), random_(random), listener_(std::move(listener)) {}

StreamChannel::~StreamChannel() {
  *alive_ = false;
}

void StreamChannel::send(const InquiryPtr& inquiry) {
  if (connected_) {
    write(inquiry);
  } else {
    unsent_.push_back(inquiry);
  }
}

void StreamChannel::forget(const InquiryPtr& inquiry) {
  std::erase(unsent_, inquiry);
  std::erase_if(pending_, [&](const auto& entry) { return entry.second == inquiry; });
}

bool StreamChannel::holds(const InquiryPtr& inquiry) const {
  return std::ranges::find(unsent_, inquiry) != unsent_.end();
}

void StreamChannel::write(const InquiryPtr& inquiry) {
  std::uint16_t id = random_.u16();
  while (pending_.contains(id)) {
    ++id;
  }
  pending_.emplace(id, inquiry);
  inquiry->sent = true;
  stream_->send(frame(inquiry->request.sign(id, loop_.wall_now())));
}

void StreamChannel::on_event(const net::StreamEvent& event) {
  if (std::holds_alternative<net::Connected>(event) && tls_) {
    stream_->start_tls(tls_->context, tls_->name, tls_->verify);
  } else if (std::holds_alternative<net::Connected>(event) ||
             std::holds_alternative<net::Secured>(event)) {
    connected_ = true;
    for (const InquiryPtr& inquiry : std::exchange(unsent_, {})) {
      write(inquiry);
    }
  } else if (const auto* received = std::get_if<net::Received>(&event)) {
    receive(received->bytes);
  } else if (const auto* fault = std::get_if<net::Fault>(&event)) {
    end({.was_connected = connected_, .fault = *fault});
  } else if (std::holds_alternative<net::Closed>(event)) {
    end({.was_connected = connected_});
  }
}

void StreamChannel::receive(std::span<const std::byte> octets) {
  frames_.append(octets);
  while (auto message = frames_.next()) {
    if (!take(*message)) {
      return;
    }
  }
}

bool StreamChannel::take(const Bytes& message) {
  const auto id = message.size() < 2
                      ? std::optional<std::uint16_t>()
                      : static_cast<std::uint16_t>((std::to_integer<unsigned>(message[0]) << 8U) |
                                                   std::to_integer<unsigned>(message[1]));
  const auto found = id ? pending_.find(*id) : pending_.end();
  if (found == pending_.end()) {
    if (retired_) {
      return true;
    }
    end({.was_connected = true,
         .distrust = NoReply{.kind = NoReplyKind::unauthenticated, .sent = true}});
    return false;
  }
  const InquiryPtr inquiry = found->second;
  Judgement judgement = inquiry->request.judge(message, Carrier::stream, loop_.wall_now());
  if (auto* accepted = std::get_if<Accept>(&judgement)) {
    pending_.erase(found);
    // The listener may drop this channel, and its own functions with it.
    const std::shared_ptr<bool> alive = alive_;
    const auto on_reply = listener_.on_reply;
    on_reply(inquiry, std::move(accepted->reply));
    return *alive;
  }
  if (auto* close = std::get_if<Close>(&judgement)) {
    end({.was_connected = true, .distrust = std::move(close->hint)});
    return false;
  }
  return true;
}

void StreamChannel::end(StreamEnd why) {
  std::vector<InquiryPtr> left = std::exchange(unsent_, {});
  for (auto& [id, inquiry] : std::exchange(pending_, {})) {
    left.push_back(inquiry);
  }
  // The listener's functions must outlive this object, which it may drop.
  const auto on_end = listener_.on_end;
  on_end(why, std::move(left));
}

}  // namespace ronda::dnsupdate
