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
#include "dnsupdate/io/server_list.hpp"
#include "dnsupdate/io/server_quota.hpp"
#include "dnsupdate/io/stream_channel.hpp"
#include "dnsupdate/io/tls_failure.hpp"
#include "net/datagram.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kDatagramLimit = 512;  // signed: real paths drop or fragment larger UPDATEs
constexpr int kBadDatagramLimit = 32;
// Octets asked and not yet answered: whole messages of 64 KiB must never fill the stream's buffer.
constexpr std::size_t kOctetLimit = std::size_t{512} * 1024;

std::string algorithm_text(TsigAlgorithm algorithm) {
  return algorithm_name(algorithm).to_string();
}

}  // namespace

class Exchange::State : public std::enable_shared_from_this<State> {
 public:
  State(net::Loop& loop, net::Random& random, ClientSettings settings)
      : loop_(loop),
        random_(random),
        settings_(std::move(settings)),
        servers_(settings_.servers, settings_.transport, settings_.tls),
        quota_(settings_.quota ? settings_.quota
                               : std::make_shared<ServerQuota>(settings_.in_flight_limit)) {
    context_.server = servers_.current().to_string();
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
    Bytes octets{};
    net::Handle resend{};  // fires when it is time for one more copy
    bool resent = false;
    int bad = 0;
  };

  void pump();
  bool has_room_for(const Inquiry& inquiry) const;
  void dispatch(const InquiryPtr& inquiry);
  void send_over_stream(const InquiryPtr& inquiry);
  bool send_over_datagram(const InquiryPtr& inquiry);
  void resend_later(const InquiryPtr& inquiry);
  void on_datagram(const InquiryPtr& inquiry, const net::Datagram::Event& event);
  void open_channel(const InquiryPtr& inquiry);
  void on_stream_end(StreamChannel* channel, std::size_t server, const StreamEnd& why,
                     std::vector<InquiryPtr> inquiries);
  void give_up_connecting();
  void give_up_server(std::size_t server);
  void try_next_server(const InquiryPtr& inquiry, NoReply none);
  void settle_ended(const StreamEnd& why, const InquiryPtr& inquiry);
  NoReply no_reply(const StreamEnd& why, const Inquiry& inquiry) const;
  void no_datagram(const InquiryPtr& inquiry, NoReply none);
  void on_timeout(const InquiryPtr& inquiry);
  void fail_later(const InquiryPtr& inquiry, NoReply none);
  void later(const InquiryPtr& inquiry, std::function<void(const InquiryPtr&)> what);
  void deliver(const InquiryPtr& inquiry, Answer answer);
  void release(const InquiryPtr& inquiry);
  void take_back(const InquiryPtr& inquiry);
  void drop_empty_retired();

  net::Loop& loop_;
  net::Random& random_;
  ClientSettings settings_;
  ServerList servers_;
  std::shared_ptr<ServerQuota> quota_;
  net::Handle awaited_place_{};
  std::size_t octets_in_flight_ = 0;
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
  while (!closed_ && !waiting_.empty() && has_room_for(*waiting_.front())) {
    ServerQuota::Place place = quota_->take(servers_.current());
    if (!place) {
      awaited_place_ = quota_->wait(servers_.current(), [weak = weak_from_this()] {
        if (const auto strong = weak.lock()) {
          strong->pump();
        }
      });
      return;
    }
    const InquiryPtr inquiry = waiting_.front();
    waiting_.pop_front();
    inquiry->place = std::move(place);
    octets_in_flight_ += inquiry->request.size();
    in_flight_.push_back(inquiry);
    dispatch(inquiry);
  }
}

bool Exchange::State::has_room_for(const Inquiry& inquiry) const {
  return in_flight_.size() < settings_.in_flight_limit &&
         (octets_in_flight_ == 0 || octets_in_flight_ + inquiry.request.size() <= kOctetLimit);
}

void Exchange::State::dispatch(const InquiryPtr& inquiry) {
  inquiry->request.set_server(context_.server);
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

void Exchange::State::on_timeout(const InquiryPtr& inquiry) {
  const auto keep = shared_from_this();
  if (inquiry->finished) {
    return;
  }
  if (inquiry->over_stream && channel_ && !channel_->connected() && channel_->holds(inquiry)) {
    give_up_connecting();
    return;
  }
  NoReply none{.kind = NoReplyKind::timeout,
               .sent = inquiry->sent,
               .detail = diagnose_timeout(inquiry->request.context(), settings_.timeout)};
  if (inquiry->hint) {
    none = *inquiry->hint;
  }
  if (!inquiry->over_stream && !inquiry->hint) {
    no_datagram(inquiry, std::move(none));
    return;
  }
  if (inquiry->over_stream && channel_) {
    channel_->retire();
  }
  deliver(inquiry, std::unexpected(std::move(none)));
}

void Exchange::State::fail_later(const InquiryPtr& inquiry, NoReply none) {
  later(inquiry, [this, reason = std::move(none)](const InquiryPtr& failed) {
    deliver(failed, std::unexpected(reason));
  });
}

// In a turn of its own, in place of the deadline; not at all when it is cancelled before.
void Exchange::State::later(const InquiryPtr& inquiry,
                            std::function<void(const InquiryPtr&)> what) {
  inquiry->timer =
      loop_.at(loop_.now(), [this, weak = std::weak_ptr(inquiry), act = std::move(what)] {
        if (const InquiryPtr strong = weak.lock()) {
          const auto keep = shared_from_this();
          const auto once = act;
          once(strong);
        }
      });
}

void Exchange::State::deliver(const InquiryPtr& inquiry, Answer answer) {
  if (inquiry->finished) {
    return;
  }
  const InquiryPtr kept = inquiry;
  (answer ? answer->server : answer.error().server) = kept->request.context().server;
  release(kept);
  const auto on_answer = std::exchange(kept->on_answer, {});
  if (!closed_ && on_answer) {
    on_answer(std::move(answer));
  }
  pump();
}

void Exchange::State::release(const InquiryPtr& inquiry) {
  inquiry->finished = true;
  std::erase(waiting_, inquiry);
  take_back(inquiry);
}

// Out of flight, and nobody is listened to for it any more.
void Exchange::State::take_back(const InquiryPtr& inquiry) {
  inquiry->timer.reset();
  datagrams_.erase(inquiry.get());
  if (channel_) {
    channel_->forget(inquiry);
  }
  for (const auto& channel : retired_) {
    channel->forget(inquiry);
  }
  drop_empty_retired();
  if (std::erase(in_flight_, inquiry) != 0 && inquiry->place) {
    octets_in_flight_ -= inquiry->request.size();
    // Others may be woken by this: last.
    const ServerQuota::Place given_back = std::exchange(inquiry->place, {});
  }
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
    inquiry->place.reset();
  }
  awaited_place_.reset();
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
