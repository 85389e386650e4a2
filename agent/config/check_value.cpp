#include "agent/config/check_value.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "agent/config/field_table.hpp"
#include "agent/config/parse_text.hpp"

namespace ronda::agent {
namespace {

using Result = std::expected<probes::FieldValue, Finding>;

std::unexpected<Finding> refuse(const Node& node, std::string message) {
  return std::unexpected(Finding{node.place, std::move(message)});
}

Result read_size(const Node& node) {
  if (node.kind == Node::Kind::number) {
    if (!node.integer || *node.integer < 0) {
      return refuse(node, "must be a whole number of octets or a size such as \"64KiB\"");
    }
    return static_cast<std::uint64_t>(*node.integer);
  }
  std::uint64_t value = 0;
  const char* begin = node.text.data();
  const char* end = begin + node.text.size();
  const auto [rest, error] = std::from_chars(begin, end, value);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  unsigned shift = 0;
  if (unit == "KiB") {
    shift = 10;
  } else if (unit == "MiB") {
    shift = 20;
  } else if (unit == "GiB") {
    shift = 30;
  } else if (unit != "B" && !unit.empty()) {
    return refuse(node,
                  "\"" + node.text + "\" is no size; write B, KiB, MiB or GiB, as in \"64KiB\"");
  }
  if (error != std::errc() || value > (std::uint64_t{1} << 40U)) {
    return refuse(node, "\"" + node.text + "\" is no size; write it as in \"64KiB\"");
  }
  return value << shift;
}

Result read_path(const Node& node, const Folders& folders) {
  const auto path = folders.resolve_secret(node.text);
  if (node.text.empty()) {
    return refuse(node, "is empty; write a path");
  }
  const auto text = read_file(path, kMaxTextSize, FileKind::regular);
  if (!text) {
    return refuse(node, path.string() + " cannot be read: " + text.error());
  }
  return path.string();
}

Result read_login(const Node& node, const Folders& folders) {
  constexpr std::size_t kLoginLimit = 4096;
  constexpr unsigned kOthers = 0007;
  const auto path = folders.resolve_secret(node.text);
  if (node.text.empty()) {
    return refuse(node, "is empty; write a path");
  }
  auto file = read_file(path, kLoginLimit, FileKind::regular);
  if (!file) {
    return refuse(node, path.string() + " cannot be read: " + file.error());
  }
  if ((file->mode & kOthers) != 0) {
    return refuse(node, path.string() + " is open to every user of this machine; run: chmod 640 " +
                            path.string());
  }
  auto login = probes::Login::parse(file->text, path.string());
  std::ranges::fill(file->text, '\0');
  return login ? Result(*std::move(login)) : refuse(node, path.string() + " " + login.error());
}

Result read_status_list(const Node& node) {
  if (node.kind != Node::Kind::list) {
    return node.text;  // a number keeps its text
  }
  std::string joined;
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::text && item.kind != Node::Kind::number) {
      return refuse(item, std::string("a status is a code or a range such as \"200-299\", not ") +
                              to_string(item.kind));
    }
    joined += (joined.empty() ? "" : ",") + item.text;
  }
  return joined;
}

std::expected<probes::TextMap, Finding> read_text_map(const Node& node, bool flags) {
  probes::TextMap map;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& value = node.items[i];
    if (value.kind == Node::Kind::text) {
      map.emplace_back(node.keys[i].text, value.text);
    } else if (flags && value.kind == Node::Kind::flag) {
      map.emplace_back(node.keys[i].text, value.flag ? "true" : "false");
    } else {
      return refuse(value,
                    "\"" + node.keys[i].text + "\" must be a string, not " + to_string(value.kind));
    }
  }
  return map;
}

Result read_steps(const Node& node) {
  std::vector<probes::TextMap> steps;
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::object || item.items.size() != 1) {
      return refuse(item, "a step is an object with one key, such as {\"expect\": \"^220 \"}");
    }
    auto step = read_text_map(item, true);
    if (!step) {
      return std::unexpected(std::move(step.error()));
    }
    steps.push_back(std::move(*step));
  }
  return steps;
}

// Whoever may change the program may run anything as us.
std::string why_not_executable(const std::filesystem::path& program) {
  struct ::stat status{};
  if (::stat(program.c_str(), &status) != 0) {
    return std::generic_category().message(errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return S_ISDIR(status.st_mode) ? "it is a folder" : "it is no regular file";
  }
  if (::access(program.c_str(), X_OK) != 0) {
    return std::generic_category().message(errno) + "; run: chmod +x " + program.string();
  }
  return (status.st_mode & S_IWOTH) != 0
             ? "every user of this machine may change it; run: chmod o-w " + program.string()
             : "";
}

Result read_command(const Node& node, const Folders& folders) {
  std::vector<std::string> command;
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::text) {
      return refuse(item, std::string("an argument is a string, not ") + to_string(item.kind) +
                              "; write it in quotes");
    }
    command.push_back(item.text);
  }
  if (command.empty() || command.front().empty()) {
    return refuse(node,
                  "names no program; write its path first, as in "
                  "[\"/usr/lib/nagios/plugins/check_tcp\", \"-H\", \"{address}\"]");
  }
  const auto program = folders.resolve(command.front());
  if (const std::string why = why_not_executable(program); !why.empty()) {
    const std::string& written = command.front();
    const bool bare = written.find('/') == std::string::npos;
    const char* cure = written.find(' ') != std::string::npos
                           ? "; no shell takes it apart: each argument is an item of its own"
                       : bare ? "; write its whole path: PATH is not searched"
                              : "";
    return refuse(node.items.front(), program.string() + " cannot be run: " + why + cure);
  }
  command.front() = program.string();
  return command;
}

}  // namespace

unsigned shapes_of(probes::FieldType type) {
  switch (type) {
    case probes::FieldType::text:
    case probes::FieldType::path:
    case probes::FieldType::later_path:
    case probes::FieldType::login:
    case probes::FieldType::address:
    case probes::FieldType::pattern:
      return kText;
    case probes::FieldType::flag:
      return kFlag;
    case probes::FieldType::duration:
      return kDuration;
    case probes::FieldType::size:
      return kText | kInteger;
    case probes::FieldType::count:
      return kInteger;
    case probes::FieldType::status_list:
      return kText | kInteger | kList;
    case probes::FieldType::text_map:
      return kObject;
    case probes::FieldType::steps:
    case probes::FieldType::command:
      return kList;
  }
  return 0;
}

Result read_field_value(const Node& node, probes::FieldType type, const Folders& folders) {
  switch (type) {
    case probes::FieldType::text:
    case probes::FieldType::pattern:
      return node.text;
    case probes::FieldType::flag:
      return node.flag;
    case probes::FieldType::duration: {
      const auto duration = net::parse_duration(node.text);
      return duration ? Result(*duration) : refuse(node, duration.error());
    }
    case probes::FieldType::size:
      return read_size(node);
    case probes::FieldType::path:
      return read_path(node, folders);
    case probes::FieldType::later_path:
      return node.text.empty() ? refuse(node, "is empty; write a path")
                               : Result(folders.resolve(node.text).string());
    case probes::FieldType::login:
      return read_login(node, folders);
    case probes::FieldType::address: {
      const auto address = net::IpAddress::parse(node.text);
      return address ? Result(*address) : refuse(node, "\"" + node.text + "\" is no IP address");
    }
    case probes::FieldType::count:
      return static_cast<std::uint64_t>(node.integer.value_or(0));
    case probes::FieldType::status_list:
      return read_status_list(node);
    case probes::FieldType::text_map: {
      auto map = read_text_map(node, false);
      return map ? Result(std::move(*map)) : std::unexpected(std::move(map.error()));
    }
    case probes::FieldType::steps:
      return read_steps(node);
    case probes::FieldType::command:
      return read_command(node, folders);
  }
  return refuse(node, "a type of value this reader does not know");
}

}  // namespace ronda::agent
