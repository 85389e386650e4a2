#include "agent/first/draft.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <utility>

#include "net/time.hpp"

namespace ronda::agent {
namespace {

constexpr std::uint32_t kLongTtl = 60;  // seconds
constexpr std::size_t kLineLimit = 90;

// What makes two guesses one check of the config.
using CheckKey = std::pair<std::pair<std::string, std::uint16_t>, std::string>;

CheckKey key_of(const Guess& guess) {
  return {{guess.kind, guess.port}, guess.path};
}

class CheckNames {
 public:
  explicit CheckNames(const std::vector<DraftService>& services) {
    for (const DraftService& service : services) {
      const Guess& guess = service.check;
      std::string name = guess.kind;
      if (guess.kind == "tcp" || !guess.default_port()) {
        name += "-" + std::to_string(guess.port);
      }
      names_.emplace(key_of(guess), std::move(name));
    }
  }
  const std::string& of(const Guess& guess) const { return names_.at(key_of(guess)); }

 private:
  std::map<CheckKey, std::string> names_{};
};

std::string check_text(const Guess& guess) {
  std::string out = "{ \"type\": \"" + guess.kind + "\"";
  if (guess.kind == "tcp" || !guess.default_port()) {
    out += ", \"port\": " + std::to_string(guess.port);
  }
  if (!guess.path.empty()) {
    out += ", \"path\": " + to_json_text(guess.path) + ", \"status\": \"" + guess.status + "\"";
  }
  return out + " }";
}

std::string checks_text(const Draft& draft, const CheckNames& names) {
  std::string out = "  \"checks\": {\n";
  std::map<std::string, const Guess*> seen;
  for (const DraftService& service : draft.services) {
    seen.emplace(names.of(service.check), &service.check);
  }
  const bool front_page = std::ranges::any_of(
      seen, [](const auto& entry) { return entry.second->status == "200-399"; });
  out += "    // Guessed; better is what only a healthy server can answer";
  out += front_page ? ", such as a page of its own:\n    // \"path\": \"/health\", \"status\": "
                      "\"200-299\". docs/config.md has every key.\n"
                    : ". docs/config.md has every key.\n";
  std::size_t left = seen.size();
  for (const auto& [name, guess] : seen) {
    out += "    \"" + name + "\": " + check_text(*guess) + (--left == 0 ? "\n" : ",\n");
  }
  return out + "  },\n";
}

std::string replicas_text(const std::vector<net::IpAddress>& addresses) {
  std::string line = "      \"replicas\": [";
  std::string out;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const std::string item =
        "\"" + addresses[i].to_string() + "\"" + (i + 1 == addresses.size() ? "]" : ",");
    if (line.size() + item.size() > kLineLimit) {
      out += line + "\n";
      line = "        ";
    } else if (i > 0) {
      line += " ";
    }
    line += item;
  }
  return out + line + "\n";
}

std::string service_text(const DraftService& service, const CheckNames& names) {
  std::string out =
      "    {\n      // " + service.check.to_string() + ": " + service.check.why + "\n";
  if (service.owner.ttl > kLongTtl) {
    out += "      // Clients keep an address for " +
           net::format_duration(std::chrono::seconds(service.owner.ttl)) +
           " after it left the zone. \"ttl\": 30 would shorten that.\n";
  }
  if (service.owner.addresses.size() == 1) {
    out += "      // The last address is never removed: add another replica.\n";
  }
  out += "      \"name\": " + to_json_text(service.owner.owner.to_string()) + ",\n";
  out += "      \"checks\": [\"" + names.of(service.check) + "\"],\n";
  return out + replicas_text(service.owner.addresses) + "    }";
}

std::string zone_block_text(const Draft& draft) {
  std::string out =
      "  \"zones\": [\n    {\n      \"zone\": " + to_json_text(draft.zone.to_string());
  out += ",\n      // The primary, " + draft.primary_how +
         ".\n      \"primary\": " + to_json_text(draft.primary);
  out += ",\n      // The TSIG key that named.conf includes too";
  out += draft.key_made ? ".\n" : "; tsig-keygen makes it.\n";
  out += "      \"key_file\": " + to_json_text(draft.key_file);
  if (draft.name_key) {
    out += ",\n      \"key_name\": " + to_json_text(draft.key_name);
  }
  return out + "\n    }\n  ],\n";
}

}  // namespace

std::string to_json_text(std::string_view text) {
  std::string out = "\"";
  for (const char octet : text) {
    if (octet == '"' || octet == '\\') {
      out += '\\';
      out += octet;
    } else if (static_cast<unsigned char>(octet) < 0x20) {
      std::array<char, 8> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(octet));
      out += buffer.data();
    } else {
      out += octet;
    }
  }
  return out + "\"";
}

// Inside quotes named.conf takes a backslash as it is unless a quote follows, so what is special in
// a name is written by its number.
std::string to_named_word(const dnsupdate::Name& name) {
  const std::string text = name.to_string();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 1 < text.size();
    if (!escaped || std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0) {
      out += text[i];
      continue;
    }
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "\\%03u",
                  static_cast<unsigned>(static_cast<unsigned char>(text[++i])));
    out += buffer.data();
  }
  const bool plain = std::ranges::all_of(out, [](char octet) {
    return std::isalnum(static_cast<unsigned char>(octet)) != 0 || octet == '-' || octet == '.' ||
           octet == '_';
  });
  return plain ? out : "\"" + out + "\"";
}

std::string config_text(const Draft& draft) {
  const CheckNames names(draft.services);
  std::string out =
      "{\n"
      "  // Made by: ronda init " +
      draft.settings +
      "\n"
      "  // Look through it, then: ronda validate, ronda plan, ronda check, each with -c FILE.\n\n"
      "  // \"observe\" probes and says what it would do, and never writes. When that is what you\n"
      "  // would have done, write \"enforce\".\n"
      "  \"mode\": \"observe\",\n" +
      zone_block_text(draft) +
      "  // Probed every \"interval\", while in doubt every \"fast_interval\". \"fall\" failures "
      "take an\n"
      "  // address out, \"rise\" passes bring it back.\n"
      "  \"defaults\": { \"interval\": \"10s\", \"fast_interval\": \"2s\", \"timeout\": \"3s\", "
      "\"fall\": 3, \"rise\": 3 },\n" +
      checks_text(draft, names) + "  \"services\": [\n";
  for (std::size_t i = 0; i < draft.services.size(); ++i) {
    out += service_text(draft.services[i], names) + (i + 1 < draft.services.size() ? ",\n" : "\n");
  }
  return out + "  ]\n}\n";
}

std::string policy_text(const Draft& draft) {
  const auto key = dnsupdate::Name::parse(draft.key_name);
  const std::string key_word = key ? to_named_word(*key) : draft.key_name;
  std::string out;
  if (!draft.key_made) {
    out +=
        "# 0. The key, on the primary; ronda reads the same file (copy it if it runs elsewhere):\n"
        "#      install -m 640 -g bind /dev/null " +
        draft.key_file + "\n#      tsig-keygen " + draft.key_name + " > " + draft.key_file + "\n\n";
  }
  out +=
      "# 1. At the top of the primary's named.conf, unless it is there already (tsig-keygen "
      "makes such a\n#    file; this is the path on this host):\ninclude \"" +
      draft.key_file + "\";\n\n";
  out += "# 2. Inside its  zone \"" + draft.zone.to_string() +
         "\" { ... }  in place of allow-update; if there is an\n#    update-policy, add the lines "
         "to it:\nupdate-policy {\n";
  for (const DraftService& service : draft.services) {
    out += "    grant " + key_word + " name " + to_named_word(service.owner.owner) + " A AAAA;\n";
  }
  return out + "};\n\n# 3. named-checkconf && rndc reconfig\n";
}

}  // namespace ronda::agent
