#include "net/resolver.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <ares.h>
#include <sys/time.h>

namespace ronda::net {

namespace {

constexpr int kTryMilliseconds = 1500;
constexpr int kTries = 2;
// Tries double and multiply with servers and search domains: this is the end of it.
constexpr Duration kDeadline = std::chrono::seconds(10);
// c-ares looks for timeouts by the second; asking more often than this is a busy loop.
constexpr Duration kShortestWait = std::chrono::milliseconds(20);
constexpr std::size_t kMostAddresses = 32;

// RFC 6761 section 6.3: always the loopback, never asked of a server; a bare system has no hosts
// file that would say so.
bool is_localhost(std::string_view host) {
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower == "localhost" || lower.ends_with(".localhost");
}

// v4 first, otherwise in the order of the answer, each once.
Resolver::Answer sorted(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> result;
  for (const Family family : {Family::v4, Family::v6}) {
    for (const IpAddress& address : addresses) {
      if (address.family() == family && result.size() < kMostAddresses &&
          std::ranges::find(result, address) == result.end()) {
        result.push_back(address);
      }
    }
  }
  return result;
}

// One lookup on a channel of its own: resolv.conf is read afresh each time, and dropping one lookup
// does not disturb another.
class Lookup final : public Cancellable {
 public:
  Lookup(Loop& loop, const std::string& host, std::function<void(Resolver::Answer)> on_answer)
      : loop_(loop), host_(host), on_answer_(std::move(on_answer)) {
    if (const auto literal = IpAddress::parse(host)) {
      answer(std::vector{*literal});
    } else if (is_localhost(host)) {
      answer(std::vector{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")});
    } else {
      begin();
    }
  }
  ~Lookup() override {
    if (channel_ != nullptr) {
      answered_ = true;
      ares_destroy(channel_);
    }
  }

 private:
  void begin() {
    ares_options options{};
    options.timeout = kTryMilliseconds;
    options.tries = kTries;
    options.sock_state_cb = on_socket;
    options.sock_state_cb_data = this;
    const int status = ares_init_options(
        &channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) {
      channel_ = nullptr;
      answer(failure(status));
      return;
    }
    deadline_ = loop_.at(loop_.now() + kDeadline, [this] {
      answer(std::unexpected(host_ + " cannot be resolved: no answer within 10 seconds"));
    });
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_flags = ARES_AI_NOSORT;  // sorting would open sockets of its own
    ares_getaddrinfo(channel_, host_.c_str(), nullptr, &hints, on_result, this);
    wait();
  }

  static void on_socket(void* user, ares_socket_t descriptor, int readable, int writable) {
    Lookup& lookup = *static_cast<Lookup*>(user);
    if (readable == 0 && writable == 0) {
      const auto node = lookup.watches_.extract(descriptor);
      return;
    }
    auto& watch = lookup.watches_[descriptor];
    if (!watch) {
      watch = lookup.loop_.watch(descriptor, [&lookup, descriptor](Interest ready) {
        lookup.process(has(ready, Interest::read) ? descriptor : ARES_SOCKET_BAD,
                       has(ready, Interest::write) ? descriptor : ARES_SOCKET_BAD);
      });
    }
    watch->want((readable != 0 ? Interest::read : Interest::none) |
                (writable != 0 ? Interest::write : Interest::none));
  }

  // May run inside ares_getaddrinfo() and ares_destroy().
  static void on_result(void* user, int status, int, ares_addrinfo* found) {
    Lookup& lookup = *static_cast<Lookup*>(user);
    std::vector<IpAddress> addresses;
    for (const ares_addrinfo_node* node = found == nullptr ? nullptr : found->nodes;
         node != nullptr; node = node->ai_next) {
      if (const auto endpoint =
              from_socket_address(node->ai_addr, static_cast<unsigned>(node->ai_addrlen))) {
        addresses.push_back(endpoint->ip);
      }
    }
    ares_freeaddrinfo(found);
    if (status == ARES_SUCCESS && addresses.empty()) {
      status = ARES_ENODATA;
    }
    if (status == ARES_SUCCESS) {
      lookup.answer(sorted(addresses));
    } else {
      lookup.answer(lookup.failure(status));
    }
  }

  void process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    wait();
  }

  void wait() {
    timer_.reset();
    timeval left{};
    if (answered_ || ares_timeout(channel_, nullptr, &left) == nullptr) {
      return;
    }
    const Duration wait =
        std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
    timer_ = loop_.at(loop_.now() + std::max(wait, kShortestWait),
                      [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
  }

  Resolver::Answer failure(int status) const {
    return std::unexpected(host_ + " cannot be resolved: " + ares_strerror(status));
  }

  void answer(Resolver::Answer result) {
    if (answered_) {
      return;
    }
    answered_ = true;
    delivery_ = loop_.at(loop_.now(), [this, result = std::move(result)] {
      timer_.reset();
      deadline_.reset();
      // The callback may drop this object, and with it the channel.
      const std::function<void(Resolver::Answer)> on_answer = std::move(on_answer_);
      const Resolver::Answer copy = result;
      on_answer(copy);
    });
  }

  Loop& loop_;
  std::string host_;
  std::function<void(Resolver::Answer)> on_answer_;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, std::unique_ptr<Watch>> watches_{};
  Handle timer_{};
  Handle deadline_{};
  Handle delivery_{};
  bool answered_ = false;
};

}  // namespace

struct Resolver::State {
  Loop& loop;
};

Resolver::Resolver(Loop& loop) : state_(std::make_shared<State>(State{loop})) {
  static const int initialised = ares_library_init(ARES_LIB_INIT_ALL);
  static_cast<void>(initialised);
}

Resolver::~Resolver() = default;

Handle Resolver::resolve(const std::string& host, std::function<void(Answer)> on_answer) {
  return std::make_unique<Lookup>(state_->loop, host, std::move(on_answer));
}

}  // namespace ronda::net
