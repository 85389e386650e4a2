#include "tests/support/bed/terminal.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

namespace ronda::test {

Terminal::Terminal() {
  std::array<char, 64> name{};
  if (::openpty(&ours_, &theirs_, name.data(), nullptr, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "no pseudo-terminal (is /dev/pts there?)");
  }
  path_ = name.data();
  for (const int descriptor : {ours_, theirs_}) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  ::fcntl(ours_, F_SETFL, O_RDWR | O_NONBLOCK);
}

Terminal::~Terminal() {
  ::close(ours_);
  ::close(theirs_);
}

const std::string& Terminal::shown() {
  std::array<char, 4096> buffer{};
  for (ssize_t size = 1; size > 0;) {
    size = ::read(ours_, buffer.data(), buffer.size());
    shown_.append(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  }
  return shown_;
}

}  // namespace ronda::test
