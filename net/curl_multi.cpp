#include "net/curl_multi.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ronda::net {

namespace {

// Once a process. curl's TLS writes with write(2), whose SIGPIPE would end us.
void set_up_curl() {
  static const bool done = [] {
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
      throw std::runtime_error("curl_global_init failed");
    }
    struct sigaction current{};
    if (::sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) {
      ::signal(SIGPIPE, SIG_IGN);
    }
    return true;
  }();
  static_cast<void>(done);
}

struct Transfer {
  std::function<void(int)> on_done{};
  CurlMulti::Connector connector{};
  int* open_error = nullptr;
  std::optional<int> result{};
};

// curl connects to what the address says after this call.
curl_socket_t connect_instead(const Transfer& transfer, curl_sockaddr& address) {
  const auto peer = from_socket_address(&address.addr, address.addrlen);
  SocketAddress instead;
  const int descriptor = peer ? transfer.connector(*peer, instead) : -1;
  if (descriptor < 0 || instead.length > sizeof(address.addr)) {
    return CURL_SOCKET_BAD;
  }
  std::memcpy(&address.addr, instead.storage.data(), instead.length);
  address.addrlen = instead.length;
  address.family = address.addr.sa_family;
  address.protocol = 0;
  return descriptor;
}

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  const Transfer& transfer = *static_cast<Transfer*>(user);
  if (transfer.connector) {
    return connect_instead(transfer, *address);
  }
  const int descriptor = ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                                  address->protocol);
  if (descriptor < 0) {
    if (transfer.open_error != nullptr) {
      *transfer.open_error = errno;
    }
    return CURL_SOCKET_BAD;
  }
  return descriptor;
}

}  // namespace

struct CurlMulti::State {
  explicit State(Loop& l) : loop(l) {}

  Loop& loop;
  CURLM* multi = nullptr;
  std::map<int, std::unique_ptr<Watch>> watches{};
  Handle timer{};
  Handle delivery{};
  std::map<CURL*, Transfer> transfers{};
  std::deque<CURL*> finished{};
  bool* dropped = nullptr;  // set while an on_done runs

  // A descriptor number may come back for another socket: curl says REMOVE before it closes, and
  // the watch goes with it.
  static int on_socket(CURL*, curl_socket_t descriptor, int what, void* user, void* known) {
    State& state = *static_cast<State*>(user);
    if (what == CURL_POLL_REMOVE) {
      const auto node = state.watches.extract(descriptor);
      return 0;
    }
    auto& watch = state.watches[descriptor];
    if (known == nullptr) {
      // New to curl, whatever number it has: a watch left from another socket would stay silent.
      watch.reset();
      curl_multi_assign(state.multi, descriptor, user);
      watch = state.loop.watch(descriptor, [&state, descriptor](Interest ready) {
        state.act(descriptor, (has(ready, Interest::read) ? CURL_CSELECT_IN : 0) |
                                  (has(ready, Interest::write) ? CURL_CSELECT_OUT : 0));
      });
    }
    watch->want((what & CURL_POLL_IN) != 0
                    ? ((what & CURL_POLL_OUT) != 0 ? Interest::both : Interest::read)
                    : ((what & CURL_POLL_OUT) != 0 ? Interest::write : Interest::none));
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* user) {
    State& state = *static_cast<State*>(user);
    state.timer.reset();
    if (milliseconds >= 0) {
      // One more: a timer that comes early only makes curl ask again.
      const Duration wait = std::chrono::milliseconds(milliseconds == 0 ? 0 : milliseconds + 1);
      state.timer =
          state.loop.at(state.loop.now() + wait, [&state] { state.act(CURL_SOCKET_TIMEOUT, 0); });
    }
    return 0;
  }

  void act(curl_socket_t descriptor, int events) {
    int running = 0;
    curl_multi_socket_action(multi, descriptor, events, &running);
    collect();
  }

  // curl's own list of results must be emptied before anybody removes a handle.
  void collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) {
        continue;
      }
      const auto transfer = transfers.find(message->easy_handle);
      if (transfer != transfers.end()) {
        transfer->second.result = message->data.result;
        finished.push_back(message->easy_handle);
      }
    }
    if (!finished.empty() && !delivery) {
      delivery = loop.at(loop.now(), [this] { deliver(); });
    }
  }

  void deliver() {
    bool gone = false;
    dropped = &gone;
    while (!finished.empty()) {
      CURL* easy = finished.front();
      finished.pop_front();
      auto node = transfers.extract(easy);
      curl_multi_remove_handle(multi, easy);
      node.mapped().on_done(*node.mapped().result);
      if (gone) {
        return;
      }
    }
    dropped = nullptr;
    delivery.reset();
  }

  void forget(CURL* easy) {
    const auto node = transfers.extract(easy);
    if (node.empty()) {
      return;
    }
    std::erase(finished, easy);
    curl_multi_remove_handle(multi, easy);
  }
};

CurlMulti::CurlMulti(Loop& loop) : state_(std::make_unique<State>(loop)) {
  set_up_curl();
  state_->multi = curl_multi_init();
  if (state_->multi == nullptr) {
    throw std::runtime_error("curl_multi_init failed");
  }
  curl_multi_setopt(state_->multi, CURLMOPT_SOCKETFUNCTION, State::on_socket);
  curl_multi_setopt(state_->multi, CURLMOPT_SOCKETDATA, state_.get());
  curl_multi_setopt(state_->multi, CURLMOPT_TIMERFUNCTION, State::on_timer);
  curl_multi_setopt(state_->multi, CURLMOPT_TIMERDATA, state_.get());
  // Two checks must never share a connection.
  curl_multi_setopt(state_->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

CurlMulti::~CurlMulti() {
  if (state_->dropped != nullptr) {
    *state_->dropped = true;
  }
  while (!state_->transfers.empty()) {
    state_->forget(state_->transfers.begin()->first);
  }
  curl_multi_cleanup(state_->multi);
}

void CurlMulti::add(void* easy, int* open_error, std::function<void(int result)> on_done,
                    Connector connector) {
  Transfer& transfer = state_->transfers[easy];  // where it is, it stays
  transfer = {
      .on_done = std::move(on_done), .connector = std::move(connector), .open_error = open_error};
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (curl_multi_add_handle(state_->multi, easy) != CURLM_OK) {
    transfer.result = CURLE_FAILED_INIT;
    state_->finished.push_back(easy);
  }
  state_->collect();
}

void CurlMulti::remove(void* easy) {
  state_->forget(easy);
}

}  // namespace ronda::net
