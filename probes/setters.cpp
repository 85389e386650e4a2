#include "probes/setters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "probes/exec.hpp"
#include "probes/octets.hpp"
#include "probes/pattern.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

namespace {

constexpr std::uint64_t kReadLimitLeast = 512;
constexpr std::uint64_t kReadLimitMost = 16ULL << 20U;

// Not "quoted": newer standard libraries find their own std::quoted for a std::string.
std::string in_quotes(std::string_view text) {
  return "\"" + printable(text, 80) + "\"";
}

template <typename T>
std::expected<T, std::string> as(const FieldValue& value) {
  if (const T* held = std::get_if<T>(&value)) {
    return *held;
  }
  return std::unexpected("has the wrong type of value");
}

template <typename T, typename Member>
SetOutcome assign(const FieldValue& value, Member& member) {
  auto held = as<T>(value);
  if (!held) {
    return std::unexpected(held.error());
  }
  member = std::move(*held);
  return {};
}

// The protocol is the kind's `initial` by the time a setter of that kind runs.
template <typename P>
P& protocol(CheckSpec& check) {
  if (!std::holds_alternative<P>(check.protocol)) {
    check.protocol = P{};
  }
  return std::get<P>(check.protocol);
}

bool is_visible(char byte) {
  return byte > 0x20 && byte < 0x7f;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_name_or_address(std::string_view text) {
  return is_name(text) || net::IpAddress::parse(text).has_value();
}

bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

SetOutcome check_pattern(const std::string& text) {
  const std::string problem = Pattern(text).problem();
  if (!problem.empty()) {
    return std::unexpected(in_quotes(text) + " is not a pattern RE2 understands: " + problem);
  }
  return {};
}

SetOutcome assign_pattern(const FieldValue& value, std::string& member) {
  auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (auto sound = check_pattern(*text); !sound) {
    return sound;
  }
  member = std::move(*text);
  return {};
}

SetOutcome assign_header_patterns(const FieldValue& value, TextMap& member) {
  auto map = as<TextMap>(value);
  if (!map) {
    return std::unexpected(map.error());
  }
  for (const auto& [name, pattern] : *map) {
    if (!is_token(name)) {
      return std::unexpected(in_quotes(name) + " is not a header name");
    }
    if (auto sound = check_pattern(pattern); !sound) {
      return std::unexpected(name + ": " + sound.error());
    }
  }
  member = std::move(*map);
  return {};
}

}  // namespace

SetOutcome set_tls(CheckSpec& check, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (*text == "off") {
    check.tls = TlsMode::off;
  } else if (*text == "starttls") {
    check.tls = TlsMode::starttls;
  } else if (*text == "implicit") {
    check.tls = TlsMode::implicit;
  } else {
    return std::unexpected(in_quotes(*text) + " is none of off, starttls, implicit");
  }
  return {};
}

SetOutcome set_server_name(CheckSpec& check, const FieldValue& value) {
  auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (!is_name_or_address(*text)) {
    return std::unexpected(in_quotes(*text) + " is neither a host name nor an address");
  }
  check.server_name = std::move(*text);
  return {};
}

SetOutcome set_verify(CheckSpec& check, const FieldValue& value) {
  return assign<bool>(value, check.tls_settings.verify);
}
SetOutcome set_ca_file(CheckSpec& check, const FieldValue& value) {
  return assign<std::string>(value, check.tls_settings.ca_file);
}
SetOutcome set_cert_file(CheckSpec& check, const FieldValue& value) {
  return assign<std::string>(value, check.tls_settings.cert_file);
}
SetOutcome set_key_file(CheckSpec& check, const FieldValue& value) {
  return assign<std::string>(value, check.tls_settings.key_file);
}

SetOutcome set_cert_warn(CheckSpec& check, const FieldValue& value) {
  const auto held = as<net::Duration>(value);
  if (!held) {
    return std::unexpected(held.error());
  }
  if (*held < net::Duration::zero()) {
    return std::unexpected("must not be negative");
  }
  check.cert_warn = *held;
  return {};
}

SetOutcome set_read_limit(CheckSpec& check, const FieldValue& value) {
  const auto held = as<std::uint64_t>(value);
  if (!held) {
    return std::unexpected(held.error());
  }
  if (*held < kReadLimitLeast || *held > kReadLimitMost) {
    return std::unexpected(std::to_string(*held) + " bytes is out of range: 512 to 16MiB");
  }
  check.read_limit = static_cast<std::size_t>(*held);
  return {};
}

SetOutcome set_source(CheckSpec& check, const FieldValue& value) {
  const auto held = as<net::IpAddress>(value);
  if (!held) {
    return std::unexpected(held.error());
  }
  check.source = *held;
  return {};
}

SetOutcome set_method(CheckSpec& check, const FieldValue& value) {
  static constexpr std::array<std::string_view, 4> kMethods = {"GET", "HEAD", "OPTIONS", "POST"};
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (std::ranges::find(kMethods, *text) == kMethods.end()) {
    return std::unexpected(in_quotes(*text) + " is none of GET, HEAD, OPTIONS, POST (capitals)");
  }
  protocol<HttpCheck>(check).method = *text;
  return {};
}

SetOutcome set_path(CheckSpec& check, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (!text->starts_with('/')) {
    return std::unexpected(in_quotes(*text) + " must begin with \"/\"; host and port are keys");
  }
  if (!std::ranges::all_of(*text, is_visible) || text->find('#') != std::string::npos) {
    return std::unexpected(in_quotes(*text) +
                           " holds a space, \"#\" or a byte that must be written as %NN");
  }
  protocol<HttpCheck>(check).path = *text;
  return {};
}

SetOutcome set_host(CheckSpec& check, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (text->empty() || !std::ranges::all_of(*text, is_visible)) {
    return std::unexpected(in_quotes(*text) + " cannot be a Host header");
  }
  protocol<HttpCheck>(check).host = *text;
  return {};
}

SetOutcome set_headers(CheckSpec& check, const FieldValue& value) {
  auto map = as<TextMap>(value);
  if (!map) {
    return std::unexpected(map.error());
  }
  for (const auto& [name, content] : *map) {
    if (!is_token(name)) {
      return std::unexpected(in_quotes(name) + " is not a header name");
    }
    if (content.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return std::unexpected(name + ": a header value cannot hold a line break");
    }
  }
  protocol<HttpCheck>(check).headers = std::move(*map);
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

SetOutcome set_status(CheckSpec& check, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto ranges = parse_status_list(*text);
  if (!ranges) {
    return std::unexpected(ranges.error());
  }
  protocol<HttpCheck>(check).status = std::move(*ranges);
  return {};
}

SetOutcome set_body(CheckSpec& check, const FieldValue& value) {
  return assign_pattern(value, protocol<HttpCheck>(check).body);
}
SetOutcome set_body_not(CheckSpec& check, const FieldValue& value) {
  return assign_pattern(value, protocol<HttpCheck>(check).body_not);
}
SetOutcome set_header(CheckSpec& check, const FieldValue& value) {
  return assign_header_patterns(value, protocol<HttpCheck>(check).header);
}
SetOutcome set_header_not(CheckSpec& check, const FieldValue& value) {
  return assign_header_patterns(value, protocol<HttpCheck>(check).header_not);
}

SetOutcome set_http_version(CheckSpec&, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (*text == "2") {
    return std::unexpected("\"2\" is not built yet, only \"1.1\"");
  }
  if (*text != "1.1") {
    return std::unexpected(in_quotes(*text) + " is none of \"1.1\", \"2\"");
  }
  return {};
}

SetOutcome set_helo(CheckSpec& check, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  const bool literal = text->size() > 2 && text->starts_with('[') && text->ends_with(']') &&
                       std::ranges::all_of(*text, is_visible);
  if (!literal && !is_name(*text)) {
    return std::unexpected(in_quotes(*text) +
                           " is neither a host name nor an address literal such as [192.0.2.1]");
  }
  protocol<SmtpCheck>(check).helo = *text;
  return {};
}

SetOutcome set_rcpt(CheckSpec& check, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  const auto at = text->find('@');
  const bool shaped = at != std::string::npos && at > 0 && is_name(text->substr(at + 1)) &&
                      std::ranges::all_of(*text, is_visible) &&
                      text->find_first_of("<>") == std::string::npos;
  if (!shaped) {
    return std::unexpected(in_quotes(*text) +
                           " is no mailbox, write for example \"postmaster@example.com\"");
  }
  protocol<SmtpCheck>(check).rcpt = *text;
  return {};
}

SetOutcome set_anonymous(CheckSpec& check, const FieldValue& value) {
  return assign<bool>(value, protocol<FtpCheck>(check).anonymous);
}
SetOutcome set_passive(CheckSpec& check, const FieldValue& value) {
  return assign<bool>(value, protocol<FtpCheck>(check).passive);
}
SetOutcome set_basic_auth(CheckSpec& check, const FieldValue& value) {
  return assign<Login>(value, protocol<HttpCheck>(check).login);
}
SetOutcome set_smtp_login(CheckSpec& check, const FieldValue& value) {
  return assign<Login>(value, protocol<SmtpCheck>(check).login);
}
SetOutcome set_ftp_login(CheckSpec& check, const FieldValue& value) {
  return assign<Login>(value, protocol<FtpCheck>(check).login);
}
SetOutcome set_imap_login(CheckSpec& check, const FieldValue& value) {
  return assign<Login>(value, protocol<ImapCheck>(check).login);
}
SetOutcome set_pop3_login(CheckSpec& check, const FieldValue& value) {
  return assign<Login>(value, protocol<Pop3Check>(check).login);
}
SetOutcome set_preset_login(CheckSpec& check, const FieldValue& value) {
  return assign<Login>(value, protocol<PresetCheck>(check).login);
}

namespace {

std::expected<TcpStep, std::string> read_step(const std::string& key, const std::string& text) {
  if (key == "starttls") {
    if (text != "true") {
      return std::unexpected("starttls is written \"starttls\": true or left out");
    }
    return TcpStep{.kind = TcpStepKind::starttls, .text = {}};
  }
  if (text.empty()) {
    return std::unexpected(key + " must not be empty");
  }
  if (key == "expect" || key == "reject") {
    if (auto sound = check_pattern(text); !sound) {
      return std::unexpected(key + ": " + sound.error());
    }
    return TcpStep{.kind = key == "expect" ? TcpStepKind::expect : TcpStepKind::reject,
                   .text = text};
  }
  const bool hex = key.ends_with("_hex");
  if (key != "send" && key != "send_hex" && key != "expect_hex") {
    return std::unexpected(in_quotes(key) +
                           " is none of send, send_hex, expect, expect_hex, reject, starttls");
  }
  auto octets = hex ? parse_hex(text) : parse_escapes(text);
  if (!octets) {
    return std::unexpected(key + ": " + octets.error());
  }
  return TcpStep{.kind = key == "expect_hex" ? TcpStepKind::expect_bytes : TcpStepKind::send,
                 .text = std::move(*octets)};
}

}  // namespace

SetOutcome set_steps(CheckSpec& check, const FieldValue& value) {
  const auto list = as<std::vector<TextMap>>(value);
  if (!list) {
    return std::unexpected(list.error());
  }
  std::vector<TcpStep> steps;
  for (std::size_t index = 0; index < list->size(); ++index) {
    const std::string place = "step " + std::to_string(index + 1) + ": ";
    const TextMap& entry = (*list)[index];
    if (entry.size() != 1) {
      return std::unexpected(place + "wants exactly one key, for example {\"expect\": \"^220\"}");
    }
    auto step = read_step(entry.front().first, entry.front().second);
    if (!step) {
      return std::unexpected(place + step.error());
    }
    steps.push_back(std::move(*step));
  }
  protocol<TcpCheck>(check).steps = std::move(steps);
  return {};
}

SetOutcome set_argv(CheckSpec& check, const FieldValue& value) {
  constexpr std::size_t kMostArguments = 256;
  constexpr std::size_t kLongestArgument = 16'384;
  auto argv = as<std::vector<std::string>>(value);
  if (!argv) {
    return std::unexpected(argv.error());
  }
  if (argv->empty() || argv->size() > kMostArguments) {
    return std::unexpected("wants a program and at most 255 arguments");
  }
  for (std::size_t index = 0; index < argv->size(); ++index) {
    const std::string place = "item " + std::to_string(index + 1) + ": ";
    const std::string& text = (*argv)[index];
    if (text.find('\0') != std::string::npos || text.size() > kLongestArgument) {
      return std::unexpected(place + "an argument has at most 16384 octets, none of them zero");
    }
    if (const auto strange = unknown_placeholder(text); !strange.empty()) {
      return std::unexpected(place + in_quotes(strange) +
                             " is none of {address} {port} {service} {replica}; where braces are "
                             "meant, put a space behind the first");
    }
  }
  if (argv->front().find('{') != std::string::npos) {
    return std::unexpected("item 1: the program's own path takes no placeholder");
  }
  protocol<ExecCheck>(check).argv = *std::move(argv);
  return {};
}

SetOutcome set_exit_codes(CheckSpec& check, const FieldValue& value) {
  const auto text = as<std::string>(value);
  if (!text) {
    return std::unexpected(text.error());
  }
  if (*text != "nagios" && *text != "mon") {
    return std::unexpected(in_quotes(*text) + " is neither \"nagios\" nor \"mon\"");
  }
  protocol<ExecCheck>(check).exit_codes = *text == "mon" ? ExitCodes::mon : ExitCodes::nagios;
  return {};
}

SetOutcome set_only_false(CheckSpec&, const FieldValue& value) {
  const auto held = as<bool>(value);
  if (!held) {
    return std::unexpected(held.error());
  }
  if (*held) {
    return std::unexpected("true is not built yet, only false");
  }
  return {};
}

SetOutcome set_nothing(CheckSpec&, const FieldValue&) {
  return std::unexpected("is not built yet");
}

}  // namespace ronda::probes
