// The unix socket a daemon listens on: made with mode 0660, never in the place of a daemon that
// still answers, removed at the end if it is still ours. No HTTP here.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include <sys/types.h>

namespace ronda::agent {

class ControlSocket {
 public:
  // Makes the parent folder where it is missing. The error is a sentence.
  static std::expected<ControlSocket, std::string> listen(const std::filesystem::path& path);
  ControlSocket(ControlSocket&& other) noexcept;
  ControlSocket& operator=(ControlSocket&&) = delete;
  ~ControlSocket();

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  int release();  // the descriptor becomes the caller's; the path stays ours to remove

 private:
  ControlSocket() = default;
  std::filesystem::path path_{};
  int descriptor_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// 0, or the errno of connecting there. EAGAIN: somebody listens, who has no room at the moment.
int control_socket_error(const std::filesystem::path& path);
// Whether somebody accepts connections there.
bool control_socket_answers(const std::filesystem::path& path);

}  // namespace ronda::agent
