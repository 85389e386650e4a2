#include "tests/e2e/manager_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace ronda::test {

ManagerSocket::ManagerSocket(std::string name)
    : name_(std::move(name)),
      descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name_.data(), name_.size());
  if (name_.front() == '@') {
    address.sun_path[0] = '\0';
  }
  const std::size_t length = offsetof(sockaddr_un, sun_path) + name_.size();
  if (::bind(descriptor_.get(), reinterpret_cast<const sockaddr*>(&address),
             static_cast<socklen_t>(length)) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot listen on " + name_);
  }
}

std::optional<Notice> ManagerSocket::next(std::chrono::milliseconds limit) const {
  pollfd entry{descriptor_.get(), POLLIN, 0};
  if (::poll(&entry, 1, static_cast<int>(limit.count())) != 1) {
    return std::nullopt;
  }
  std::array<char, 4096> buffer{};
  const ssize_t size = ::recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0) {
    throw std::system_error(errno, std::generic_category(), "recv");
  }
  return Notice{{buffer.data(), static_cast<std::size_t>(size)}, std::chrono::steady_clock::now()};
}

std::string ManagerSocket::next_with(const std::string& word,
                                     std::chrono::milliseconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    const std::optional<Notice> notice = next(std::max(left, std::chrono::milliseconds(0)));
    if (!notice) {
      return {};
    }
    if (notice->text.find(word) != std::string::npos) {
      return notice->text;
    }
  }
}

}  // namespace ronda::test
