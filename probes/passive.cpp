#include "probes/passive.hpp"

#include "probes/credentials.hpp"
#include "probes/dialogue.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// Takes the first word from the front, and the blanks behind it.
std::string_view take_word(std::string_view& text) {
  const auto end = text.find_first_of(kBlanks);
  const std::string_view word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : trimmed(text.substr(end));
  return word;
}

std::string seconds_text(net::Duration duration) {
  return net::format_duration(std::chrono::duration_cast<std::chrono::seconds>(duration));
}

}  // namespace

std::optional<Verdict> parse_verdict(std::string_view text) {
  for (const Verdict verdict : {Verdict::pass, Verdict::warn, Verdict::fail}) {
    if (text == to_string(verdict)) {
      return verdict;
    }
  }
  return std::nullopt;
}

std::string reason_of(std::string_view text) {
  return printable(without_credentials(std::string(text)), 150);  // a cut credential is not known
}

std::expected<std::optional<Word>, std::string> find_word(std::string_view text,
                                                          const PassiveCheck& check,
                                                          const net::IpAddress& address) {
  const std::string whole = check.service + "/" + check.replica;
  std::expected<std::optional<Word>, std::string> found;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // of editors on Windows
  text.remove_prefix(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::string_view subject = take_word(line);
    if (subject != whole && subject != check.replica && net::IpAddress::parse(subject) != address) {
      continue;
    }
    const std::string_view verdict = take_word(line);
    if (const auto known = parse_verdict(verdict)) {
      found = Word{.verdict = *known, .reason = reason_of(line)};
    } else {
      found = std::unexpected("line " + std::to_string(number) + ": " + in_quotes(verdict) +
                              " is none of pass, warn, fail");
    }
  }
  return found;
}

ProbeResult judge_word(const Word& word, net::Duration age, net::Duration expires) {
  if (age > expires || age < -expires) {
    return make_unknown("the last word, " + std::string(to_string(word.verdict)) +
                        (age > expires ? ", is " + seconds_text(age) + " old and expires after "
                                       : ", is from the future by more than ") +
                        net::format_duration(expires));
  }
  const std::string detail =
      "reported " + std::string(to_string(word.verdict)) +
      (age < std::chrono::seconds(1) ? "" : " " + seconds_text(age) + " ago") +
      (word.reason.empty() ? "" : ": " + word.reason);
  if (word.verdict == Verdict::fail) {
    return make_fail(Code::L7STS, detail);
  }
  ProbeResult result = make_pass(Code::L7OK, detail);
  if (word.verdict == Verdict::warn) {
    result.verdict = Verdict::warn;
    result.code = Code::L7OKC;
  }
  return result;
}

ProbeResult nothing_reported(std::string_view why) {
  return make_unknown("nothing reported yet: " + std::string(why));
}

}  // namespace ronda::probes
