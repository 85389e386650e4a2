#include "net/tcp_stream.hpp"

#include <array>
#include <cerrno>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/client_socket.hpp"
#include "net/tls_session.hpp"

namespace ronda::net {

namespace {

constexpr std::size_t kMostUnsent = std::size_t{1} << 20;
// Also the most that is read in one turn of the loop, so that one peer cannot hold it.
constexpr std::size_t kBuffer = 16384;

class Stream final : public TcpStream {
 public:
  Stream(Loop& loop, ClientSocket socket, const Endpoint& peer, OnEvent on_event);
  ~Stream() override;

  void send(std::span<const std::byte> bytes) override;
  void start_tls(std::shared_ptr<ssl_ctx_st> context, const std::string& server_name,
                 bool verify) override;
  Endpoint local() const override { return local_endpoint(descriptor_.get()); }
  std::vector<std::string> certificates() const override {
    return tls_ ? tls_->certificates() : std::vector<std::string>();
  }

 private:
  // Both false: the stream was dropped inside the callback, touch nothing.
  bool emit(const StreamEvent& event);
  bool end(const StreamEvent& event);

  void ready(Interest interest);
  bool finish_connecting();
  void acknowledge();
  void read_some();
  bool take(std::span<const std::byte> bytes);
  bool take_encrypted(std::span<const std::byte> bytes);
  bool peer_ended();
  bool tls_failed();

  bool handshaking() const { return tls_ != nullptr && !tls_->established(); }
  std::size_t unsent() const { return outgoing_.size() - sent_ + early_.size(); }
  void queue(std::span<const std::byte> bytes);
  void encrypt(std::span<const std::byte> bytes);
  void flush();
  void fail_later(Fault fault);
  void update_interest();

  Loop& loop_;
  Descriptor descriptor_;
  Endpoint peer_;
  std::shared_ptr<OnEvent> on_event_;  // also the token of life: expired means dropped
  std::unique_ptr<Watch> watch_;
  Handle later_{};
  std::unique_ptr<TlsSession> tls_{};
  std::vector<std::byte> outgoing_{};  // for the socket
  std::size_t sent_ = 0;               // of outgoing_
  std::vector<std::byte> early_{};     // plain bytes waiting for the handshake
  bool connected_ = false;
  bool ended_ = false;
  bool broken_ = false;  // sending failed; what the peer said before may still be read
};

Stream::Stream(Loop& loop, ClientSocket socket, const Endpoint& peer, OnEvent on_event)
    : loop_(loop),
      descriptor_(std::move(socket.descriptor)),
      peer_(peer),
      on_event_(std::make_shared<OnEvent>(std::move(on_event))),
      watch_(loop.watch(descriptor_.get(), [this](Interest interest) { ready(interest); })) {
  watch_->want(Interest::write);
}

Stream::~Stream() {
  watch_.reset();
  if (tls_ && connected_ && !ended_ && !broken_ && unsent() == 0) {
    tls_->say_goodbye();
    const std::vector<std::byte> goodbye = tls_->take_output();
    ::send(descriptor_.get(), goodbye.data(), goodbye.size(), MSG_NOSIGNAL);
  }
}

bool Stream::emit(const StreamEvent& event) {
  const std::shared_ptr<OnEvent> callback = on_event_;
  const std::weak_ptr<OnEvent> own = on_event_;
  (*callback)(event);
  return own.use_count() > 1;
}

bool Stream::end(const StreamEvent& event) {
  ended_ = true;
  later_.reset();
  watch_->want(Interest::none);
  return emit(event);
}

void Stream::ready(Interest interest) {
  if (!connected_) {
    if (!finish_connecting()) {
      return;
    }
    update_interest();
    return;
  }
  if (has(interest, Interest::write)) {
    flush();
  }
  if (has(interest, Interest::read)) {
    read_some();
    return;
  }
  update_interest();
}

bool Stream::finish_connecting() {
  if (const int error = take_connect_error(descriptor_.get(), peer_); error != 0) {
    end(classify(Phase::connect, error, Told::later));
    return false;
  }
  connected_ = true;
  flush();
  return emit(Connected{}) && !ended_;
}

// A server that leaves Nagle's algorithm on, as named does, keeps its next small reply back until
// this one is acknowledged, and the kernel would take 40 ms over that. It forgets the option, so:
// each time.
void Stream::acknowledge() {
  const int on = 1;
  ::setsockopt(descriptor_.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

void Stream::read_some() {
  std::array<std::byte, kBuffer> buffer;
  const ssize_t length = ::recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
  if (length == 0) {
    peer_ended();
    return;
  }
  if (length < 0 && errno != EAGAIN && errno != EINTR) {
    end(classify(handshaking() ? Phase::tls_handshake : Phase::receive, errno, Told::later));
    return;
  }
  if (length > 0) {
    acknowledge();
    if (!take(std::span(buffer.data(), static_cast<std::size_t>(length)))) {
      return;
    }
  }
  update_interest();
}

bool Stream::take(std::span<const std::byte> bytes) {
  return tls_ ? take_encrypted(bytes) : emit(Received{bytes});
}

bool Stream::take_encrypted(std::span<const std::byte> bytes) {
  tls_->feed(bytes);
  if (handshaking()) {
    const TlsSession::Status status = tls_->handshake();
    queue(tls_->take_output());
    flush();
    if (status == TlsSession::Status::failed) {
      return tls_failed();
    }
    if (status != TlsSession::Status::done) {
      return true;
    }
    const std::vector<std::byte> early = std::exchange(early_, {});
    encrypt(early);
    if (!emit(Secured{tls_->protocol(), tls_->certificate_ends()})) {
      return false;
    }
  }
  std::array<std::byte, kBuffer> plain;
  while (!ended_) {
    std::size_t length = 0;
    const TlsSession::Status status = tls_->read(plain, &length);
    if (status == TlsSession::Status::done) {
      if (!emit(Received{std::span<const std::byte>(plain.data(), length)})) {
        return false;
      }
      continue;
    }
    queue(tls_->take_output());
    flush();
    if (status == TlsSession::Status::failed) {
      return tls_failed();
    }
    if (status == TlsSession::Status::closed) {
      return end(Closed{});
    }
    break;
  }
  return true;
}

bool Stream::peer_ended() {
  if (handshaking()) {
    return end(Fault{Phase::tls_handshake, 0, Origin::theirs,
                     "connection closed during the TLS handshake"});
  }
  return end(Closed{});
}

bool Stream::tls_failed() {
  const Phase phase = tls_->established() ? Phase::receive : Phase::tls_handshake;
  return end(Fault{phase, 0, Origin::theirs, tls_->failure()});
}

void Stream::send(std::span<const std::byte> bytes) {
  if (ended_ || broken_ || bytes.empty()) {
    return;
  }
  if (unsent() + bytes.size() > kMostUnsent) {
    fail_later(Fault{Phase::send, 0, Origin::ours, "more than 1 MiB waits to be sent"});
    return;
  }
  if (handshaking()) {
    early_.insert(early_.end(), bytes.begin(), bytes.end());
    return;
  }
  if (tls_) {
    encrypt(bytes);
  } else {
    queue(bytes);
    flush();
  }
  update_interest();
}

void Stream::start_tls(std::shared_ptr<ssl_ctx_st> context, const std::string& server_name,
                       bool verify) {
  if (ended_ || broken_) {
    return;
  }
  if (tls_ || unsent() != 0 || !connected_) {
    fail_later(Fault{Phase::tls_handshake, 0, Origin::ours,
                     "TLS was started before the connection was ready for it"});
    return;
  }
  auto session = std::make_unique<TlsSession>(std::move(context), server_name, verify);
  if (session->handshake() == TlsSession::Status::failed) {
    fail_later(Fault{Phase::tls_handshake, 0, Origin::ours, session->failure()});
    return;
  }
  tls_ = std::move(session);
  queue(tls_->take_output());
  flush();
  update_interest();
}

void Stream::queue(std::span<const std::byte> bytes) {
  outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end());
}

void Stream::encrypt(std::span<const std::byte> bytes) {
  if (!tls_->write(bytes)) {
    fail_later(Fault{Phase::send, 0, Origin::theirs, tls_->failure()});
    return;
  }
  queue(tls_->take_output());
  flush();
}

void Stream::flush() {
  if (!connected_) {
    return;
  }
  while (!broken_ && !ended_ && sent_ < outgoing_.size()) {
    const ssize_t length =
        ::send(descriptor_.get(), outgoing_.data() + sent_, outgoing_.size() - sent_, MSG_NOSIGNAL);
    if (length >= 0) {
      sent_ += static_cast<std::size_t>(length);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      fail_later(classify(handshaking() ? Phase::tls_handshake : Phase::send, errno, Told::later));
    }
  }
  outgoing_.clear();
  sent_ = 0;
}

// Reported by the loop, never inside a call of the owner's; whatever the peer said before it hung
// up comes first, since it often tells why.
void Stream::fail_later(Fault fault) {
  if (broken_ || ended_) {
    return;
  }
  broken_ = true;
  const bool may_read = fault.error != 0 && connected_;
  if (!may_read) {
    watch_->want(Interest::none);
  }
  later_ = loop_.at(loop_.now(), [this, may_read, fault = std::move(fault)] {
    const std::weak_ptr<OnEvent> own = on_event_;
    if (may_read) {
      read_some();
    }
    if (!own.expired() && !ended_) {
      end(fault);
    }
  });
}

void Stream::update_interest() {
  if (ended_ || broken_) {
    return;
  }
  if (!connected_) {
    watch_->want(Interest::write);
    return;
  }
  const bool waiting = sent_ < outgoing_.size();
  watch_->want(waiting ? Interest::both : Interest::read);
}

}  // namespace

std::expected<std::unique_ptr<TcpStream>, Fault> TcpStream::connect(Loop& loop,
                                                                    const Endpoint& peer,
                                                                    std::optional<IpAddress> source,
                                                                    OnEvent on_event) {
  auto socket = start_connecting(Transport::stream, peer, source);
  if (!socket) {
    return std::unexpected(socket.error());
  }
  return std::make_unique<Stream>(loop, std::move(*socket), peer, std::move(on_event));
}

}  // namespace ronda::net
