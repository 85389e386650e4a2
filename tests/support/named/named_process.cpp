#include "tests/support/named/named_process.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ronda::test {
namespace {

constexpr std::uint16_t kFirstPort = 29001;
constexpr std::uint16_t kLastPort = 32767;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &result.sin_addr) != 1) {
    throw std::runtime_error("not an IPv4 address: " + address);
  }
  return result;
}

bool can_bind(const std::string& address, std::uint16_t port, int type) {
  const Descriptor descriptor(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const sockaddr_in where = socket_address(address, port);
  return ::bind(descriptor.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
}

std::vector<char*> arguments_of(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  return arguments;
}

pid_t fork_and_run(const std::vector<std::string>& command, int output) {
  const std::vector<char*> arguments = arguments_of(command);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    throw std::runtime_error("cannot fork");
  }
  if (child > 0) {
    return child;
  }
  // A test that crashes must not leave a server behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(127);
  }
  const int input = ::open("/dev/null", O_RDONLY);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

std::string make_temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "ronda-named-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder at " + path);
  }
  return path;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    throw std::runtime_error("cannot write " + path);
  }
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string random_base64(std::size_t octets) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::random_device device;
  std::string text;
  const std::size_t groups = octets / 3;
  for (std::size_t i = 0; i < groups * 4; ++i) {
    text += kAlphabet[device() % 64];
  }
  return text;
}

std::uint16_t find_free_port(const std::string& address) {
  std::random_device device;
  std::uniform_int_distribution<int> choose(kFirstPort, kLastPort);
  for (int attempt = 0; attempt < 200; ++attempt) {
    const auto port = static_cast<std::uint16_t>(choose(device));
    if (can_bind(address, port, SOCK_STREAM) && can_bind(address, port, SOCK_DGRAM)) {
      return port;
    }
  }
  throw std::runtime_error("no free port at " + address);
}

bool can_connect(const std::string& address, std::uint16_t port) {
  const Descriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in where = socket_address(address, port);
  return ::connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
}

pid_t spawn(const std::vector<std::string>& command, const std::string& log_path) {
  const Descriptor log(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log.get() < 0) {
    throw std::runtime_error("cannot write " + log_path);
  }
  return fork_and_run(command, log.get());
}

bool wait_for_exit(pid_t process, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    int status = 0;
    const pid_t result = ::waitpid(process, &status, WNOHANG);
    if (result == process || (result < 0 && errno == ECHILD)) {
      return true;
    }
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

std::string run_command(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  const Descriptor reading(ends[0]);
  pid_t child = -1;
  {
    const Descriptor writing(ends[1]);
    child = fork_and_run(command, writing.get());
  }
  std::string output;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = ::read(reading.get(), buffer.data(), buffer.size());
    if (count > 0) {
      output.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      break;
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    throw std::runtime_error("cannot run " + command.front());
  }
  return output;
}

std::string release_of(const std::vector<std::string>& command) {
  const std::string said = run_command(command);
  std::smatch found;
  if (!std::regex_search(said, found, std::regex("[0-9]+\\.[0-9]+"))) {
    throw std::runtime_error(command.front() + " does not tell its version: " + said);
  }
  return found.str();
}

std::string http_get(const std::string& address, std::uint16_t port, const std::string& path) {
  const Descriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(descriptor.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const sockaddr_in where = socket_address(address, port);
  if (::connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    throw std::runtime_error("cannot connect to " + address + ":" + std::to_string(port));
  }
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (::send(descriptor.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    throw std::runtime_error("cannot send to the statistics channel");
  }
  std::string reply;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t count = ::recv(descriptor.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      return reply;
    }
    reply.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace ronda::test
