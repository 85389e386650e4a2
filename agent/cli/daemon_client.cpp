#include "agent/cli/daemon_client.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include "agent/cli/lock.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/reader.hpp"
#include "agent/ops/control_socket.hpp"
#include "agent/ops/status_json.hpp"
#include "agent/ops/status_text.hpp"
#include "net/curl_multi.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);  // a reload may read large files
constexpr int kTries = 10;
constexpr auto kBetweenTries = std::chrono::milliseconds(100);

std::filesystem::path first_answering(const std::vector<std::filesystem::path>& sockets) {
  for (const std::filesystem::path& socket : sockets) {
    if (control_socket_answers(socket)) {
      return socket;
    }
  }
  return sockets.back();
}

// Many may ask at once; the kernel keeps only so many waiting for a daemon.
void wait_for_room(const std::filesystem::path& socket) {
  for (int tries = 1; tries < kTries && control_socket_error(socket) == EAGAIN; ++tries) {
    std::this_thread::sleep_for(kBetweenTries);
  }
}

std::string who_may(const std::filesystem::path& socket) {
  struct stat status{};
  if (::stat(socket.c_str(), &status) != 0) {
    return "its folder is closed to this user";
  }
  const passwd* user = ::getpwuid(status.st_uid);
  const group* crowd = ::getgrgid(status.st_gid);
  return "only the user " + (user ? std::string(user->pw_name) : std::to_string(status.st_uid)) +
         " and the group " + (crowd ? std::string(crowd->gr_name) : std::to_string(status.st_gid)) +
         " may write to it";
}

std::string why_no_answer(const std::filesystem::path& socket, const std::string& error) {
  switch (control_socket_error(socket)) {
    case EACCES:
      return "the daemon on " + socket.string() + " cannot be asked: " + who_may(socket);
    case EAGAIN:
      return "the daemon on " + socket.string() + " is asked by too many at once: try again later";
    case 0:
      return "the daemon on " + socket.string() + " did not answer (" + error + ")";
    default:
      return "no daemon answers on " + socket.string() + " (" + error +
             "): start it with `ronda run`, or name its socket with --socket";
  }
}

}  // namespace

std::string url_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '-' || c == '_';
    std::array<char, 8> code{};
    std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned>(octet));
    out += plain ? std::string(1, c) : std::string(code.data());
  }
  return out;
}

std::vector<std::filesystem::path> usual_sockets() {
  std::vector<std::filesystem::path> sockets;
  const char* runtime = std::getenv("RUNTIME_DIRECTORY");
  if (runtime != nullptr && runtime[0] != '\0') {
    const std::string folders = runtime;  // several are separated by colons
    sockets.push_back(std::filesystem::path(folders.substr(0, folders.find(':'))) / "control.sock");
  }
  sockets.emplace_back("/run/ronda/control.sock");
  return sockets;
}

std::expected<std::filesystem::path, std::string> find_daemon(const DaemonAddress& address) {
  if (address.socket) {
    return *address.socket;
  }
  std::error_code ignored;
  if (!address.config_given && !std::filesystem::exists(address.config, ignored)) {
    return first_answering(usual_sockets());
  }
  const ConfigResult config = read_config(address.config);
  if (!config) {
    if (const auto socket = read_control_socket(address.config)) {
      return *socket;  // who is mending the file may still ask
    }
    return std::unexpected("the config " + address.config.string() + " has problems (" +
                           to_sentences(config.error()).front() +
                           "): mend it, see `ronda validate`, or name the daemon with --socket");
  }
  if (config->control_socket) {
    return *config->control_socket;
  }
  const auto holder = lock_holder(*config);
  if (holder && holder->socket && control_socket_answers(*holder->socket)) {
    return *holder->socket;
  }
  return first_answering(usual_sockets());
}

std::expected<net::HttpResponse, std::string> ask_daemon(const std::filesystem::path& socket,
                                                         const std::string& method,
                                                         const std::string& target) {
  wait_for_room(socket);
  net::UvLoop loop;
  std::expected<net::HttpResponse, std::string> answer = std::unexpected("no answer");
  {
    net::CurlMulti multi(loop);
    const net::HttpRequest request{.method = method,
                                   .url = "http://localhost" + target,
                                   .unix_socket = std::filesystem::absolute(socket).string(),
                                   .timeout = kPatience};
    const net::Handle handle = net::http_fetch(multi, request, [&](auto result) {
      answer = std::move(result);
      loop.stop();
    });
    loop.run();
  }
  if (!answer) {
    return std::unexpected(why_no_answer(socket, answer.error()));
  }
  return answer;
}

int show_daemon_status(const std::filesystem::path& socket,
                       const std::vector<std::string>& services, bool json) {
  std::string target = json ? "/api/v1/status" : "/api/v1/status.txt";
  char separator = '?';
  for (const std::string& service : services) {
    target += separator + ("service=" + url_escaped(service));
    separator = '&';
  }
  if (!json && color_wanted()) {
    target += separator + std::string("color=1");
  }
  const auto reply = ask_daemon(socket, "GET", target);
  if (!reply) {
    talk(reply.error());
    return could_not_judge(json, WriteMode::enforce, {reply.error()});
  }
  if (reply->status != 200) {
    const std::string sentence = "the daemon on " + socket.string() + " answered with status " +
                                 std::to_string(reply->status) + ": is it another version?";
    talk(sentence);
    return could_not_judge(json, WriteMode::enforce, {sentence});
  }
  say(reply->body);
  return json ? exit_of_status(reply->body).value_or(kExitUnknown)
              : exit_of_nagios_line(reply->body);
}

}  // namespace ronda::agent
