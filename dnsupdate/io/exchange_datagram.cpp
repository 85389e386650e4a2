#include <utility>
#include <variant>

#include "dnsupdate/io/exchange_state.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kDatagramLimit = 512;  // signed: real paths drop or fragment larger UPDATEs
constexpr int kBadDatagramLimit = 32;

}  // namespace

bool Exchange::State::send_over_datagram(const InquiryPtr& inquiry) {
  const Bytes octets = inquiry->request.sign(random_.u16(), loop_.wall_now());
  if (octets.size() > kDatagramLimit) {
    return false;
  }
  inquiry->over_stream = false;
  auto socket = net::Datagram::connect(loop_, servers_.current(), settings_.source,
                                       [this, weak = std::weak_ptr(inquiry)](const auto& event) {
                                         if (const InquiryPtr strong = weak.lock()) {
                                           on_datagram(strong, event);
                                         }
                                       });
  if (!socket) {
    const NoReply none{.kind = NoReplyKind::unreachable,
                       .detail = diagnose_fault(context_, socket.error())};
    later(inquiry, [this, server = servers_.index(), none](const InquiryPtr& failed) {
      give_up_server(server);
      try_next_server(failed, none);
    });
    return true;
  }
  inquiry->sent = true;
  if (const auto fault = (*socket)->send(octets)) {
    fail_later(inquiry, {.kind = NoReplyKind::unreachable,
                         .sent = true,
                         .detail = diagnose_fault(context_, *fault)});
    return true;
  }
  Datagrams& sent = datagrams_[inquiry.get()];
  sent.socket = *std::move(socket);
  sent.octets = octets;
  resend_later(inquiry);
  return true;
}

// A copy that cannot be sent is one that got lost: the deadline stays.
void Exchange::State::resend_later(const InquiryPtr& inquiry) {
  if (settings_.resend_every <= net::Duration::zero()) {
    return;
  }
  datagrams_[inquiry.get()].resend =
      loop_.at(loop_.now() + settings_.resend_every, [this, weak = std::weak_ptr(inquiry)] {
        const InquiryPtr strong = weak.lock();
        const auto entry = strong ? datagrams_.find(strong.get()) : datagrams_.end();
        if (entry != datagrams_.end()) {
          entry->second.resent = true;
          entry->second.socket->send(entry->second.octets);
          resend_later(strong);
        }
      });
}

void Exchange::State::on_datagram(const InquiryPtr& inquiry, const net::Datagram::Event& event) {
  const auto keep = shared_from_this();
  const auto entry = datagrams_.find(inquiry.get());
  if (inquiry->finished || entry == datagrams_.end()) {
    return;
  }
  if (const auto* fault = std::get_if<net::Fault>(&event)) {
    NoReply none{.kind = NoReplyKind::unreachable,
                 .sent = true,
                 .detail = diagnose_fault(inquiry->request.context(), *fault)};
    no_datagram(inquiry, std::move(none));
    return;
  }
  const auto octets = std::get<std::span<const std::byte>>(event);
  Judgement judgement = inquiry->request.judge(octets, Carrier::datagram, loop_.wall_now());
  if (auto* accepted = std::get_if<Accept>(&judgement)) {
    if (accepted->reply.message.header.tc && !inquiry->request.is_update()) {
      datagrams_.erase(entry);
      send_over_stream(inquiry);
    } else {
      accepted->reply.resent = entry->second.resent;
      deliver(inquiry, std::move(accepted->reply));
    }
    return;
  }
  if (auto* ignored = std::get_if<Ignore>(&judgement)) {
    inquiry->hint = std::move(ignored->hint);
    if (++entry->second.bad >= kBadDatagramLimit) {
      deliver(inquiry, std::unexpected(*inquiry->hint));
    }
  }
}

// UDP has no connection that could fail: a query without an answer is the nearest to it. An UPDATE
// may have arrived all the same.
void Exchange::State::no_datagram(const InquiryPtr& inquiry, NoReply none) {
  if (inquiry->request.is_update()) {
    deliver(inquiry, std::unexpected(std::move(none)));
    return;
  }
  give_up_server(servers_.index_of(inquiry->request.context().server));
  try_next_server(inquiry, std::move(none));
}

}  // namespace ronda::dnsupdate
