// What the fixture needs from the operating system: files, a free port, a child that dies with the
// test, a command's output, one HTTP GET. No DNS here.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace ronda::test {

std::string make_temporary_folder();
void write_file(const std::string& path, const std::string& text);
std::string read_file(const std::string& path);
std::string random_base64(std::size_t octets);
// Free for TCP and UDP at the moment of asking, below the kernel's range for outgoing connections.
std::uint16_t find_free_port(const std::string& address);
bool can_connect(const std::string& address, std::uint16_t port);
// Standard output and error are appended to `log_path`.
pid_t spawn(const std::vector<std::string>& command, const std::string& log_path);
// False when the time is over and the process still runs.
bool wait_for_exit(pid_t process, std::chrono::milliseconds limit);
std::string run_command(const std::vector<std::string>& command);
// "9.18": the first number with a point in what the command says of itself.
std::string release_of(const std::vector<std::string>& command);
std::string http_get(const std::string& address, std::uint16_t port, const std::string& path);

}  // namespace ronda::test
