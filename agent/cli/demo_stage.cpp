#include "agent/cli/demo_stage.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/descriptor.hpp"

namespace ronda::agent {
namespace {

using Result = std::expected<void, std::string>;

constexpr mode_t kPrivate = 0600;
constexpr mode_t kPublic = 0644;
constexpr std::size_t kSecretSize = 32;  // of a hash of 256 bits

std::string base64(const std::vector<std::byte>& bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? std::to_integer<unsigned>(bytes[i + j]) : 0);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > bytes.size();
      out += padding ? '=' : kAlphabet[group >> (18 - 6 * j) & 0x3f];
    }
  }
  return out;
}

std::optional<std::filesystem::path> find_named() {
  const char* path = std::getenv("PATH");
  std::string rest = (path == nullptr ? "" : std::string(path)) + ":/usr/sbin:/usr/local/sbin";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    std::filesystem::path candidate = std::filesystem::path(rest.substr(0, end)) / "named";
    rest.erase(0, end + 1);
    std::error_code ignored;
    if (candidate.is_absolute() && std::filesystem::is_regular_file(candidate, ignored) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return std::nullopt;
}

// A port that is free for both UDP and TCP just now.
std::optional<std::uint16_t> free_port(const net::IpAddress& ip) {
  constexpr int kTries = 20;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const net::Descriptor tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const net::Descriptor udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!tcp || !udp) {
      return std::nullopt;
    }
    net::SocketAddress address = net::to_socket_address({.ip = ip, .port = 0});
    if (::bind(tcp.get(), address.get(), address.length) != 0) {
      continue;
    }
    socklen_t length = sizeof(address.storage);
    ::getsockname(tcp.get(), reinterpret_cast<sockaddr*>(address.storage.data()), &length);
    const auto bound = net::from_socket_address(address.get(), length);
    if (bound && ::bind(udp.get(), address.get(), length) == 0) {
      return bound->port;
    }
  }
  return std::nullopt;
}

Result write_file(const std::filesystem::path& path, const std::string& text, mode_t mode) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file || ::chmod(path.c_str(), mode) != 0) {
    return std::unexpected("cannot write " + path.string() + ": " +
                           std::generic_category().message(errno));
  }
  return {};
}

// Everything that named would put into /run or /var by itself is kept in the folder or switched
// off. BIND 9.20 has no lock file any more, and refuses to hear of one.
std::string named_conf(const std::string& folder, std::uint16_t port, bool has_lock_file) {
  return "include \"" + folder + "/demo.key\";\n" +
         "options {\n"
         "  directory \"" +
         folder + "\"; pid-file none;" + (has_lock_file ? " lock-file none;" : "") +
         "\n"
         "  session-keyfile \"" +
         folder + "/session.key\"; key-directory \"" + folder +
         "\";\n"
         "  managed-keys-directory \"" +
         folder +
         "\";\n"
         "  listen-on port " +
         std::to_string(port) +
         " { 127.0.0.1; }; listen-on-v6 { none; };\n"
         "  recursion no; dnssec-validation no; empty-zones-enable no; notify no;\n"
         "  allow-transfer { none; };\n"
         "};\n"
         "controls { };\n"
         "zone \"demo.test\" {\n"
         "  type primary; file \"demo.db\";\n"
         "  update-policy { grant demo name www.demo.test. A; };\n"
         "};\n";
}

std::string zone_text(const std::array<net::Endpoint, DemoStage::kReplicas>& replicas) {
  std::string text = "$TTL 5\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\nns A 127.0.0.1\n";
  for (const net::Endpoint& replica : replicas) {
    text += "www A " + replica.ip.to_string() + "\n";
  }
  return text;
}

std::string config_text(net::Endpoint server, std::uint16_t http_port,
                        const std::array<net::Endpoint, DemoStage::kReplicas>& replicas) {
  std::string text =
      "{\n"
      "  \"zones\": [{ \"zone\": \"demo.test\", \"primary\": \"" +
      server.to_string() +
      "\", \"key_file\": \"demo.key\" }],\n"
      "  \"defaults\": { \"interval\": \"1s\", \"fast_interval\": \"250ms\", \"timeout\": \"1s\",\n"
      "                \"fall\": 3, \"rise\": 2 },\n"
      "  \"checks\": { \"web\": { \"type\": \"http\", \"port\": " +
      std::to_string(http_port) +
      ", \"path\": \"/health\" } },\n"
      "  \"services\": [{\n"
      "    \"name\": \"" +
      std::string(DemoStage::kName) +
      "\",\n"
      "    \"checks\": [\"web\"],\n"
      "    \"replicas\": [";
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    text += std::string(i == 0 ? "" : ",") + "\n      { \"name\": \"web" + std::to_string(i + 1) +
            "\", \"address\": \"" + replicas[i].ip.to_string() + "\" }";
  }
  return text + "\n    ]\n  }]\n}\n";
}

std::string cannot_start(const net::Fault& fault) {
  return "named cannot be started: " + fault.text;
}

}  // namespace

std::expected<std::unique_ptr<DemoStage>, std::string> DemoStage::build(net::Loop& loop,
                                                                        net::Random& random) {
  const auto named = find_named();
  if (!named) {
    return std::unexpected(
        "named is not installed: the demo needs the Debian package bind9 (apt install bind9)");
  }
  std::unique_ptr<DemoStage> stage(new DemoStage(loop));
  const char* base = std::getenv("TMPDIR");
  std::string pattern =
      std::string(base != nullptr && base[0] == '/' ? base : "/tmp") + "/ronda-demo-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    return std::unexpected("cannot make a folder like " + pattern + ": " +
                           std::generic_category().message(errno));
  }
  stage->folder_ = pattern;
  // AppArmor profiles hang on the path of the program: a copy may read and write its own folder.
  std::error_code problem;
  std::filesystem::copy_file(*named, stage->folder_ / "named", problem);
  if (problem) {
    return std::unexpected("cannot copy " + named->string() + ": " + problem.message());
  }
  if (auto raised = stage->raise_replicas(); !raised) {
    return std::unexpected(raised.error());
  }
  if (auto written = stage->write_files(random); !written) {
    return std::unexpected(written.error());
  }
  return stage;
}

Result DemoStage::raise_replicas() {
  std::uint16_t port = 0;  // the first takes a free one, the others the same
  for (std::size_t i = 0; i < kReplicas; ++i) {
    const auto last = static_cast<std::uint8_t>(i + 1);
    endpoints_.at(i) = {.ip = net::IpAddress::from_v4({127, 0, 1, last}), .port = port};
    if (auto started = start_replica(i); !started) {
      return started;
    }
    port = endpoints_.at(i).port;
  }
  return {};
}

Result DemoStage::start_replica(std::size_t index) {
  auto replica = DemoReplica::listen(loop_, endpoints_.at(index));
  if (!replica) {
    return std::unexpected(replica.error());
  }
  endpoints_.at(index) = (*replica)->endpoint();
  replicas_.at(index) = std::move(*replica);
  return {};
}

Result DemoStage::write_files(net::Random& random) {
  const net::IpAddress loopback = net::IpAddress::from_v4({127, 0, 0, 1});
  const auto port = free_port(loopback);
  if (!port) {
    return std::unexpected("no free port on 127.0.0.1");
  }
  server_ = {.ip = loopback, .port = *port};
  std::vector<std::byte> secret(kSecretSize);
  random.fill(secret);
  const std::string key =
      "key \"demo\" {\n  algorithm hmac-sha256;\n  secret \"" + base64(secret) + "\";\n};\n";
  Result written = write_file(folder_ / "demo.key", key, kPrivate);
  if (written) {
    written = write_file(folder_ / "demo.db", zone_text(endpoints_), kPublic);
  }
  if (written) {
    written = write_file(config(), config_text(server_, endpoints_[0].port, endpoints_), kPublic);
  }
  return written;
}

Result DemoStage::start_named(std::function<void(std::string)> on_end) {
  on_named_end_ = std::move(on_end);
  return start_child({"-v"}, [this](const net::ChildExit& exit) {
    if (exit.not_started) {
      on_named_end_(cannot_start(*exit.not_started));
      return;
    }
    const bool has_lock_file = exit.output.contains("BIND 9.18");
    Result started = write_file(folder_ / "named.conf",
                                named_conf(folder_.string(), server_.port, has_lock_file), kPublic);
    if (started) {
      started =
          start_child({"-g", "-n", "1", "-c", (folder_ / "named.conf").string()},
                      [this](const net::ChildExit& end) {
                        on_named_end_(end.errors.substr(0, end.errors.find_last_not_of('\n') + 1));
                      });
    }
    if (!started) {
      on_named_end_(started.error());
    }
  });
}

Result DemoStage::start_child(const std::vector<std::string>& arguments,
                              std::function<void(const net::ChildExit&)> on_exit) {
  net::ChildSpec spec{.argv = {(folder_ / "named").string()}};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  auto child = net::ChildProcess::start(
      loop_, spec, [this, on_exit = std::move(on_exit)](const net::ChildExit& exit) {
        if (on_stopped_) {
          on_stopped_();
        } else {
          on_exit(exit);
        }
      });
  if (!child) {
    return std::unexpected(cannot_start(child.error()));
  }
  named_ = std::move(*child);
  return {};
}

void DemoStage::stop_named(std::function<void()> on_ended) {
  if (!named_) {
    on_ended();
    return;
  }
  on_stopped_ = std::move(on_ended);
  named_->signal(SIGTERM);
}

DemoStage::~DemoStage() {
  named_.reset();
  if (!folder_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
}

}  // namespace ronda::agent
