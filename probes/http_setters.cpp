#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <iterator>
#include <optional>

#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

namespace {

SetOutcome keep_pattern(const std::string& text, std::string& member) {
  auto sound = check_pattern(text);
  if (sound) {
    member = text;
  }
  return sound;
}

SetOutcome keep_header_patterns(const TextMap& map, TextMap& member) {
  for (const auto& [name, pattern] : map) {
    if (!is_token(name)) {
      return std::unexpected(in_quotes(name) + " is not a header name");
    }
    if (auto sound = check_pattern(pattern); !sound) {
      return std::unexpected(name + ": " + sound.error());
    }
  }
  member = map;
  return {};
}

}  // namespace

SetOutcome set_method(CheckSpec& check, const std::string& text) {
  static constexpr std::array<std::string_view, 4> kMethods = {"GET", "HEAD", "OPTIONS", "POST"};
  if (std::ranges::find(kMethods, text) == kMethods.end()) {
    return std::unexpected(in_quotes(text) + " is none of GET, HEAD, OPTIONS, POST (capitals)");
  }
  std::get<HttpCheck>(check.protocol).method = text;
  return {};
}

SetOutcome set_path(CheckSpec& check, const std::string& text) {
  if (!text.starts_with('/')) {
    return std::unexpected(in_quotes(text) + " must begin with \"/\"; host and port are keys");
  }
  if (!std::ranges::all_of(text, is_visible) || text.find('#') != std::string::npos) {
    return std::unexpected(in_quotes(text) +
                           " holds a space, \"#\" or a byte that must be written as %NN");
  }
  std::get<HttpCheck>(check.protocol).path = text;
  return {};
}

SetOutcome set_host(CheckSpec& check, const std::string& text) {
  if (text.find_first_of("@/") != std::string::npos) {  // not quoted: it may hold a password
    return std::unexpected(
        "holds a user, a scheme or a path; write a name alone, and a port where Host has one");
  }
  if (text.empty() || !std::ranges::all_of(text, is_visible)) {
    return std::unexpected(in_quotes(text) + " cannot be a Host header");
  }
  std::get<HttpCheck>(check.protocol).host = text;
  return {};
}

SetOutcome set_headers(CheckSpec& check, const TextMap& map) {
  for (const auto& [name, content] : map) {
    if (!is_token(name)) {
      return std::unexpected(in_quotes(name) + " is not a header name");
    }
    if (content.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return std::unexpected(name + ": a header value cannot hold a line break");
    }
    const auto same = std::ranges::count_if(map, [&](const auto& other) {
      return std::ranges::equal(name, other.first, [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
      });
    });
    if (same > 1) {
      return std::unexpected(name + ": stands there twice, in other letters; write it once");
    }
  }
  std::get<HttpCheck>(check.protocol).headers = map;
  return {};
}

std::expected<std::vector<std::pair<int, int>>, std::string> parse_status_list(
    std::string_view text) {
  const auto code = [](std::string_view digits) -> std::optional<int> {
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || number < 100 ||
        number > 599) {
      return std::nullopt;
    }
    return number;
  };
  std::string compact;
  std::ranges::copy_if(text, std::back_inserter(compact), [](char c) { return c != ' '; });
  std::vector<std::pair<int, int>> ranges;
  std::string_view rest = compact;
  while (true) {
    const std::string_view item = rest.substr(0, rest.find(','));
    const auto dash = item.find('-');
    const auto low = code(item.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : code(item.substr(dash + 1));
    if (!low || !high || *low > *high) {
      return std::unexpected(in_quotes(item) +
                             " is not a status code or range, write for example \"200-299,301\"");
    }
    ranges.emplace_back(*low, *high);
    if (item.size() == rest.size()) {
      return ranges;
    }
    rest.remove_prefix(item.size() + 1);
  }
}

SetOutcome set_status(CheckSpec& check, const std::string& text) {
  if (text.empty()) {
    return std::unexpected(
        "an empty list: no answer would ever pass; name at least one status code");
  }
  auto ranges = parse_status_list(text);
  if (!ranges) {
    return std::unexpected(ranges.error());
  }
  std::get<HttpCheck>(check.protocol).status = std::move(*ranges);
  return {};
}

SetOutcome set_drain_status(CheckSpec& check, const std::string& text) {
  auto& http = std::get<HttpCheck>(check.protocol);
  if (text.empty()) {
    http.drain_status.clear();
    return {};
  }
  auto ranges = parse_status_list(text);
  if (!ranges) {
    return std::unexpected(ranges.error());
  }
  http.drain_status = std::move(*ranges);
  return {};
}

SetOutcome set_body(CheckSpec& check, const std::string& text) {
  return keep_pattern(text, std::get<HttpCheck>(check.protocol).body);
}
SetOutcome set_body_not(CheckSpec& check, const std::string& text) {
  return keep_pattern(text, std::get<HttpCheck>(check.protocol).body_not);
}
SetOutcome set_header(CheckSpec& check, const TextMap& map) {
  return keep_header_patterns(map, std::get<HttpCheck>(check.protocol).header);
}
SetOutcome set_header_not(CheckSpec& check, const TextMap& map) {
  return keep_header_patterns(map, std::get<HttpCheck>(check.protocol).header_not);
}

// RFC 7617 2: a server would take what is behind the colon for the password.
SetOutcome set_basic_auth(CheckSpec& check, const Login& login) {
  if (login && login.user().find(':') != std::string::npos) {
    return std::unexpected(login.file() + ": a user's name for HTTP cannot hold a colon");
  }
  std::get<HttpCheck>(check.protocol).login = login;
  return {};
}

SetOutcome set_http_version(CheckSpec& check, const std::string& text) {
  if (text != "1.1" && text != "2") {
    return std::unexpected(in_quotes(text) + " is none of \"1.1\", \"2\"");
  }
  std::get<HttpCheck>(check.protocol).version = text == "2" ? HttpVersion::two : HttpVersion::one;
  return {};
}

}  // namespace ronda::probes
