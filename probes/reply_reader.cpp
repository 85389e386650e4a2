#include "probes/reply_reader.hpp"

#include <algorithm>
#include <utility>

namespace ronda::probes {

namespace {

// RFC 5321 allows 512 octets; real servers say more.
constexpr std::size_t kLongestLine = 4096;

std::optional<int> code_of(std::string_view line) {
  if (line.size() < 3 || line[0] < '1' || line[0] > '5') {
    return std::nullopt;
  }
  int code = 0;
  for (const char digit : line.substr(0, 3)) {
    if (digit < '0' || digit > '9') {
      return std::nullopt;
    }
    code = code * 10 + (digit - '0');
  }
  return code;
}

bool is_last(std::string_view line) {
  return line.size() == 3 || line[3] == ' ';
}

}  // namespace

void ReplyReader::push(std::string_view bytes) {
  buffer_.append(bytes);
}

std::expected<std::optional<Reply>, std::string> ReplyReader::next() {
  std::size_t start = 0;
  std::expected<std::optional<Reply>, std::string> outcome{};
  while (true) {
    const auto end = buffer_.find('\n', std::max(start, scanned_));
    const std::size_t length = (end == std::string::npos ? buffer_.size() : end) - start;
    if (length > kLongestLine) {
      outcome = std::unexpected(buffer_.substr(start, 40) + "... (a line over 4096 bytes)");
      break;
    }
    if (end == std::string::npos) {
      break;
    }
    std::string_view line(buffer_.data() + start, length);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    const auto whole = take(line);
    start = end + 1;
    scanned_ = start;
    if (!whole) {
      outcome = std::unexpected(whole.error());
      break;
    }
    if (*whole) {
      outcome = std::exchange(current_, {});
      break;
    }
  }
  buffer_.erase(0, start);
  // Behind a whole reply nothing is scanned yet; otherwise everything is.
  const bool searched = outcome.has_value() && !outcome->has_value();
  scanned_ = searched ? buffer_.size() : 0;
  return outcome;
}

std::expected<bool, std::string> ReplyReader::take(std::string_view line) {
  const auto code = code_of(line);
  const bool first = current_.lines.empty();
  const bool shaped = code && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
  if (first || continuation_ == Continuation::coded) {
    if (!shaped || (!first && *code != current_.code)) {
      return std::unexpected(std::string(line));
    }
  }
  if (first) {
    current_.code = *code;
  }
  current_.lines.emplace_back(line);
  return shaped && *code == current_.code && is_last(line);
}

bool ReplyReader::empty() const {
  return buffer_.empty() && current_.lines.empty();
}

std::string_view ReplyReader::pending() const {
  return current_.lines.empty() ? std::string_view(buffer_)
                                : std::string_view(current_.lines.front());
}

}  // namespace ronda::probes
