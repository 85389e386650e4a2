#include "probes/exposition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "probes/result.hpp"

namespace ronda::probes {

namespace {

constexpr std::size_t kMostLabels = 32;
// A host of containers has hundreds of both.
constexpr std::size_t kMostDisks = 1024;
constexpr std::size_t kMostDevices = 512;
// Two thousand cores say eight each. They are read in one turn of the loop.
constexpr std::size_t kMostSamples = 32'768;
constexpr std::string_view kPrefix = "node_";

// Views of the line.
struct Label {
  std::string_view key{};
  std::string_view quoted{};  // with its escapes

  std::string value() const {
    std::string text;
    for (std::size_t at = 0; at < quoted.size(); ++at) {
      const bool escaped = quoted[at] == '\\';
      at += escaped ? 1 : 0;
      text += escaped && quoted[at] == 'n' ? '\n' : quoted[at];
    }
    return text;
  }
};

struct Sample {
  std::string_view name{};
  std::array<Label, kMostLabels> labels{};
  std::size_t label_count = 0;
  double value = 0;

  std::string label(std::string_view key) const {
    const auto end = labels.begin() + static_cast<std::ptrdiff_t>(label_count);
    const auto found =
        std::find_if(labels.begin(), end, [&](const Label& label) { return label.key == key; });
    return found == end ? "" : found->value();
  }
};

constexpr std::array<bool, 256> kOfNames = [] {
  std::array<bool, 256> of_names{};
  for (const char c :
       std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:")) {
    of_names[static_cast<unsigned char>(c)] = true;
  }
  return of_names;
}();

std::string_view name_in_front(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && kOfNames[static_cast<unsigned char>(text[length])]) {
    ++length;
  }
  return text.substr(0, length);
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
    return cut(name_in_front(rest_).size());
  }
  std::optional<std::string_view> take_quoted() {
    if (!take('"')) {
      return std::nullopt;
    }
    std::size_t length = 0;
    while (length < rest_.size() && rest_[length] != '"') {
      length += rest_[length] == '\\' ? std::size_t{2} : std::size_t{1};
    }
    if (length >= rest_.size()) {
      return std::nullopt;
    }
    const std::string_view text = cut(length);
    rest_.remove_prefix(1);
    return text;
  }
  std::optional<double> take_number() {
    skip_blanks();
    std::string_view word = cut(std::min({rest_.find(' '), rest_.find('\t'), rest_.size()}));
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
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
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
    const auto quoted = scanner.take('=') ? scanner.take_quoted() : std::nullopt;
    if (key.empty() || !quoted || sample.label_count == kMostLabels) {
      return false;
    }
    sample.labels[sample.label_count++] = {.key = key, .quoted = *quoted};
    if (!scanner.take(',')) {
      return scanner.take('}');
    }
  }
  return true;
}

// name{label="value",...} value [milliseconds]
bool read_sample(std::string_view line, Sample& sample) {
  Scanner scanner(line);
  sample.name = scanner.take_name();
  sample.label_count = 0;
  if (sample.name.empty() || (scanner.take('{') && !take_labels(scanner, sample))) {
    return false;
  }
  const auto value = scanner.take_number();
  const bool whole = scanner.at_end() || (scanner.take_number() && scanner.at_end());
  sample.value = value.value_or(0);
  return value && whole;
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
    return std::ranges::find(kNames, name_in_front(line)) != kNames.end();
  }

  // False: more than a host has.
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
    } else if (const std::string device = sample.label("device"); device != "lo") {
      devices_[device] += sample.value;
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

// Where the next line is that begins as all that are wanted do, at `from` or after it: most of a
// report is about other things. At the end of the text: there is none.
std::size_t find_line(std::string_view text, std::size_t from) {
  if (from >= text.size()) {
    return text.size();
  }
  const std::string_view rest = text.substr(from);
  if (rest.starts_with(kPrefix)) {
    return from;
  }
  static constexpr std::string_view kBegin = "\nnode_";
  const void* found = ::memmem(rest.data(), rest.size(), kBegin.data(), kBegin.size());
  return found == nullptr
             ? text.size()
             : static_cast<std::size_t>(static_cast<const char*>(found) + 1 - text.data());
}

std::string line_number(std::string_view text, std::size_t at) {
  return "line " + std::to_string(1 + std::ranges::count(text.substr(0, at), '\n'));
}

}  // namespace

std::expected<Reading, std::string> read_host_report(std::string_view text) {
  Host host;
  Sample sample;
  std::size_t samples = 0;
  for (auto at = find_line(text, 0); at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    if (Host::wants(line)) {
      if (!read_sample(line, sample)) {
        return std::unexpected(line_number(text, at) + " is no sample: \"" + printable(line, 80) +
                               "\"");
      }
      if (!host.take(sample)) {
        return std::unexpected(line_number(text, at) + " is one disk or network device too many");
      }
      if (++samples > kMostSamples) {
        return std::unexpected(line_number(text, at) + " is one sample of a host too many");
      }
    }
    at = find_line(text, end + 1);
  }
  return host.reading();
}

}  // namespace ronda::probes
