#include "net/file_read.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "net/detached_thread.hpp"

namespace ronda::net {

namespace {

std::unexpected<std::string> because(int error) {
  return std::unexpected(std::generic_category().message(error));
}

FileOutcome read_file(const std::string& path, std::size_t limit) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return because(errno);
  }
  // Looked at first, since opening a FIFO waits for its writer. O_NONBLOCK is no way out: it fails
  // on a file that somebody else holds a lease of.
  if (!S_ISREG(status.st_mode)) {
    return std::unexpected("it is no regular file");
  }
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file || ::fstat(file.get(), &status) != 0) {
    return because(errno);
  }
  FileContent content{.modified = WallTime(std::chrono::seconds(status.st_mtim.tv_sec) +
                                           std::chrono::nanoseconds(status.st_mtim.tv_nsec)),
                      .inode = static_cast<std::uint64_t>(status.st_ino)};
  std::array<char, 16'384> buffer;
  for (;;) {
    const ssize_t length = ::read(file.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) {
      continue;
    }
    if (length < 0) {
      return because(errno);
    }
    if (length == 0) {
      return content;
    }
    content.text.append(buffer.data(), static_cast<std::size_t>(length));
    if (content.text.size() > limit) {
      return std::unexpected("it is larger than " + std::to_string(limit) + " octets");
    }
  }
}

struct Shared {
  Descriptor bell{};
  std::mutex mutex{};
  std::optional<FileOutcome> outcome{};  // guarded by mutex
};

class FileRead final : public Cancellable {
 public:
  FileRead(Loop& loop, std::string path, std::size_t limit,
           std::function<void(FileOutcome)> on_done)
      : on_done_(std::move(on_done)) {
    shared_->bell.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const int failure = shared_->bell ? EAGAIN : errno;
    const bool started =
        shared_->bell && run_detached([shared = shared_, path = std::move(path), limit] {
          FileOutcome outcome = read_file(path, limit);
          const std::lock_guard lock(shared->mutex);
          shared->outcome = std::move(outcome);
          const std::uint64_t one = 1;
          [[maybe_unused]] const ssize_t written = ::write(shared->bell.get(), &one, sizeof(one));
        });
    if (!started) {
      later_ = loop.at(loop.now(), [this, failure] { tell(because(failure)); });
      return;
    }
    watch_ = loop.watch(shared_->bell.get(), [this](Interest) { ring(); });
    watch_->want(Interest::read);
  }

 private:
  void ring() {
    std::optional<FileOutcome> outcome;
    {
      const std::lock_guard lock(shared_->mutex);
      outcome.swap(shared_->outcome);
    }
    if (outcome) {
      watch_.reset();
      tell(*std::move(outcome));
    }
  }

  // The callback may drop this object.
  void tell(FileOutcome outcome) {
    const auto on_done = std::move(on_done_);
    on_done(std::move(outcome));
  }

  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::function<void(FileOutcome)> on_done_;
  std::unique_ptr<Watch> watch_{};
  Handle later_{};
};

}  // namespace

Handle read_apart(Loop& loop, std::string path, std::size_t limit,
                  std::function<void(FileOutcome)> on_done) {
  return std::make_unique<FileRead>(loop, std::move(path), limit, std::move(on_done));
}

}  // namespace ronda::net
