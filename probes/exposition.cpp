#include "probes/exposition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "probes/result.hpp"

namespace ronda::probes {

namespace {

constexpr std::size_t kMostLabels = 32;
// A host of containers has hundreds of both.
constexpr std::size_t kMostDisks = 1024;
constexpr std::size_t kMostDevices = 512;

struct Sample {
  std::string_view name{};
  std::vector<std::pair<std::string_view, std::string>> labels{};
  double value = 0;

  std::string label(std::string_view key) const {
    const auto found = std::ranges::find(labels, key, &decltype(labels)::value_type::first);
    return found == labels.end() ? "" : found->second;
  }
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

// Reads one line from the left; every step says whether it was there.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view take_name() {
    skip_blanks();
    const auto end = std::ranges::find_if_not(rest_, is_name_character);
    return cut(static_cast<std::size_t>(end - rest_.begin()));
  }
  std::optional<std::string> take_quoted() {
    if (!take('"')) {
      return std::nullopt;
    }
    std::string text;
    while (!rest_.empty() && rest_.front() != '"') {
      const bool escaped = rest_.front() == '\\';
      rest_.remove_prefix(escaped ? 1 : 0);
      if (rest_.empty()) {
        return std::nullopt;
      }
      text += escaped && rest_.front() == 'n' ? '\n' : rest_.front();
      rest_.remove_prefix(1);
    }
    return take('"') ? std::optional(std::move(text)) : std::nullopt;
  }
  std::optional<double> take_number() {
    skip_blanks();
    std::string_view word = cut(std::min(rest_.find_first_of(" \t"), rest_.size()));
    word.remove_prefix(word.starts_with('+') ? 1 : 0);
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() ? std::optional(value)
                                                                    : std::nullopt;
  }
  bool at_end() {
    skip_blanks();
    return rest_.empty();
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }
  std::string_view cut(std::size_t length) {
    const std::string_view piece = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return piece;
  }
  std::string_view rest_;
};

bool take_labels(Scanner& scanner, Sample& sample) {
  while (!scanner.take('}')) {
    const std::string_view key = scanner.take_name();
    auto value = scanner.take('=') ? scanner.take_quoted() : std::nullopt;
    if (key.empty() || !value || sample.labels.size() == kMostLabels) {
      return false;
    }
    sample.labels.emplace_back(key, std::move(*value));
    if (!scanner.take(',')) {
      return scanner.take('}');
    }
  }
  return true;
}

// name{label="value",...} value [milliseconds]
std::optional<Sample> read_sample(std::string_view line) {
  Scanner scanner(line);
  Sample sample{.name = scanner.take_name()};
  if (sample.name.empty() || (scanner.take('{') && !take_labels(scanner, sample))) {
    return std::nullopt;
  }
  const auto value = scanner.take_number();
  const bool whole = scanner.at_end() || (scanner.take_number() && scanner.at_end());
  if (!value || !whole) {
    return std::nullopt;
  }
  sample.value = *value;
  return sample;
}

bool is_own_disk(const Sample& sample) {
  static constexpr auto kNot = std::to_array<std::string_view>(
      {"tmpfs", "devtmpfs", "ramfs", "rootfs", "overlay", "squashfs", "erofs", "iso9660",
       "udf",   "nsfs",     "proc",  "sysfs",  "autofs",  "tracefs",  "bpf",   "efivarfs",
       "nfs",   "nfs4",     "cifs",  "smb3",   "ceph",    "9p",       "afs",   "glusterfs"});
  const std::string type = sample.label("fstype");
  return !type.empty() && !type.starts_with("fuse") && !type.starts_with("cgroup") &&
         std::ranges::find(kNot, type) == kNot.end();
}

struct Disk {
  double size = 0;
  double available = -1;
  bool read_only = false;
};

// Everything the lines have said so far.
class Host {
 public:
  static bool wants(std::string_view line) {
    static constexpr auto kNames = std::to_array<std::string_view>(
        {"node_load1", "node_cpu_seconds_total", "node_memory_MemAvailable_bytes",
         "node_memory_MemTotal_bytes", "node_filesystem_size_bytes", "node_filesystem_avail_bytes",
         "node_filesystem_readonly", "node_network_receive_bytes_total",
         "node_network_transmit_bytes_total"});
    const auto end = std::ranges::find_if_not(line, is_name_character);
    const auto length = static_cast<std::size_t>(end - line.begin());
    return std::ranges::find(kNames, line.substr(0, length)) != kNames.end();
  }

  // False: more of them than a host has.
  bool take(const Sample& sample) {
    if (!std::isfinite(sample.value) || sample.value < 0) {
      return true;  // known to nobody, not even to the exporter
    }
    if (sample.name == "node_load1") {
      load_ = sample.value;
    } else if (sample.name == "node_cpu_seconds_total") {
      cores_ += sample.label("mode") == "idle" ? 1 : 0;
    } else if (sample.name == "node_memory_MemAvailable_bytes") {
      memory_.available = sample.value;
    } else if (sample.name == "node_memory_MemTotal_bytes") {
      memory_.size = sample.value;
    } else if (sample.name.starts_with("node_filesystem_")) {
      return !is_own_disk(sample) || take_disk(sample);
    } else if (sample.label("device") != "lo") {
      devices_[sample.label("device")] += sample.value;
      return devices_.size() <= kMostDevices;
    }
    return true;
  }

  Reading reading() const {
    Reading reading;
    if (load_ && cores_ > 0) {
      reading.measures.push_back({.name = "load_per_core", .value = *load_ / cores_});
    }
    if (const auto used = used_of(memory_)) {
      reading.measures.push_back({.name = "memory_used", .value = *used});
    }
    std::optional<double> fullest;
    for (const auto& [place, disk] : disks_) {
      const auto used = disk.read_only ? std::nullopt : used_of(disk);
      fullest = used ? std::max(fullest.value_or(0), *used) : fullest;
    }
    if (fullest) {
      reading.measures.push_back({.name = "disk_used", .value = *fullest});
    }
    for (const auto& [device, octets] : devices_) {
      reading.measures.push_back({.name = "network", .value = octets, .part = device});
    }
    return reading;
  }

 private:
  static std::optional<double> used_of(const Disk& disk) {
    if (disk.size <= 0 || disk.available < 0 || disk.available > disk.size) {
      return std::nullopt;
    }
    return 1 - disk.available / disk.size;
  }

  bool take_disk(const Sample& sample) {
    Disk& disk = disks_[sample.label("mountpoint")];
    if (sample.name == "node_filesystem_size_bytes") {
      disk.size = sample.value;
    } else if (sample.name == "node_filesystem_avail_bytes") {
      disk.available = sample.value;
    } else {
      disk.read_only = sample.value != 0;
    }
    return disks_.size() <= kMostDisks;
  }

  std::optional<double> load_{};
  int cores_ = 0;
  Disk memory_{};
  std::map<std::string, Disk> disks_{};  // by mount point
  std::map<std::string, double> devices_{};
};

}  // namespace

std::expected<Reading, std::string> read_host_report(std::string_view text) {
  Host host;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    if (!Host::wants(line)) {
      continue;
    }
    const auto sample = read_sample(line);
    if (!sample) {
      return std::unexpected("line " + std::to_string(number) + " is no sample: \"" +
                             printable(line, 80) + "\"");
    }
    if (!host.take(*sample)) {
      return std::unexpected("line " + std::to_string(number) +
                             " is one disk or network device too many");
    }
  }
  return host.reading();
}

}  // namespace ronda::probes
