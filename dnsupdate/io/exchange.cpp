#include "dnsupdate/io/exchange.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "dnsupdate/io/inquiry.hpp"
#include "dnsupdate/io/stream_channel.hpp"
#include "net/datagram.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kDatagramLimit = 512;  // signed: real paths drop or fragment larger UPDATEs
constexpr int kBadDatagramLimit = 32;
// BIND closes an idle connection after 30 s; an UPDATE written into that close would be Unknown.
constexpr net::Duration kIdleLimit = std::chrono::seconds(20);

std::string algorithm_text(TsigAlgorithm algorithm) {
  return algorithm_name(algorithm).to_string();
}

}  // namespace

class Exchange::State : public std::enable_shared_from_this<State> {
 public:
  State(net::Loop& loop, net::Random& random, ClientSettings settings)
      : loop_(loop), random_(random), settings_(std::move(settings)) {
    context_.server = settings_.servers.front().to_string();
    context_.zone = settings_.zone.to_string();
    if (settings_.key) {
      context_.key_name = settings_.key->name.to_string();
      context_.algorithm = algorithm_text(settings_.key->algorithm);
    }
  }

  const DiagnosisContext& context() const { return context_; }
  InquiryPtr enqueue(const Message& message, std::function<void(Answer)> on_answer);
  void cancel(const InquiryPtr& inquiry);
  void close();

 private:
  struct Datagrams {
    std::unique_ptr<net::Datagram> socket{};
    int bad = 0;
  };

  void pump();
  void dispatch(const InquiryPtr& inquiry);
  void send_over_stream(const InquiryPtr& inquiry);
  bool send_over_datagram(const InquiryPtr& inquiry);
  void on_datagram(const InquiryPtr& inquiry, const net::Datagram::Event& event);
  void on_stream_end(StreamChannel* channel, const StreamEnd& why,
                     std::vector<InquiryPtr> inquiries);
  void settle_ended(const StreamEnd& why, const InquiryPtr& inquiry);
  NoReply no_reply(const StreamEnd& why, const Inquiry& inquiry) const;
  void on_timeout(const InquiryPtr& inquiry);
  void fail_later(const InquiryPtr& inquiry, NoReply none);
  void deliver(const InquiryPtr& inquiry, Answer answer);
  void release(const InquiryPtr& inquiry);
  void drop_empty_retired();

  net::Loop& loop_;
  net::Random& random_;
  ClientSettings settings_;
  DiagnosisContext context_{};
  std::deque<InquiryPtr> waiting_{};
  std::vector<InquiryPtr> in_flight_{};
  std::unique_ptr<StreamChannel> channel_{};
  net::SteadyTime last_use_{};
  std::list<std::unique_ptr<StreamChannel>> retired_{};
  std::map<Inquiry*, Datagrams> datagrams_{};
  bool closed_ = false;
};

InquiryPtr Exchange::State::enqueue(const Message& message, std::function<void(Answer)> on_answer) {
  DiagnosisContext context = context_;
  auto request = SignedRequest::make(message, settings_.key, std::move(context));
  if (!request) {
    // An empty message always fits; it only carries the failure.
    auto stand_in = SignedRequest::make(Message{}, settings_.key, context_);
    auto inquiry = std::make_shared<Inquiry>(
        Inquiry{.request = *std::move(stand_in), .on_answer = std::move(on_answer)});
    in_flight_.push_back(inquiry);
    fail_later(inquiry, {.kind = NoReplyKind::unsendable, .detail = request.error()});
    return inquiry;
  }
  auto inquiry = std::make_shared<Inquiry>(
      Inquiry{.request = *std::move(request), .on_answer = std::move(on_answer)});
  waiting_.push_back(inquiry);
  pump();
  return inquiry;
}

void Exchange::State::pump() {
  while (!closed_ && !waiting_.empty() && in_flight_.size() < settings_.in_flight_limit) {
    const InquiryPtr inquiry = waiting_.front();
    waiting_.pop_front();
    in_flight_.push_back(inquiry);
    dispatch(inquiry);
  }
}

void Exchange::State::dispatch(const InquiryPtr& inquiry) {
  inquiry->timer = loop_.at(loop_.now() + settings_.timeout, [this, weak = std::weak_ptr(inquiry)] {
    if (const InquiryPtr strong = weak.lock()) {
      on_timeout(strong);
    }
  });
  if (settings_.transport != Transport::udp || !send_over_datagram(inquiry)) {
    send_over_stream(inquiry);
  }
}

void Exchange::State::send_over_stream(const InquiryPtr& inquiry) {
  inquiry->over_stream = true;
  const net::SteadyTime now = loop_.now();
  if (channel_ && (channel_->retired() || (channel_->empty() && now - last_use_ > kIdleLimit))) {
    channel_->retire();
    retired_.push_back(std::move(channel_));
    drop_empty_retired();
  }
  if (!channel_) {
    auto end = std::make_shared<StreamChannel*>(nullptr);
    auto connected = StreamChannel::connect(
        loop_, random_, settings_.servers.front(), settings_.source,
        {.on_reply =
             [this](const InquiryPtr& answered, Reply reply) {
               const auto keep = shared_from_this();
               deliver(answered, std::move(reply));
             },
         .on_end =
             [this, end](const StreamEnd& why, std::vector<InquiryPtr> left) {
               on_stream_end(*end, why, std::move(left));
             }});
    if (!connected) {
      fail_later(inquiry, {.kind = NoReplyKind::unreachable,
                           .detail = diagnose_fault(context_, connected.error())});
      return;
    }
    channel_ = *std::move(connected);
    *end = channel_.get();
  }
  last_use_ = now;
  channel_->send(inquiry);
}

bool Exchange::State::send_over_datagram(const InquiryPtr& inquiry) {
  const Bytes octets = inquiry->request.sign(random_.u16(), loop_.wall_now());
  if (octets.size() > kDatagramLimit) {
    return false;
  }
  inquiry->over_stream = false;
  auto socket = net::Datagram::connect(loop_, settings_.servers.front(), settings_.source,
                                       [this, weak = std::weak_ptr(inquiry)](const auto& event) {
                                         if (const InquiryPtr strong = weak.lock()) {
                                           on_datagram(strong, event);
                                         }
                                       });
  if (!socket) {
    fail_later(inquiry, {.kind = NoReplyKind::unreachable,
                         .detail = diagnose_fault(context_, socket.error())});
    return true;
  }
  inquiry->sent = true;
  if (const auto fault = (*socket)->send(octets)) {
    fail_later(inquiry, {.kind = NoReplyKind::unreachable,
                         .sent = true,
                         .detail = diagnose_fault(context_, *fault)});
    return true;
  }
  datagrams_[inquiry.get()].socket = *std::move(socket);
  return true;
}

void Exchange::State::on_datagram(const InquiryPtr& inquiry, const net::Datagram::Event& event) {
  const auto keep = shared_from_this();
  const auto entry = datagrams_.find(inquiry.get());
  if (inquiry->finished || entry == datagrams_.end()) {
    return;
  }
  if (const auto* fault = std::get_if<net::Fault>(&event)) {
    deliver(inquiry, std::unexpected(NoReply{.kind = NoReplyKind::unreachable,
                                             .sent = true,
                                             .detail = diagnose_fault(context_, *fault)}));
    return;
  }
  const auto octets = std::get<std::span<const std::byte>>(event);
  Judgement judgement = inquiry->request.judge(octets, Carrier::datagram, loop_.wall_now());
  if (auto* accepted = std::get_if<Accept>(&judgement)) {
    if (accepted->reply.message.header.tc && !inquiry->request.is_update()) {
      datagrams_.erase(entry);
      send_over_stream(inquiry);
    } else {
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

void Exchange::State::on_stream_end(StreamChannel* channel, const StreamEnd& why,
                                    std::vector<InquiryPtr> inquiries) {
  const auto keep = shared_from_this();
  std::unique_ptr<StreamChannel> ended;
  if (channel_.get() == channel) {
    ended = std::move(channel_);
  }
  std::erase_if(retired_, [&](const auto& one) { return one.get() == channel; });
  ended.reset();
  for (const InquiryPtr& inquiry : inquiries) {
    if (!inquiry->finished) {
      settle_ended(why, inquiry);
    }
  }
}

void Exchange::State::settle_ended(const StreamEnd& why, const InquiryPtr& inquiry) {
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
  if (why.distrust) {
    NoReply none = *why.distrust;
    if (none.detail.empty()) {
      none.detail = diagnose_unauthenticated(context_, std::nullopt, std::nullopt,
                                             "it answers an inquiry we did not ask");
    }
    none.sent = inquiry.sent;
    return none;
  }
  if (!why.fault) {
    return {.kind = NoReplyKind::closed, .sent = inquiry.sent, .detail = diagnose_close(context_)};
  }
  return {.kind = why.was_connected ? NoReplyKind::closed : NoReplyKind::unreachable,
          .sent = inquiry.sent,
          .detail = diagnose_fault(context_, *why.fault)};
}

void Exchange::State::on_timeout(const InquiryPtr& inquiry) {
  const auto keep = shared_from_this();
  if (inquiry->finished) {
    return;
  }
  NoReply none{.kind = NoReplyKind::timeout,
               .sent = inquiry->sent,
               .detail = diagnose_timeout(context_, settings_.timeout)};
  if (inquiry->hint) {
    none = *inquiry->hint;
  }
  if (inquiry->over_stream && channel_) {
    channel_->retire();
  }
  deliver(inquiry, std::unexpected(std::move(none)));
}

void Exchange::State::fail_later(const InquiryPtr& inquiry, NoReply none) {
  inquiry->timer =
      loop_.at(loop_.now(), [this, weak = std::weak_ptr(inquiry), reason = std::move(none)] {
        if (const InquiryPtr strong = weak.lock()) {
          const auto keep = shared_from_this();
          deliver(strong, std::unexpected(reason));
        }
      });
}

void Exchange::State::deliver(const InquiryPtr& inquiry, Answer answer) {
  if (inquiry->finished) {
    return;
  }
  const InquiryPtr kept = inquiry;
  release(kept);
  const auto on_answer = std::exchange(kept->on_answer, {});
  if (!closed_ && on_answer) {
    on_answer(std::move(answer));
  }
  pump();
}

void Exchange::State::release(const InquiryPtr& inquiry) {
  inquiry->finished = true;
  inquiry->timer.reset();
  datagrams_.erase(inquiry.get());
  if (channel_) {
    channel_->forget(inquiry);
  }
  for (const auto& channel : retired_) {
    channel->forget(inquiry);
  }
  drop_empty_retired();
  std::erase(in_flight_, inquiry);
  std::erase(waiting_, inquiry);
}

void Exchange::State::drop_empty_retired() {
  std::erase_if(retired_, [](const auto& channel) { return channel->empty(); });
}

void Exchange::State::cancel(const InquiryPtr& inquiry) {
  if (inquiry->finished) {
    return;
  }
  // Its reply will come and must not look like a stranger's.
  if (inquiry->sent && inquiry->over_stream && channel_) {
    channel_->retire();
  }
  const auto unused = std::exchange(inquiry->on_answer, {});
  release(inquiry);
  pump();
}

void Exchange::State::close() {
  closed_ = true;
  for (const InquiryPtr& inquiry : in_flight_) {
    inquiry->finished = true;
    inquiry->timer.reset();
  }
  in_flight_.clear();
  waiting_.clear();
  datagrams_.clear();
  retired_.clear();
  channel_.reset();
}

namespace {

class AskHandle final : public net::Cancellable {
 public:
  AskHandle(std::weak_ptr<Exchange::State> state, InquiryPtr inquiry)
      : state_(std::move(state)), inquiry_(std::move(inquiry)) {}
  ~AskHandle() override {
    if (const auto state = state_.lock()) {
      state->cancel(inquiry_);
    }
  }

 private:
  std::weak_ptr<Exchange::State> state_;
  InquiryPtr inquiry_;
};

}  // namespace

Exchange::Exchange(net::Loop& loop, net::Random& random, const ClientSettings& settings)
    : state_(std::make_shared<State>(loop, random, settings)) {}

Exchange::~Exchange() {
  state_->close();
}

net::Handle Exchange::ask(const Message& message, std::function<void(Answer)> on_answer) {
  return std::make_unique<AskHandle>(state_, state_->enqueue(message, std::move(on_answer)));
}

const DiagnosisContext& Exchange::context() const {
  return state_->context();
}

}  // namespace ronda::dnsupdate
