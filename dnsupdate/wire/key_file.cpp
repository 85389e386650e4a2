#include "dnsupdate/wire/key_file.hpp"

#include <algorithm>
#include <optional>

#include "dnsupdate/wire/key_file_lexer.hpp"
#include "dnsupdate/wire/tsig_algorithm.hpp"
#include "net/base64.hpp"

namespace ronda::dnsupdate {
namespace {

template <typename Value>
using Parsed = std::expected<Value, std::string>;

bool same_word(std::string_view word, std::string_view lower_case) {
  return std::ranges::equal(word, lower_case, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// A text is repeated in an error only where it cannot be a secret in the wrong place.
Parsed<TsigAlgorithm> parse_algorithm(const KeyFileToken& token) {
  if (const auto algorithm = parse_tsig_algorithm(token.text)) {
    return *algorithm;
  }
  constexpr std::size_t kLongestShown = 30;
  const bool shown =
      token.text.size() <= kLongestShown && same_word(token.text.substr(0, 4), "hmac");
  return std::unexpected(
      at_line(token.line, (shown ? "the algorithm " + std::string(token.text) + " is not known"
                                 : std::string("the algorithm is not known")) +
                              "; known are " + known_tsig_algorithms()));
}

Parsed<Name> parse_key_name(const KeyFileToken& token) {
  const auto name = Name::parse(token.text);
  if (!name || name->is_root()) {
    return std::unexpected(at_line(
        token.line, "the key's name is not a domain name (labels of 1 to 63 ASCII octets)"));
  }
  return *name;
}

Parsed<net::Secret> parse_secret(const KeyFileToken& token) {
  auto secret = net::decode_base64(token.text);
  if (!secret) {
    return std::unexpected(
        at_line(token.line, "the secret is not Base64; copy it whole, with the = at its end"));
  }
  if (secret->empty()) {
    return std::unexpected(at_line(token.line, "the secret is empty"));
  }
  return std::move(*secret);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Parsed<std::vector<TsigKeyPtr>> run() {
    while (true) {
      const auto token = lexer_.next();
      if (!token) {
        return std::unexpected(token.error());
      }
      if (token->kind == KeyFileToken::Kind::end) {
        return std::move(keys_);
      }
      if (const auto added = statement(*token); !added) {
        return std::unexpected(added.error());
      }
    }
  }

 private:
  struct Clauses {
    std::optional<TsigAlgorithm> algorithm{};
    std::optional<net::Secret> secret{};
  };

  Parsed<void> statement(const KeyFileToken& first) {
    if (first.kind == KeyFileToken::Kind::word && same_word(first.text, "key")) {
      return key_statement(first.line);
    }
    if (first.kind == KeyFileToken::Kind::word && first.text.starts_with("Private-key-format:")) {
      return std::unexpected(
          at_line(first.line,
                  "this is a K*.private file; write its key as "
                  "key \"NAME\" { algorithm hmac-sha256; secret \"BASE64\"; };"));
    }
    if (first.kind == KeyFileToken::Kind::word && first.text.find(':') != std::string_view::npos) {
      return colon_line(first);
    }
    return std::unexpected(
        at_line(first.line,
                "a key statement, key \"NAME\" { ... };, or an ALGORITHM:NAME:SECRET line is "
                "expected here; nothing else is read from a key file"));
  }

  Parsed<void> colon_line(const KeyFileToken& word) {
    const std::size_t first = word.text.find(':');
    const std::size_t second = word.text.find(':', first + 1);
    if (second == std::string_view::npos ||
        word.text.find(':', second + 1) != std::string_view::npos) {
      return std::unexpected(
          at_line(word.line, "a key on one line is written ALGORITHM:NAME:SECRET"));
    }
    const auto part = [&word](std::size_t begin, std::size_t end) {
      return KeyFileToken{KeyFileToken::Kind::word, word.text.substr(begin, end - begin),
                          word.line};
    };
    const auto algorithm = parse_algorithm(part(0, first));
    if (!algorithm) {
      return std::unexpected(algorithm.error());
    }
    auto name = parse_key_name(part(first + 1, second));
    if (!name) {
      return std::unexpected(name.error());
    }
    auto secret = parse_secret(part(second + 1, word.text.size()));
    if (!secret) {
      return std::unexpected(secret.error());
    }
    return add(word.line, std::move(*name), *algorithm, std::move(*secret));
  }

  Parsed<void> key_statement(std::size_t line) {
    const auto name_token = expect_text("the key's name is missing after \"key\"");
    if (!name_token) {
      return std::unexpected(name_token.error());
    }
    auto name = parse_key_name(*name_token);
    if (!name) {
      return std::unexpected(name.error());
    }
    const std::string label = "the key " + name->to_string();
    if (const auto opened = expect_sign('{', "{ is missing after the name of " + label); !opened) {
      return opened;
    }
    Clauses clauses;
    while (true) {
      const auto token = lexer_.next();
      if (!token) {
        return std::unexpected(token.error());
      }
      if (token->is_sign('}')) {
        break;
      }
      if (const auto taken = clause(*token, label, clauses); !taken) {
        return taken;
      }
    }
    if (const auto closed = expect_sign(';', "; is missing after the } of " + label); !closed) {
      return closed;
    }
    if (!clauses.algorithm) {
      return std::unexpected(
          at_line(line, label + " names no algorithm; known are " + known_tsig_algorithms()));
    }
    if (!clauses.secret) {
      return std::unexpected(at_line(line, label + " has no secret"));
    }
    return add(line, std::move(*name), *clauses.algorithm, std::move(*clauses.secret));
  }

  Parsed<void> clause(const KeyFileToken& word, const std::string& label, Clauses& clauses) {
    if (word.kind == KeyFileToken::Kind::end) {
      return std::unexpected(at_line(word.line, "the file ends inside " + label));
    }
    const bool is_algorithm =
        word.kind == KeyFileToken::Kind::word && same_word(word.text, "algorithm");
    const bool is_secret = word.kind == KeyFileToken::Kind::word && same_word(word.text, "secret");
    if (!is_algorithm && !is_secret) {
      return std::unexpected(
          at_line(word.line, label + " holds something else than algorithm and secret"));
    }
    if (is_algorithm ? clauses.algorithm.has_value() : clauses.secret.has_value()) {
      return std::unexpected(at_line(
          word.line, label + (is_algorithm ? " names its algorithm twice" : " has two secrets")));
    }
    const auto value =
        expect_text(is_algorithm ? "the algorithm is missing" : "the secret is missing");
    if (!value) {
      return std::unexpected(value.error());
    }
    if (is_algorithm) {
      const auto algorithm = parse_algorithm(*value);
      if (!algorithm) {
        return std::unexpected(algorithm.error());
      }
      clauses.algorithm = *algorithm;
    } else {
      auto secret = parse_secret(*value);
      if (!secret) {
        return std::unexpected(secret.error());
      }
      clauses.secret = std::move(*secret);
    }
    return expect_sign(
        ';', is_algorithm ? "; is missing after the algorithm" : "; is missing after the secret");
  }

  Parsed<KeyFileToken> expect_text(std::string_view otherwise) {
    auto token = lexer_.next();
    if (token && !token->is_text()) {
      return std::unexpected(at_line(token->line, otherwise));
    }
    return token;
  }

  Parsed<void> expect_sign(char sign, std::string_view otherwise) {
    const auto token = lexer_.next();
    if (!token) {
      return std::unexpected(token.error());
    }
    if (!token->is_sign(sign)) {
      return std::unexpected(at_line(token->line, otherwise));
    }
    return {};
  }

  Parsed<void> add(std::size_t line, Name name, TsigAlgorithm algorithm, net::Secret secret) {
    const auto same_name = [&name](const TsigKeyPtr& key) { return key->name == name; };
    if (std::ranges::any_of(keys_, same_name)) {
      return std::unexpected(at_line(line, "the key " + name.to_string() + " stands here twice"));
    }
    // Where OpenSSL runs in FIPS mode, MD5 is refused: better here than at the first update.
    if (hmac(algorithm, secret.bytes(), {}).empty()) {
      return std::unexpected(at_line(line, "OpenSSL refuses the algorithm of the key " +
                                               name.to_string() + "; use hmac-sha256"));
    }
    keys_.push_back(std::make_shared<const TsigKey>(std::move(name), algorithm, std::move(secret)));
    return {};
  }

  KeyFileLexer lexer_;
  std::vector<TsigKeyPtr> keys_{};
};

}  // namespace

std::expected<std::vector<TsigKeyPtr>, std::string> parse_key_file(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return std::unexpected("the key file is empty");
  }
  auto keys = Parser(text).run();
  if (keys && keys->empty()) {
    return std::unexpected("the key file holds comments but no key");
  }
  return keys;
}

std::expected<TsigKeyPtr, std::string> select_key(const std::vector<TsigKeyPtr>& keys,
                                                  std::string_view key_name) {
  std::string found;
  for (const TsigKeyPtr& key : keys) {
    found += (found.empty() ? "" : ", ") + key->name.to_string();
  }
  if (key_name.empty()) {
    if (keys.size() == 1) {
      return keys.front();
    }
    return std::unexpected(keys.empty()
                               ? "there is no key to choose from"
                               : "there are several keys (" + found + "); name the one to use");
  }
  const auto wanted = Name::parse(key_name);
  if (!wanted) {
    return std::unexpected(wanted.error());
  }
  const auto same_name = [&wanted](const TsigKeyPtr& key) { return key->name == *wanted; };
  const auto key = std::ranges::find_if(keys, same_name);
  if (key == keys.end()) {
    return std::unexpected("there is no key " + wanted->to_string() +
                           "; found: " + (found.empty() ? "none" : found));
  }
  return *key;
}

}  // namespace ronda::dnsupdate
