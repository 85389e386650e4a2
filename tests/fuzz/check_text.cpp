#include "tests/fuzz/check_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "probes/kinds.hpp"

namespace ronda::fuzz {
namespace {

using probes::Field;
using probes::FieldType;
using probes::FieldValue;
using probes::TextMap;

std::pair<std::string, std::string> split(std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  return {std::string(text.substr(0, blank)),
          std::string(text.substr(std::min(blank + 1, text.size())))};
}

// All lines of one key.
using Lines = std::vector<std::string_view>;

std::optional<FieldValue> value_of(FieldType type, const Lines& lines) {
  const std::string text(lines.back());
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  TextMap pairs;
  std::ranges::transform(lines, std::back_inserter(pairs), split);
  switch (type) {
    case FieldType::text:
    case FieldType::path:
    case FieldType::later_path:
    case FieldType::pattern:
    case FieldType::status_list:
      return text;
    case FieldType::flag:
      return text == "true";
    case FieldType::duration:
      return net::Duration(std::chrono::milliseconds(number % 1'000'000));
    case FieldType::size:
    case FieldType::count:
      return number;
    case FieldType::text_map:
      return pairs;
    case FieldType::steps: {
      std::vector<TextMap> steps;
      std::ranges::transform(pairs, std::back_inserter(steps),
                             [](const auto& pair) { return TextMap{pair}; });
      return steps;
    }
    case FieldType::login: {
      const auto login = probes::Login::parse(pairs.back().first + "\n" + pairs.back().second, "f");
      return login ? std::optional<FieldValue>(*login) : std::nullopt;
    }
    case FieldType::address:
    case FieldType::command:
      break;
  }
  return std::nullopt;
}

const Field* find_field(const probes::Kind& kind, std::string_view key) {
  for (const auto fields : {kind.fields, probes::common_fields()}) {
    const auto found = std::ranges::find(fields, key, &Field::key);
    if (found != fields.end()) {
      return &*found;
    }
  }
  return nullptr;
}

bool set_all(const probes::Kind& kind, const std::map<std::string_view, Lines>& keys,
             probes::CheckSpec& check) {
  return std::ranges::all_of(keys, [&](const auto& key) {
    const Field* field = find_field(kind, key.first);
    if (field == nullptr) {
      return false;
    }
    const auto value = value_of(field->type, key.second);
    if (!value) {
      return false;
    }
    const auto outcome = field->set(check, *value);
    require(outcome || !outcome.error().empty());
    return outcome.has_value();
  });
}

}  // namespace

void require(bool promise) {
  if (!promise) {
    std::abort();
  }
}

void require_shown(std::string_view detail) {
  require(detail.size() <= 200 && std::ranges::all_of(detail, [](char c) {
            return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
          }));
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

std::optional<CheckInput> read_check(std::span<const std::byte> input) {
  std::string_view rest(reinterpret_cast<const char*>(input.data()), input.size());
  const std::string_view first = take_line(rest);
  constexpr std::string_view kKind = "kind ";
  const probes::Kind* kind =
      first.starts_with(kKind) ? probes::find_kind(first.substr(kKind.size())) : nullptr;
  if (kind == nullptr) {
    return std::nullopt;
  }
  std::map<std::string_view, Lines> keys;
  for (std::string_view line = take_line(rest); !line.empty(); line = take_line(rest)) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    keys[line.substr(0, blank)].push_back(line.substr(std::min(blank + 1, line.size())));
  }
  CheckInput read{.check = {.kind = std::string(kind->name),
                            .protocol = kind->initial,
                            .tls = kind->default_tls,
                            .server_name = "www.example.com"},
                  .rest = rest};
  if (!set_all(*kind, keys, read.check) || !probes::validate(*kind, read.check).empty()) {
    return std::nullopt;
  }
  return read;
}

}  // namespace ronda::fuzz
