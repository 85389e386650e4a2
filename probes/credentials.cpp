#include "probes/credentials.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <variant>

#include "probes/login.hpp"

namespace ronda::probes {
namespace {

constexpr std::size_t kTelling = 4;  // octets of a secret; fewer stand in too many other words
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kHidden = "***";

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text = trimmed(text.substr(word.size()));
  return word;
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> longest_first(std::vector<std::string> secrets) {
  std::ranges::sort(secrets, std::ranges::greater{}, &std::string::size);
  return secrets;
}

class Secrets {
 public:
  // The whole, and its last word: "Bearer abc" may come back as "abc".
  void add(std::string_view text) {
    text = trimmed(text);
    add_one(text);
    if (const auto blank = text.find_last_of(kBlanks); blank != std::string_view::npos) {
      add_one(text.substr(blank + 1));
    }
  }

  // What two sends of a dialogue answer a 334 with is a secret as a whole when one before named a
  // login: "AUTH LOGIN" is followed by the user and the password in lines of their own.
  void add_steps(const std::vector<TcpStep>& steps) {
    int answers = 0;
    bool asked = false;
    for (const TcpStep& step : steps) {
      if (step.kind == TcpStepKind::expect || step.kind == TcpStepKind::expect_bytes) {
        asked = step.text.contains("334");
      } else if (step.kind == TcpStepKind::send && asked && answers > 0) {
        add_word(step.text);
        --answers;
      } else if (step.kind == TcpStepKind::send) {
        answers = add_said(step.text) ? 2 : 0;
      }
    }
  }

  void add_query(std::string_view url) {
    const auto mark = url.find('?');
    std::string_view rest = mark == std::string_view::npos ? "" : url.substr(mark + 1);
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      const auto equals = one.find('=');
      if (equals != std::string_view::npos && names_credential(one.substr(0, equals))) {
        add(one.substr(equals + 1));
      }
    }
  }

  // "--password X", "--token=X", "PASS=X", "X-Api-Key: X", and "-p X" or "-pX" as
  // monitoring-plugins have it, where it is no port.
  void add_command(const std::vector<std::string>& argv) {
    constexpr std::array<std::string_view, 4> kShort{"-p", "-P", "-a", "-W"};
    for (std::size_t i = 1; i < argv.size(); ++i) {
      const std::string_view word = argv[i];
      const auto equals = word.find('=');
      const std::string_view name = word.substr(0, equals);
      const bool is_short = std::ranges::find(kShort, name) != kShort.end();
      // Not any text with such a word and an equals sign in it, a script for instance.
      const bool telling = names_credential(name) && name.find_first_of(" \t\n/") == name.npos;
      const bool option = is_short || (name.starts_with("-") && telling);
      if (equals != std::string_view::npos && (is_short || telling)) {
        add_value(word.substr(equals + 1));
      } else if (option && i + 1 < argv.size()) {
        add_value(argv[i + 1]);
      } else if (std::ranges::find(kShort, word.substr(0, 2)) != kShort.end()) {
        add_value(word.substr(2));
      }
      add(secret_of_header(word));
      add_query(word);
    }
  }

  void add_login(const Login& login) {
    for (std::string& secret : login.secrets()) {
      found_.push_back(std::move(secret));  // however short
    }
  }

  std::vector<std::string> take() { return longest_first(std::move(found_)); }
  std::vector<std::string> take_short() { return longest_first(std::move(short_)); }

 private:
  // "AUTH secret", "a LOGIN user secret", "PASS secret"; behind a line that only has the name, as
  // Redis takes a command, each line. Whether there was one.
  bool add_said(std::string_view text) {
    bool named = false;
    bool name_alone = false;
    while (!text.empty()) {
      std::string_view line = trimmed(text.substr(0, text.find('\n')));
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
      if (name_alone) {
        add_word(line);
        continue;
      }
      for (bool first = true; !line.empty(); first = false) {
        if (names_credential(take_word(line))) {
          named = true;
          name_alone = first && line.empty();
          add_word(line);
          add_word(line.substr(line.find_last_of(kBlanks) + 1));
          break;
        }
      }
    }
    return named;
  }

  void add_word(std::string_view text) {
    text = trimmed(text);
    if (!text.empty() && text.size() < kTelling) {
      short_.emplace_back(text);
    }
    add_one(text);
  }

  void add_one(std::string_view text) {
    if (text.size() >= kTelling) {
      found_.emplace_back(text);
    }
  }
  void add_value(std::string_view value) {
    if (!is_number(value) && !value.starts_with('{') && !value.starts_with('-')) {
      add(value);
    }
  }

  std::vector<std::string> found_{};
  std::vector<std::string> short_{};
};

void hide_users(std::string& text) {
  for (auto scheme = text.find("://"); scheme != std::string::npos;
       scheme = text.find("://", scheme + 3)) {
    const std::size_t host = scheme + 3;
    const std::size_t end = std::min(text.find_first_of("/?# \t\"'<>", host), text.size());
    const std::size_t user = std::string_view(text).substr(host, end - host).rfind('@');
    if (user != std::string::npos) {
      text.replace(host, user, kHidden);
    }
  }
}

void hide_parameters(std::string& text) {
  for (auto mark = text.find_first_of("?&"); mark != std::string::npos;
       mark = text.find_first_of("?&", mark + 1)) {
    std::size_t end = std::min(text.find_first_of("& \t\"'<>#", mark + 1), text.size());
    while (end > mark + 1 &&
           std::string_view(":,;.").find(text[end - 1]) != std::string_view::npos) {
      --end;  // of the sentence around it
    }
    const std::string_view one = std::string_view(text).substr(mark + 1, end - mark - 1);
    const auto equals = one.find('=');
    if (equals != std::string_view::npos && names_credential(one.substr(0, equals))) {
      text.replace(mark + 1 + equals + 1, one.size() - equals - 1, kHidden);
    }
  }
}

Secrets all_of(const CheckSpec& check) {
  Secrets secrets;
  std::visit(
      [&](const auto& protocol) {
        if constexpr (requires { protocol.login; }) {
          secrets.add_login(protocol.login);
        }
      },
      check.protocol);
  if (const auto* http = std::get_if<HttpCheck>(&check.protocol)) {
    for (const auto& [name, value] : http->headers) {
      if (names_credential(name)) {
        secrets.add(value);
      }
    }
    secrets.add_query(http->path);
  } else if (const auto* exec = std::get_if<ExecCheck>(&check.protocol)) {
    secrets.add_command(exec->argv);
  } else if (const auto* agent = std::get_if<AgentCheck>(&check.protocol)) {
    secrets.add(agent->send);  // an agent's only way to know who asks
  } else if (const auto* tcp = std::get_if<TcpCheck>(&check.protocol)) {
    secrets.add_steps(tcp->steps);
  }
  return secrets;
}

}  // namespace

bool names_credential(std::string_view name) {
  constexpr std::array<std::string_view, 8> kWords{"auth",   "cookie", "token", "passw",
                                                   "secret", "key",    "login", "credential"};
  const std::string small = lower(name);
  return small == "pass" || std::ranges::any_of(kWords, [&](std::string_view word) {
           return small.find(word) != std::string::npos;
         });
}

std::vector<std::string> secrets_of(const CheckSpec& check) {
  return all_of(check).take();
}

std::vector<std::string> short_secrets_of(const CheckSpec& check) {
  return all_of(check).take_short();
}

std::string secret_of_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || line.find(' ') < colon) {
    return "";
  }
  const std::string_view name = line.substr(0, colon);
  const bool question = lower(name).ends_with("-authenticate");  // how to log in, no login
  const std::string_view value = trimmed(line.substr(colon + 1));
  return !question && value.size() >= kTelling && names_credential(name) ? std::string(value) : "";
}

std::string without_credentials(std::string text) {
  hide_users(text);
  hide_parameters(text);
  return text;
}

}  // namespace ronda::probes
