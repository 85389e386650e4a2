#include "agent/cli/nsupdate_options.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "dnsupdate/nsupdate/type_form.hpp"

namespace ronda::agent {
namespace {

constexpr const char* kUsage =
    "usage: ronda nsupdate [-CdDi] [-L level] [-l] [-y [hmac:]keyname:secret | -k keyfile]\n"
    "                      [-p port] [-S [-A cafile] [-E certfile -K keyfile] [-H hostname] [-O]]\n"
    "                      [-t timeout] [-u udptimeout] [-r udpretries] [-v] [-V] [-P] [-T]\n"
    "                      [-4 | -6] [filename]\n";
constexpr std::string_view kWithValue = "ACEHKLRkprtuy";
constexpr std::string_view kAlone = "46dDghilMoOPSTvV";

Leave refuse(const std::string& why) {
  return {.code = 1, .errors = why + "\n"};
}

struct Option {
  char letter = 0;
  std::string value{};
};

struct Words {
  std::vector<Option> options{};
  std::vector<std::string> rest{};
};

// As getopt takes them apart; what follows the first word that is no option is left alone.
std::variant<Words, Leave> take_apart(const std::vector<std::string>& arguments) {
  Words words;
  std::size_t at = 0;
  for (; at < arguments.size(); ++at) {
    const std::string& word = arguments[at];
    if (word == "--") {
      ++at;
      break;
    }
    if (word.size() < 2 || word.front() != '-') {
      break;
    }
    if (word == "--help") {
      return Leave{.output = kUsage};
    }
    for (std::size_t i = 1; i < word.size(); ++i) {
      const char letter = word[i];
      if (kAlone.find(letter) != std::string_view::npos) {
        words.options.push_back({.letter = letter});
        continue;
      }
      const bool has_value = i + 1 < word.size() || at + 1 < arguments.size();
      const bool known = kWithValue.find(letter) != std::string_view::npos;
      if (!known || !has_value) {
        return refuse("ronda nsupdate: " +
                      std::string(known ? "a value is missing after -" : "invalid argument -") +
                      letter + "\n" + kUsage);
      }
      words.options.push_back(
          {.letter = letter, .value = i + 1 < word.size() ? word.substr(i + 1) : arguments[++at]});
      break;
    }
  }
  words.rest.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
  return words;
}

template <typename Number>
std::optional<Leave> read_number(Number& number, const Option& option, const char* what) {
  const std::string& text = option.value;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return refuse("bad " + std::string(what) + " '" + text + "'");
  }
  return std::nullopt;
}

class Reader {
 public:
  // What to leave with, if the option ends the matter.
  std::optional<Leave> take(const Option& option) {
    if (const std::optional<Leave> leave = take_flag(option.letter)) {
      return leave;
    }
    return take_value(option);
  }

  std::variant<NsupdateOptions, Leave> finish(const std::vector<std::string>& rest) {
    if (print_types_ || print_private_ || print_version_) {
      return Leave{.output = lists()};
    }
    if (options_.v4_only && options_.v6_only) {
      return refuse("only one of -4 and -6 allowed");
    }
    if (!options_.key_file.empty() && !options_.key_text.empty()) {
      return refuse("ronda nsupdate: cannot specify both -k and -y");
    }
    if (options_.tls_cert_file.empty() != options_.tls_key_file.empty()) {
      return refuse("ronda nsupdate: -E and -K go together");
    }
    if (!options_.tls_verify && !options_.tls_ca_file.empty()) {
      return refuse("ronda nsupdate: -A and -O contradict each other");
    }
    if (options_.tls && !port_given_) {
      options_.port = 853;
    }
    if (!rest.empty() && rest.front() != "-") {
      options_.input = rest.front();
    }
    return options_;
  }

 private:
  std::optional<Leave> take_flag(char letter) {
    switch (letter) {
      case '4':
        options_.v4_only = true;
        break;
      case '6':
        options_.v6_only = true;
        break;
      case 'd':
        options_.debug = std::max(options_.debug, 1);
        break;
      case 'D':
      case 'M':
        options_.debug = 2;
        break;
      case 'g':
      case 'o':
        return refuse(
            "ronda nsupdate: GSS-TSIG (-g, -o) is not supported: ronda signs with TSIG keys only; "
            "use -k or -y, or nsupdate itself");
      case 'h':
        return refuse(kUsage);
      case 'i':
        options_.interactive = true;
        break;
      case 'l':
        options_.local_only = true;
        break;
      case 'O':
        options_.tls_verify = false;
        options_.tls = true;
        break;
      case 'P':
        print_private_ = true;
        break;
      case 'S':
        options_.tls = true;
        break;
      case 'T':
        print_types_ = true;
        break;
      case 'v':
        options_.tcp_only = true;
        break;
      case 'V':
        print_version_ = true;
        break;
      default:
        break;
    }
    return std::nullopt;
  }

  std::optional<Leave> take_value(const Option& option) {
    std::uint32_t ignored = 0;
    switch (option.letter) {
      case 'A':
        options_.tls_ca_file = option.value;
        options_.tls = true;
        break;
      case 'C':
        options_.resolv_conf = option.value;
        break;
      case 'E':
        options_.tls_cert_file = option.value;
        options_.tls = true;
        break;
      case 'H':
        options_.tls_host = option.value;
        options_.tls = true;
        break;
      case 'k':
        options_.key_file = option.value;
        break;
      case 'K':
        options_.tls_key_file = option.value;
        options_.tls = true;
        break;
      case 'L':
        return read_number(ignored, option, "library debug value");
      case 'p':
        port_given_ = true;
        return read_number(options_.port, option, "port number");
      case 'r':
        return read_number(options_.udp_retries, option, "udp retries");
      case 'R':
        return refuse("The -R option has been deprecated.");
      case 't':
        return read_number(options_.timeout, option, "timeout");
      case 'u':
        return read_number(options_.udp_timeout, option, "udp timeout");
      case 'y':
        options_.key_text = option.value;
        break;
      default:
        break;
    }
    return std::nullopt;
  }

  std::string lists() const {
    std::string text = print_version_ ? "ronda nsupdate " RONDA_VERSION "\n" : "";
    for (const std::string& name : dnsupdate::known_type_names()) {
      // BIND calls those of the private range private: DLV is none of them.
      text += print_types_ ? name + "\n" : "";
    }
    return text;
  }

  NsupdateOptions options_{};
  bool port_given_ = false;
  bool print_types_ = false;
  bool print_private_ = false;
  bool print_version_ = false;
};

}  // namespace

net::Duration NsupdateOptions::patience() const {
  constexpr std::uint64_t kForever = 24 * 3600;
  const std::uint64_t attempts = std::uint64_t{udp_retries} + 1;
  std::uint64_t seconds = timeout == 0 ? kForever : timeout;
  if (!tcp_only && !tls && udp_timeout > 0) {
    seconds = udp_timeout * attempts;
  }
  return std::chrono::seconds(std::min(seconds, kForever));
}

net::Duration NsupdateOptions::resend_every() const {
  return patience() / (std::int64_t{udp_retries} + 1);
}

std::variant<NsupdateOptions, Leave> parse_nsupdate_options(
    const std::vector<std::string>& arguments) {
  auto words = take_apart(arguments);
  if (auto* leave = std::get_if<Leave>(&words)) {
    return *leave;
  }
  Reader reader;
  for (const Option& option : std::get<Words>(words).options) {
    if (const std::optional<Leave> leave = reader.take(option)) {
      return *leave;
    }
  }
  return reader.finish(std::get<Words>(words).rest);
}

}  // namespace ronda::agent
