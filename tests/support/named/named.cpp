#include "tests/support/named/named.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <signal.h>

#include "tests/support/named/dig.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

constexpr const char* kNamed = "/usr/sbin/named";
constexpr const char* kRndc = "/usr/sbin/rndc";
constexpr auto kReadyLimit = std::chrono::seconds(20);

void need(const char* path, const char* package) {
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error(std::string(path) + " is missing: install the Debian package " +
                             package);
  }
}

// BIND 9.20 has no lock file any more and refuses to hear of one.
bool knows_lock_file() {
  return named_series() == "9.18";
}

std::string default_zone_text() {
  return "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n";
}

}  // namespace

std::string named_series() {
  need(kNamed, "bind9");
  static const std::string series = release_of({kNamed, "-v"});
  return series;
}

Named::Named(NamedOptions options) : options_(std::move(options)) {
  need(kNamed, "bind9");
  folder_ = make_temporary_folder();
  try {
    // AppArmor confines named by its path; a copy elsewhere may use this folder.
    std::filesystem::copy_file(kNamed, folder_ + "/named");
    port_ = options_.port != 0 ? options_.port : find_free_port(options_.address);
    statistics_port_ = find_another_port();
    write_key(options_.key_name + ".key", options_.key_name);
    if (options_.control) {
      need(kRndc, "bind9-utils");
      control_port_ = find_another_port();
      write_key("rndc.key", "rndc");
    }
    write_files();
    start();
  } catch (...) {
    kill();
    std::filesystem::remove_all(folder_);
    throw;
  }
}

Named::~Named() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Named::server() const {
  return options_.address + ":" + std::to_string(port_);
}

std::string Named::write_key(const std::string& file, const std::string& key_name) const {
  const std::string path = folder_ + "/" + file;
  write_file(path, "key \"" + key_name + "\" {\n\talgorithm " + options_.algorithm +
                       ";\n\tsecret \"" + random_base64(48) + "\";\n};\n");
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path;
}

std::uint16_t Named::find_another_port() const {
  for (;;) {
    const std::uint16_t port = find_free_port(options_.address);
    if (port != port_ && port != statistics_port_) {
      return port;
    }
  }
}

std::string Named::controls_text() const {
  if (!options_.control) {
    return "controls { };\n";
  }
  return "include \"" + folder_ + "/rndc.key\";\ncontrols { inet " + options_.address + " port " +
         std::to_string(control_port_) + " allow { any; } keys { \"rndc\"; }; };\n";
}

void Named::write_files() const {
  for (const auto& [name, text] : options_.files) {
    write_file(folder_ + "/" + name, text);
  }
  write_file(folder_ + "/zone.db",
             options_.zone_text.empty() ? default_zone_text() : options_.zone_text);
  write_configuration();
}

void Named::write_configuration() const {
  std::ostringstream text;
  text << "include \"" << key_path() << "\";\n"
       << options_.statements << "\noptions {\n"
       << "  directory \"" << folder_ << "\"; pid-file none;"
       << (knows_lock_file() ? " lock-file none;\n" : "\n") << "  session-keyfile \"" << folder_
       << "/session.key\"; key-directory \"" << folder_ << "\";\n  managed-keys-directory \""
       << folder_ << "\";\n"
       << "  listen-on port " << port_ << " { " << options_.address << "; };\n"
       << "  listen-on-v6 { none; }; dnssec-validation no;\n  recursion "
       << (options_.recursion ? "yes" : "no") << ";\n"
       << "  empty-zones-enable no; notify no; zone-statistics full;\n"
       << options_.options << "\n};\n"
       << controls_text() << "statistics-channels { inet " << options_.address << " port "
       << statistics_port_ << " allow { any; }; };\n"
       << (options_.view.empty() ? "" : "view \"main\" {\n" + options_.view + "\n") << "zone \""
       << options_.zone << "\" {\n  type primary; file \"" << folder_ << "/zone.db\";\n  "
       << options_.zone_options << "\n};\n"
       << (options_.view.empty() ? "" : "};\n");
  write_file(folder_ + "/named.conf", text.str());
}

void Named::start() {
  if (running()) {
    return;
  }
  const std::size_t log_offset = log().size();
  // env becomes named: the process id stays.
  std::vector<std::string> command{"/usr/bin/env"};
  command.insert(command.end(), options_.environment.begin(), options_.environment.end());
  for (const char* word : {"/named", "-g", "-n", "2", "-c", "/named.conf"}) {
    command.push_back(word[0] == '/' ? folder_ + word : word);
  }
  process_ = spawn(command, folder_ + "/log");
  wait_until_ready(log_offset);
}

void Named::wait_until_ready(std::size_t log_offset) {
  const auto end = std::chrono::steady_clock::now() + kReadyLimit;
  while (std::chrono::steady_clock::now() < end) {
    // "running" comes after "all zones loaded"; before it a query may still get SERVFAIL.
    if (log().find(" running\n", log_offset) != std::string::npos &&
        can_connect(options_.address, port_)) {
      return;
    }
    if (wait_for_exit(process_, std::chrono::milliseconds(10))) {
      process_ = -1;
      throw std::runtime_error("named ended at once:\n" + log().substr(log_offset));
    }
  }
  throw std::runtime_error("named is not ready after 20 s:\n" + log().substr(log_offset));
}

void Named::stop() {
  if (!running()) {
    return;
  }
  ::kill(process_, SIGTERM);
  if (!wait_for_exit(process_, std::chrono::seconds(10))) {
    kill();
    throw std::runtime_error("named did not end within 10 s of SIGTERM");
  }
  process_ = -1;
}

void Named::kill() {
  if (!running()) {
    return;
  }
  ::kill(process_, SIGKILL);
  wait_for_exit(process_, std::chrono::seconds(10));
  process_ = -1;
}

void Named::pause() {
  if (!running()) {
    return;
  }
  ::kill(process_, SIGSTOP);
  // The signal is delivered to each thread in its own time; until then one may still answer.
  const std::filesystem::path tasks = "/proc/" + std::to_string(process_) + "/task";
  const auto all_stopped = [&] {
    return std::ranges::all_of(std::filesystem::directory_iterator(tasks), [](const auto& task) {
      std::ifstream file(task.path() / "stat");
      std::string stat;
      std::getline(file, stat);  // nothing of a thread that ends meanwhile
      const std::size_t name_end = stat.rfind(')');
      return name_end != std::string::npos && stat.compare(name_end, 3, ") T") == 0;
    });
  };
  const auto end = std::chrono::steady_clock::now() + kReadyLimit;
  while (!all_stopped()) {
    if (std::chrono::steady_clock::now() > end) {
      throw std::runtime_error("named does not stand still");
    }
    std::this_thread::yield();
  }
}

void Named::resume() {
  if (running()) {
    ::kill(process_, SIGCONT);
  }
}

std::string Named::rndc(const std::vector<std::string>& words) const {
  std::vector<std::string> command{"/bin/sh",
                                   "-c",
                                   "\"$@\" && echo done",
                                   "sh",
                                   kRndc,
                                   "-s",
                                   options_.address,
                                   "-p",
                                   std::to_string(control_port_),
                                   "-k",
                                   folder_ + "/rndc.key"};
  command.insert(command.end(), words.begin(), words.end());
  std::string output = run_command(command);
  const std::string mark = "done\n";
  if (!output.ends_with(mark)) {
    throw std::runtime_error("rndc " + words.front() + ": " + output);
  }
  output.resize(output.size() - mark.size());
  return output;
}

std::string Named::log() const {
  return read_file(folder_ + "/log");
}

void Named::reconfigure(const std::function<void(NamedOptions&)>& change) {
  change(options_);
  write_configuration();
  rndc({"reconfig"});
}

std::uint64_t Named::update_count() const {
  return statistic("opcodes", "UPDATE");
}

std::uint64_t Named::update_done_count() const {
  return statistic("nsstats", "UpdateDone");
}

std::uint64_t Named::statistic(const std::string& section, const std::string& name) const {
  const std::string text = http_get(options_.address, statistics_port_, "/json/v1/server");
  if (text.find("\"opcodes\"") == std::string::npos) {
    throw std::runtime_error("these are not named's statistics: " + text.substr(0, 200));
  }
  // A counter that is still 0 is left out, and so is a section of them.
  const std::size_t start = text.find("\"" + section + "\"");
  const std::string label = "\"" + name + "\":";
  const std::size_t place = text.find(label, start);
  if (start == std::string::npos || place == std::string::npos || place > text.find('}', start)) {
    return 0;
  }
  return std::strtoull(text.c_str() + place + label.size(), nullptr, 10);
}

std::vector<std::string> Named::lookup(const std::string& name, const std::string& type) const {
  return dig(options_.address, port_, name, type);
}

std::uint64_t Named::serial() const {
  const std::vector<std::string> answer = lookup(options_.zone, "SOA");
  if (answer.size() != 1) {
    throw std::runtime_error("no SOA for " + options_.zone);
  }
  std::istringstream fields(answer.front());
  std::string primary;
  std::string mailbox;
  std::uint64_t serial = 0;
  fields >> primary >> mailbox >> serial;
  return serial;
}

}  // namespace ronda::test
