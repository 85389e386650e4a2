// A terminal that nobody sits at: a program's stdout or stderr goes to its path, and the test reads
// what a person would have seen, escape sequences and all. It is nobody's controlling terminal.
#pragma once

#include <filesystem>
#include <string>

namespace ronda::test {

class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  const std::filesystem::path& path() const { return path_; }  // /dev/pts/N
  const std::string& shown();  // everything until now, a line's end as "\r\n"

 private:
  int ours_ = -1;
  int theirs_ = -1;  // kept open, or what was shown last would go with the program
  std::filesystem::path path_{};
  std::string shown_{};
};

}  // namespace ronda::test
