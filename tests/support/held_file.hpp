// A program whose file does not answer, as on a hung network disk: whoever opens it waits until it
// is let go (a write lease, fcntl(2); the kernel itself ends it after 45 s).
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ronda::test {

class HeldFile {
 public:
  HeldFile(const std::string& path, const std::string& content) {
    std::ofstream(path) << content;
    ::chmod(path.c_str(), 0755);
    // The kernel tells the holder by SIGIO that somebody waits.
    ::signal(SIGIO, SIG_IGN);
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0 || ::fcntl(descriptor_, F_SETLEASE, F_WRLCK) != 0) {
      throw std::runtime_error("no lease on " + path);
    }
  }
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;
  ~HeldFile() { let_go(); }

  void let_go() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
      descriptor_ = -1;
    }
  }

 private:
  int descriptor_ = -1;
};

}  // namespace ronda::test
