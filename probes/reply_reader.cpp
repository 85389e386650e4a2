#include "probes/reply_reader.hpp"

#include <algorithm>
#include <utility>

namespace ronda::probes {

namespace {

// RFC 5321 allows 512 octets; real servers say more.
constexpr std::size_t kLongestLine = 4096;

std::optional<std::string_view> code_of(std::string_view line) {
  const std::string_view code = line.substr(0, 3);
  const bool shaped = code.size() == 3 && code[0] >= '1' && code[0] <= '5' &&
                      std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
  return shaped ? std::optional(code) : std::nullopt;
}

std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

std::string in_capitals(std::string_view word) {
  std::string text(word);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return text;
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
  switch (grammar_) {
    case Grammar::smtp:
    case Grammar::ftp:
      return take_coded(line);
    case Grammar::imap:
      return take_tagged(line);
    case Grammar::pop3:
      break;
  }
  return take_signed(line);
}

std::expected<bool, std::string> ReplyReader::take_coded(std::string_view line) {
  const auto code = code_of(line);
  const bool first = current_.lines.empty();
  const bool shaped = code && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
  if (first || grammar_ == Grammar::smtp) {
    if (!shaped || (!first && *code != current_.status)) {
      return std::unexpected(std::string(line));
    }
  }
  if (first) {
    current_.status = *code;
  }
  current_.lines.emplace_back(line);
  return shaped && *code == current_.status && is_last(line);
}

std::expected<bool, std::string> ReplyReader::take_tagged(std::string_view line) {
  std::string_view rest = line;
  const std::string_view tag = take_word(rest);
  const std::string status = in_capitals(take_word(rest));
  const bool unasked = tag == "*";
  if (tag.empty() || (!greeted_ && !unasked)) {
    return std::unexpected(std::string(line));
  }
  current_.lines.emplace_back(line);
  if (unasked && greeted_ && status != "BYE") {
    return false;
  }
  greeted_ = true;
  current_.tag = tag;
  current_.status = status;
  return true;
}

std::expected<bool, std::string> ReplyReader::take_signed(std::string_view line) {
  std::string_view rest = line;
  current_.status = in_capitals(take_word(rest));
  if (current_.status != "+OK" && current_.status != "-ERR") {
    return std::unexpected(std::string(line));
  }
  current_.lines.emplace_back(line);
  return true;
}

bool ReplyReader::empty() const {
  return buffer_.empty() && current_.lines.empty();
}

std::string_view ReplyReader::pending() const {
  return current_.lines.empty() ? std::string_view(buffer_)
                                : std::string_view(current_.lines.front());
}

}  // namespace ronda::probes
