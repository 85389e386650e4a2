#include "agent/config/problems.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ronda::agent {
namespace {

constexpr std::size_t kShown = 100;
constexpr std::size_t kKept = 4096;  // trimmed to kShown when reached: a list of a million errors
constexpr std::size_t kLongestMessage = 1000;
constexpr std::size_t kExcerpt = 160;  // octets of a long line that are shown

bool earlier(const Finding& a, const Finding& b) {
  return std::tie(a.place, a.message) < std::tie(b.place, b.message);
}

bool same(const Finding& a, const Finding& b) {
  return a.place == b.place && a.message == b.message;
}

void tidy(std::vector<Finding>& findings, std::size_t& count) {
  std::ranges::sort(findings, earlier);
  const auto repeated = std::ranges::unique(findings, same);
  count -= static_cast<std::size_t>(repeated.size());
  findings.erase(repeated.begin(), repeated.end());
}

void keep(std::vector<Finding>& findings, std::size_t& count, Finding finding) {
  findings.push_back(std::move(finding));
  ++count;
  if (findings.size() >= kKept) {
    tidy(findings, count);
    findings.resize(std::min(findings.size(), kShown));
  }
}

// Keys and values are quoted in messages: nothing in them may drive a terminal or flood it.
std::string presentable(std::string_view text, std::size_t limit) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string shown;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7F) {
      shown += c;
    } else {
      shown += {'\\', 'x', kDigits[octet >> 4U], kDigits[octet & 15U]};
    }
    if (shown.size() >= limit && (octet & 0xC0U) != 0xC0U) {
      return shown + "...";
    }
  }
  return shown;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

Problems::Problems(std::string file, std::string_view text) : file_(std::move(file)), text_(text) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      line_starts_.push_back(i + 1);
    }
  }
}

void Problems::error(Place place, const std::string& message) {
  keep(errors_, error_count_, {place, presentable(message, kLongestMessage)});
}

void Problems::warning(Place place, const std::string& message) {
  keep(warnings_, warning_count_, {place, presentable(message, kLongestMessage)});
}

Problems::Position Problems::position(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(line_starts_, offset);
  const auto line = static_cast<std::size_t>(after - line_starts_.begin());
  return {line, offset - line_starts_[line - 1] + 1};
}

std::string Problems::describe(Place place) const {
  const Position at = position(place.begin);
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

ConfigProblem Problems::locate(const Finding& finding, const Node& root) const {
  const Position at = position(finding.place.begin);
  const std::size_t start = line_starts_[at.line - 1];
  std::string_view line = text_.substr(start);
  line = line.substr(0, line.find_first_of("\r\n"));

  ConfigProblem problem;
  problem.file = file_;
  problem.line = at.line;
  problem.column = at.column;
  problem.pointer = pointer_at(root, finding.place.begin);
  problem.message = finding.message;
  const std::size_t offset = std::min(at.column - 1, line.size());
  std::size_t first = line.size() <= kExcerpt || offset < kExcerpt / 2 ? 0 : offset - kExcerpt / 2;
  while (first > 0 && is_continuation(line[first])) {
    --first;
  }
  std::size_t last = std::min(line.size(), first + kExcerpt);
  while (last < line.size() && is_continuation(line[last])) {
    ++last;
  }
  problem.source = std::string(line.substr(first, last - first));
  for (auto bad = find_bad_utf8(problem.source); bad != std::string::npos;
       bad = find_bad_utf8(problem.source)) {
    problem.source[bad] = '?';
  }
  for (char& c : problem.source) {
    const bool drives_terminal = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    c = drives_terminal && c != '\t' ? '?' : c;
  }
  problem.caret = offset - first + 1;
  const std::size_t width = finding.place.end - finding.place.begin;
  problem.width = std::clamp<std::size_t>(
      width, 1, std::max<std::size_t>(problem.source.size() - (problem.caret - 1), 1));
  return problem;
}

std::vector<ConfigProblem> Problems::take_errors(const Node& root) {
  tidy(errors_, error_count_);
  std::vector<ConfigProblem> problems;
  for (std::size_t i = 0; i < errors_.size() && i < kShown; ++i) {
    problems.push_back(locate(errors_[i], root));
  }
  if (error_count_ > problems.size()) {
    ConfigProblem rest;
    rest.file = file_;
    rest.message = std::to_string(error_count_ - problems.size()) +
                   " more problems are not shown; mend these first";
    problems.push_back(std::move(rest));
  }
  return problems;
}

std::vector<std::string> Problems::take_warnings() {
  tidy(warnings_, warning_count_);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < warnings_.size() && i < kShown; ++i) {
    const Position at = position(warnings_[i].place.begin);
    lines.push_back(file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                    ": warning: " + warnings_[i].message);
  }
  if (warning_count_ > lines.size()) {
    lines.push_back(file_ + ": warning: " + std::to_string(warning_count_ - lines.size()) +
                    " more warnings are not shown");
  }
  return lines;
}

std::string ConfigProblem::to_string() const {
  if (line == 0) {
    return file + ": error: " + message;
  }
  std::string number = std::to_string(line);
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
  std::string printed =
      file + ":" + std::to_string(line) + ":" + std::to_string(column) +
      ": error: " + (pointer.empty() ? "" : presentable(pointer, kLongestMessage) + ": ") +
      message + "\n" + number + " | " + source + "\n" + std::string(number.size(), ' ') + " | ";
  for (std::size_t i = 0; i + 1 < caret && i < source.size(); ++i) {
    if (!is_continuation(source[i])) {
      printed += source[i] == '\t' ? '\t' : ' ';
    }
  }
  printed += '^';
  for (std::size_t i = caret; i < caret - 1 + width && i < source.size(); ++i) {
    if (!is_continuation(source[i])) {
      printed += '~';
    }
  }
  return printed;
}

}  // namespace ronda::agent
