#include "tests/integration/probes/scripted_server.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ronda::test {

Peer::~Peer() {
  if (session_ != nullptr) {
    SSL_free(session_);
  }
}

int Peer::read_byte() {
  unsigned char byte = 0;
  if (session_ != nullptr) {
    const int length = SSL_read(session_, &byte, 1);
    broken_ = broken_ || (length <= 0 && SSL_get_error(session_, length) != SSL_ERROR_ZERO_RETURN);
    return length == 1 ? byte : -1;
  }
  const auto length = ::recv(descriptor_, &byte, 1, 0);
  broken_ = broken_ || length < 0;
  return length == 1 ? byte : -1;
}

std::string Peer::line() {
  std::string text;
  for (int byte = read_byte(); byte >= 0 && byte != '\n'; byte = read_byte()) {
    text.push_back(static_cast<char>(byte));
  }
  if (text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

std::string Peer::until_blank_line() {
  std::string head;
  for (std::string one = line(); !one.empty(); one = line()) {
    head += one + "\n";
  }
  return head;
}

std::string Peer::some() {
  std::string text(4096, '\0');
  const auto length = session_ != nullptr
                          ? SSL_read(session_, text.data(), static_cast<int>(text.size()))
                          : ::recv(descriptor_, text.data(), text.size(), 0);
  text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return text;
}

std::string Peer::exactly(std::size_t length) {
  std::string text;
  while (text.size() < length) {
    const int byte = read_byte();
    if (byte < 0) {
      break;
    }
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

std::string Peer::rest() {
  std::string text;
  for (int byte = read_byte(); byte >= 0; byte = read_byte()) {
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

std::size_t Peer::write(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const std::size_t piece = std::min<std::size_t>(bytes.size() - sent, 16384);
    const auto length = session_ != nullptr
                            ? SSL_write(session_, bytes.data() + sent, static_cast<int>(piece))
                            : ::send(descriptor_, bytes.data() + sent, piece, MSG_NOSIGNAL);
    if (length <= 0) {
      broken_ = true;
      break;
    }
    sent += static_cast<std::size_t>(length);
  }
  return sent;
}

bool Peer::secure(const std::shared_ptr<SSL_CTX>& context) {
  session_ = SSL_new(context.get());
  SSL_set_fd(session_, descriptor_);
  return SSL_accept(session_) == 1;
}

bool Peer::say_new_keys(int times) {
  BIO* const said = BIO_new(BIO_s_mem());
  SSL_set0_wbio(session_, said);
  for (int count = 0; count < times; ++count) {
    SSL_key_update(session_, SSL_KEY_UPDATE_NOT_REQUESTED);
    SSL_do_handshake(session_);
  }
  std::string bytes(BIO_ctrl_pending(said), '\0');
  BIO_read(said, bytes.data(), static_cast<int>(bytes.size()));
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto length = ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (length <= 0) {
      return false;
    }
    sent += static_cast<std::size_t>(length);
  }
  return true;
}

bool Peer::resumes_session() const {
  return session_ != nullptr && SSL_session_reused(session_) == 1;
}

bool Peer::stays_for(std::chrono::milliseconds time) {
  ::pollfd wait{descriptor_, POLLRDHUP, 0};
  return ::poll(&wait, 1, static_cast<int>(time.count())) == 0;
}

void Peer::reset() {
  const ::linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

std::string Peer::address() const {
  ::sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* address = reinterpret_cast<::sockaddr*>(&storage);
  ::getpeername(descriptor_, address, &length);
  const auto endpoint = net::from_socket_address(address, length);
  return endpoint ? endpoint->ip.to_string() : "";
}

namespace {

// Binds the socket and tells where it is.
net::Endpoint bind_to(int socket, const net::Endpoint& wanted) {
  const auto address = net::to_socket_address(wanted);
  ::sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* bound = reinterpret_cast<::sockaddr*>(&storage);
  if (::bind(socket, address.get(), address.length) != 0 ||
      ::getsockname(socket, bound, &length) != 0) {
    throw std::runtime_error("cannot bind to " + wanted.to_string());
  }
  return net::from_socket_address(bound, length).value();
}

}  // namespace

ClosedPort::ClosedPort() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  endpoint_ = bind_to(descriptor_, {net::IpAddress::from_v4({127, 0, 0, 1}), 0});
}

ClosedPort::~ClosedPort() {
  ::close(descriptor_);
}

ScriptedServer::ScriptedServer(Script script, const std::string& address, std::uint16_t port)
    : script_(std::move(script)) {
  const auto ip = net::IpAddress::parse(address).value();
  listener_ = ::socket(ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  endpoint_ = bind_to(listener_, {ip, port});
  if (::listen(listener_, 64) != 0) {
    throw std::runtime_error("cannot listen on " + address);
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const int descriptor : open_) {
      ::shutdown(descriptor, SHUT_RDWR);
    }
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& script : scripts_) {
    script.join();
  }
  ::close(listener_);
}

void ScriptedServer::accept_all() {
  while (true) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (descriptor < 0 || ending_) {
      if (descriptor >= 0) {
        ::close(descriptor);
      }
      if (ending_ || errno != EINTR) {
        return;
      }
      continue;
    }
    open_.push_back(descriptor);
    scripts_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void ScriptedServer::serve(int descriptor) {
  {
    Peer peer(descriptor);
    script_(peer);
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, descriptor);
  ::close(descriptor);
}

void ScriptedServer::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(text);
}

std::vector<std::string> ScriptedServer::notes() {
  const std::lock_guard lock(mutex_);
  return notes_;
}

}  // namespace ronda::test
