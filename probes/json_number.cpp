#include "probes/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <nlohmann/json.hpp>

#include "probes/result.hpp"

namespace ronda::probes {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kBlanks = " \t\r\n";

std::optional<double> number_of(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::vector<std::string> steps_of(std::string_view pointer) {
  std::vector<std::string> steps;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      steps.emplace_back();
    } else if (pointer[i] == '~') {
      steps.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      steps.back() += pointer[i];
    }
  }
  return steps;
}

// Follows the pointer while the text is read, once, and keeps the number it leads to: a tree would
// take many times the room and time of the text, and its shape is somebody else's to choose.
class Finder final : public nlohmann::json_sax<Json> {
 public:
  explicit Finder(std::string_view pointer) : steps_(steps_of(pointer)) {}
  std::optional<double> found() const { return found_; }

  bool null() override { return take({}); }
  bool boolean(bool) override { return take({}); }
  bool number_integer(number_integer_t value) override { return take(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return take(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return take(value); }
  bool string(string_t& text) override { return take(number_of(text)); }
  bool binary(binary_t&) override { return take({}); }
  bool start_object(std::size_t) override { return open(std::nullopt); }
  bool start_array(std::size_t) override { return open(0); }
  bool key(string_t& name) override {
    const std::string* step = next_step();
    matches_ = step != nullptr && name == *step;
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  // That leads on from the innermost container; nullptr: the pointer does not go through it.
  const std::string* next_step() const {
    return depth_ == way_.size() && depth_ <= steps_.size() ? &steps_[depth_ - 1] : nullptr;
  }
  // Is the value that begins now one the pointer goes through, or ends at?
  bool on_way() {
    if (depth_ == 0) {
      return true;
    }
    const std::string* step = next_step();
    if (step == nullptr) {
      return false;
    }
    std::optional<std::size_t>& index = way_.back();
    return index ? std::to_string((*index)++) == *step : matches_;
  }
  // Of a key that stands twice the last one counts.
  bool take(std::optional<double> value) {
    if (on_way()) {
      found_ = depth_ == steps_.size() ? value : std::nullopt;
    }
    return true;
  }
  bool open(std::optional<std::size_t> index) {
    if (on_way()) {
      found_.reset();
      way_.push_back(index);
    }
    ++depth_;
    return true;
  }
  bool close() {
    if (depth_ == way_.size()) {
      way_.pop_back();
    }
    --depth_;
    return true;
  }

  std::vector<std::string> steps_;
  std::size_t depth_ = 0;                          // open containers
  std::vector<std::optional<std::size_t>> way_{};  // of those on the way: the next index of a list
  bool matches_ = false;                           // the key that was read last
  std::optional<double> found_{};
};

std::string got(std::string_view text) {
  return text.empty() ? "nothing" : "\"" + printable(text, 60) + "\"";
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) {
      return false;
    }
  }
  return text.empty() || text.starts_with('/');
}

std::expected<double, std::string> parse_plain_number(std::string_view text) {
  std::string_view word = text;
  word.remove_prefix(std::min(word.find_first_not_of(kBlanks), word.size()));
  word = word.substr(0, word.find_last_not_of(kBlanks) + 1);
  const auto value = number_of(word);
  if (!value) {
    return std::unexpected("expected a number, got " + got(text));
  }
  return *value;
}

std::expected<double, std::string> find_json_number(std::string_view text,
                                                    std::string_view pointer) {
  if (is_json_pointer(pointer)) {
    Finder finder(pointer);
    const bool whole = Json::sax_parse(text, &finder);
    if (const auto value = finder.found(); whole && value) {
      return *value;
    }
  }
  return std::unexpected("expected JSON with a number at \"" + printable(pointer, 60) + "\", got " +
                         got(text));
}

}  // namespace ronda::probes
