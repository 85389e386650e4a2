#include "agent/doctor/finding.hpp"

#include <algorithm>
#include <array>

namespace ronda::agent {
namespace {

constexpr std::size_t kTopicWidth = 12;

std::string padded(std::string word, std::size_t width) {
  word.resize(std::max(word.size() + 1, width), ' ');
  return word;
}

// What a server said goes to a terminal, and must not leave its line.
std::string on_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char octet) { return (octet >= 0 && octet < ' ') || octet == '\x7f'; }, '?');
  return text;
}

const char* color_of(Grade grade) {
  constexpr std::array<const char*, 5> colors{"\033[32m", "\033[2m", "\033[33m", "\033[31m",
                                              "\033[31m"};
  return colors.at(static_cast<std::size_t>(grade));
}

}  // namespace

const char* to_string(Grade grade) {
  constexpr std::array<const char*, 5> names{"ok", "skip", "warn", "lost", "bad"};
  return names.at(static_cast<std::size_t>(grade));
}

std::string to_text(const std::vector<DoctorFinding>& findings, bool color) {
  std::string text;
  for (const DoctorFinding& finding : findings) {
    const std::string grade = padded(to_string(finding.grade), 5);
    text += color ? color_of(finding.grade) + grade + "\033[0m" : grade;
    text += padded(finding.topic, kTopicWidth) + finding.subject + ": " + on_one_line(finding.text);
    if (!finding.mend.empty()) {
      text += " -> " + on_one_line(finding.mend);
    }
    text += "\n";
  }
  return text;
}

int exit_code(const std::vector<DoctorFinding>& findings) {
  Grade worst = Grade::ok;
  for (const DoctorFinding& finding : findings) {
    worst = std::max(worst, finding.grade);
  }
  constexpr std::array<int, 5> codes{0, 0, 1, 3, 2};
  return codes.at(static_cast<std::size_t>(worst));
}

}  // namespace ronda::agent
