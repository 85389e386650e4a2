#include "agent/first/guess.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>
#include <vector>

#include "probes/kinds.hpp"
#include "probes/setters.hpp"

namespace ronda::agent {
namespace {

struct Habit {
  std::uint16_t port = 0;
  std::string_view kind{};
};

// In the order in which an open port is preferred: behind an open 80 there is often nothing but a
// redirect to 443.
constexpr auto kPorts = std::to_array<std::uint16_t>({443, 80, 25, 587, 21});
constexpr auto kHabits = std::to_array<Habit>({{443, "https"},
                                               {80, "http"},
                                               {25, "smtp"},
                                               {587, "smtp"},
                                               {21, "ftp"},
                                               {465, "smtps"},
                                               {990, "ftps"},
                                               {8080, "http"},
                                               {8443, "https"}});

struct LabelHabit {
  std::string_view label{};  // the leftmost one begins with it; digits and hyphens may follow
  std::string_view kind{};
};
constexpr auto kLabels = std::to_array<LabelHabit>({{"www", "http"},
                                                    {"web", "http"},
                                                    {"api", "http"},
                                                    {"app", "http"},
                                                    {"shop", "http"},
                                                    {"blog", "http"},
                                                    {"cdn", "http"},
                                                    {"mail", "smtp"},
                                                    {"smtp", "smtp"},
                                                    {"mx", "smtp"},
                                                    {"relay", "smtp"},
                                                    {"ftp", "ftp"},
                                                    {"mirror", "ftp"}});

std::string first_label(const dnsupdate::Name& owner) {
  const std::string text = owner.to_string();
  std::string label = text.substr(0, text.find('.'));
  std::ranges::transform(label, label.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return label;
}

bool follows_habit(std::string_view label, std::string_view habit) {
  return label.starts_with(habit) &&
         label.find_first_not_of("0123456789-", habit.size()) == std::string_view::npos;
}

// What may stand in a URL, a certificate or a greeting.
bool is_host_name(const dnsupdate::Name& name) {
  return std::ranges::all_of(name.to_string(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
  });
}

struct Leaning {
  std::string kind{};  // empty: none
  std::string why{};
};

Leaning leaning_of(const dnsupdate::Name& owner, Role role) {
  if (role == Role::mail) {
    return {"smtp", "an MX record points to it"};
  }
  const std::string label = first_label(owner);
  for (const LabelHabit& habit : kLabels) {
    if (follows_habit(label, habit.label)) {
      return {std::string(habit.kind), "the name begins with \"" + label + "\""};
    }
  }
  if (role == Role::name_server) {
    return {"tcp", "an NS record points to it"};
  }
  return {};
}

// http and https are one kind of server, as are smtp and smtps.
bool akin(std::string_view a, std::string_view b) {
  const auto plain = [](std::string_view kind) {
    return kind.ends_with('s') ? kind.substr(0, kind.size() - 1) : kind;
  };
  return plain(a) == plain(b);
}

std::string_view habit_of(std::uint16_t port) {
  const auto found = std::ranges::find(kHabits, port, &Habit::port);
  return found == kHabits.end() ? std::string_view() : found->kind;
}

std::string port_text(std::uint16_t port) {
  return "port " + std::to_string(port);
}

std::uint16_t usual_port(std::string_view kind) {
  const probes::Kind* found = probes::find_kind(kind);
  assert(found != nullptr);
  return found->default_port;
}

void choose_by_port(Guess& guess, std::uint16_t port, const Leaning& leaning) {
  guess.port = port;
  const std::string_view habit = habit_of(port);
  if (!habit.empty()) {
    guess.kind = habit;
    guess.why = port_text(port) + " is that of " + guess.kind;
  } else if (!leaning.kind.empty()) {
    guess.kind = leaning.kind;
    guess.why = leaning.why;
  } else {
    guess.kind = "tcp";
    guess.why =
        "nothing tells what listens on " + port_text(port) + ", so only the connection is tried";
  }
}

std::string open_text(std::uint16_t port, const PortsSeen& seen) {
  return port_text(port) + " is open on " + std::to_string(seen.open.at(port)) + " of " +
         std::to_string(seen.addresses) + (seen.addresses == 1 ? " address" : " addresses");
}

void choose_freely(Guess& guess, const Leaning& leaning, const PortsSeen& seen) {
  const auto is_open = [&](std::uint16_t port) {
    const auto found = seen.open.find(port);
    return found != seen.open.end() && found->second > 0;
  };
  if (leaning.kind == "tcp") {  // a name server answers on no port of the table
    guess.kind = "tcp";
    guess.port = 53;
    guess.why = leaning.why;
    return;
  }
  for (const bool as_leaning : {true, false}) {
    for (const std::uint16_t port : kPorts) {
      const std::string_view kind = habit_of(port);
      if (!is_open(port) || (as_leaning && !akin(kind, leaning.kind))) {
        continue;
      }
      guess.kind = kind;
      guess.port = port;
      guess.why = open_text(port, seen);
      if (as_leaning) {
        guess.why = leaning.why + " and " + guess.why;
      }
      return;
    }
  }
  guess.kind = leaning.kind.empty() ? "http" : leaning.kind;
  guess.port = usual_port(guess.kind);
  std::string closed;
  for (const std::uint16_t port : kPorts) {
    closed += (closed.empty() ? "" : ", ") + std::to_string(port);
  }
  guess.why = leaning.why.empty() ? "by default" : leaning.why;
  if (seen.addresses > 0) {
    guess.why += ", though none of the ports " + closed + " is open";
  }
}

}  // namespace

bool Guess::default_port() const {
  return port == usual_port(kind);
}

probes::CheckSpec Guess::spec(const std::string& server_name) const {
  const probes::Kind* found = probes::find_kind(kind);
  assert(found != nullptr);
  probes::CheckSpec made;
  made.kind = kind;
  made.protocol = found->initial;
  made.tls = found->default_tls;
  made.server_name = server_name;
  if (auto* http = std::get_if<probes::HttpCheck>(&made.protocol)) {
    http->path = path;
    http->status = probes::parse_status_list(status).value();
  }
  if (auto* dns = std::get_if<probes::DnsCheck>(&made.protocol)) {
    dns->name = server_name;
  }
  return made;
}

std::string Guess::to_string() const {
  return kind + " on " + port_text(port) + (path.empty() ? "" : ", GET " + path);
}

std::span<const std::uint16_t> ports_to_try(const Wishes& wishes) {
  return wishes.type.empty() && !wishes.port ? std::span<const std::uint16_t>(kPorts)
                                             : std::span<const std::uint16_t>();
}

Guess guess_check(const dnsupdate::Name& owner, Role role, const Wishes& wishes,
                  const PortsSeen& seen) {
  Guess guess;
  const Leaning leaning = leaning_of(owner, role);
  if (!wishes.type.empty()) {
    guess.kind = wishes.type;
    guess.port = wishes.port.value_or(usual_port(wishes.type));
    guess.why = "as asked for";
  } else if (!wishes.path.empty()) {
    const bool secure = wishes.port ? habit_of(*wishes.port) == "https"
                                    : seen.open.contains(443) || !seen.open.contains(80);
    guess.kind = secure ? "https" : "http";
    guess.port = wishes.port.value_or(usual_port(guess.kind));
    guess.why = "a path was given";
  } else if (wishes.port) {
    choose_by_port(guess, *wishes.port, leaning);
  } else {
    choose_freely(guess, leaning, seen);
  }
  if (!is_host_name(owner)) {
    guess.kind = "tcp";
    guess.why = "its name is no host name, so only the connection is tried";
  }
  if (guess.kind == "http" || guess.kind == "https") {
    // Of the front page a redirect is as good a sign of life as a page; of a health page it is not.
    guess.path = wishes.path.empty() ? "/" : wishes.path;
    guess.status = wishes.path.empty() ? "200-399" : "200-299";
  }
  return guess;
}

}  // namespace ronda::agent
