#include "dnsupdate/io/exchange.hpp"

#include <algorithm>
#include <utility>

#include "dnsupdate/io/exchange_state.hpp"

namespace ronda::dnsupdate {
namespace {

// Octets asked and not yet answered: whole messages of 64 KiB must never fill the stream's buffer.
constexpr std::size_t kOctetLimit = std::size_t{512} * 1024;

}  // namespace

Exchange::State::State(net::Loop& loop, net::Random& random, ClientSettings settings)
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
    context_.algorithm = algorithm_name(settings_.key->algorithm).to_string();
  }
}

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
