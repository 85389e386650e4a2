#include "agent/config/check_reader.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "agent/config/check_value.hpp"
#include "agent/config/suggestion.hpp"
#include "probes/credentials.hpp"

namespace ronda::agent {
namespace {

Key key_of(const probes::Field& field) {
  return {.name = field.key,
          .shapes = shapes_of(field.type),
          .required = field.required,
          .zero_duration = true};
}

std::vector<Key> keys_of(const probes::Kind& kind, std::span<const Key> own) {
  std::vector<Key> keys(own.begin(), own.end());
  for (const probes::Field& field : probes::common_fields()) {
    keys.push_back(key_of(field));
  }
  for (const probes::Field& field : kind.fields) {
    keys.push_back(key_of(field));
  }
  return keys;
}

std::vector<std::string_view> names_of_kinds() {
  std::vector<std::string_view> names;
  for (const probes::Kind& kind : probes::kinds()) {
    names.push_back(kind.name);
  }
  return names;
}

// A key of another kind is a likelier mistake than a misspelt one.
std::string explain_foreign_key(const probes::Kind& kind, std::string_view key) {
  constexpr std::string_view kBasicAuth = "basic_auth_file";
  if (key == "login_file" &&
      std::ranges::find(kind.fields, kBasicAuth, &probes::Field::key) != kind.fields.end()) {
    return "; here the login stands in a " + in_quotes(kBasicAuth);
  }
  for (const probes::Kind& other : probes::kinds()) {
    if (std::ranges::find(other.fields, key, &probes::Field::key) != other.fields.end()) {
      return "; it is a key of " + in_quotes(other.name) + " checks, not of " +
             in_quotes(kind.name);
    }
  }
  return "";
}

std::optional<int> small(std::optional<std::int64_t> value) {
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

void limit_by_interval(const ObjectView& view, std::string_view key, net::Duration value,
                       net::Duration interval, Problems& problems) {
  if (value <= interval || (!view.has(key) && !view.has("interval"))) {
    return;
  }
  const std::string_view at = view.has(key) ? key : "interval";
  problems.error(view.place(at), in_quotes(key) + " " + net::format_duration(value) +
                                     " is longer than \"interval\" " +
                                     net::format_duration(interval) +
                                     "; make it at most that, or the interval longer");
}

// Somebody who writes them believes that certificates are looked at.
void warn_of_clear_text(const ObjectView& view, const probes::Kind& kind,
                        const probes::CheckSpec& spec, Problems& problems) {
  const auto* http = std::get_if<probes::HttpCheck>(&spec.protocol);
  const auto* tcp = std::get_if<probes::TcpCheck>(&spec.protocol);
  const bool later =
      (http != nullptr && http->follow_redirects) ||
      (tcp != nullptr &&
       std::ranges::count(tcp->steps, probes::TcpStepKind::starttls, &probes::TcpStep::kind) > 0);
  if (spec.tls != probes::TlsMode::off || later || !(kind.starttls || kind.implicit_tls)) {
    return;
  }
  const char* cure = kind.name == "http"  ? "\"type\": \"https\""
                     : kind.name == "dns" ? "\"transport\": \"tls\""
                     : kind.starttls      ? "\"tls\": \"starttls\""
                                          : "\"tls\": \"implicit\"";
  for (const std::string_view key : {"verify", "ca_file", "cert_file", "cert_warn"}) {
    if (view.get(key) != nullptr) {
      problems.warning(view.place(key), in_quotes(key) + " means nothing without TLS; write " +
                                            cure + ", or leave it out");
      return;
    }
  }
}

// libcurl keeps Authorization and Cookie for the first name, whatever else it tells everybody.
void warn_of_told_secret(const ObjectView& view, const probes::CheckSpec& spec,
                         Problems& problems) {
  const auto* http = std::get_if<probes::HttpCheck>(&spec.protocol);
  if (http == nullptr || !http->follow_redirects) {
    return;
  }
  for (const auto& [name, value] : http->headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (lower != "authorization" && lower != "cookie" && probes::names_credential(name)) {
      problems.warning(view.place("headers"),
                       in_quotes(name) +
                           " goes with \"follow_redirects\" wherever a redirect "
                           "leads, also in clear; check the last address instead");
      return;
    }
  }
}

// A key without effect would be believed in.
bool refuse_useless(const ObjectView& view, const probes::Kind& kind, std::string_view key,
                    Problems& problems) {
  const std::string_view why = view.has(key) ? probes::why_useless(kind, key) : std::string_view();
  if (!why.empty()) {
    problems.error(view.place(key), in_quotes(key) + ": " + std::string(why));
  }
  return !why.empty();
}

}  // namespace

std::vector<Key> keys_of_report(const probes::Kind& kind) {
  return keys_of(kind, report_keys());
}

Defaults read_defaults(const Node& node, Problems& problems) {
  const ObjectView view(node, default_keys(), "\"defaults\"", problems);
  Defaults defaults;
  defaults.interval = view.duration("interval");
  defaults.fast_interval = view.duration("fast_interval");
  defaults.timeout = view.duration("timeout");
  defaults.fall = small(view.integer("fall"));
  defaults.rise = small(view.integer("rise"));
  defaults.ok = small(view.integer("ok"));
  defaults.grace = view.duration("grace");
  if (const auto ttl = view.integer("ttl")) {
    defaults.ttl = static_cast<std::uint32_t>(*ttl);
  }
  const net::Duration interval = defaults.interval.value_or(Timing{}.interval);
  for (const std::string_view key : {"fast_interval", "timeout"}) {
    if (const auto value = view.duration(key)) {
      limit_by_interval(view, key, *value, interval, problems);
    }
  }
  return defaults;
}

const probes::Kind* CheckReader::read_kind(const Node& node) {
  if (node.kind != Node::Kind::object) {
    problems_.error(node.place,
                    std::string("a check must be an object, not ") + to_string(node.kind));
    return nullptr;
  }
  const Node* type = node.find("type");
  const auto known = names_of_kinds();
  if (type == nullptr) {
    problems_.error({node.place.begin, node.place.begin + 1},
                    "this check has no \"type\"" + suggest("", known));
    return nullptr;
  }
  if (type->kind != Node::Kind::text) {
    problems_.error(type->place,
                    std::string("\"type\" must be a string, not ") + to_string(type->kind));
    return nullptr;
  }
  const probes::Kind* kind = probes::find_kind(type->text);
  if (kind == nullptr) {
    problems_.error(type->place,
                    "unknown type of check " + in_quotes(type->text) + suggest(type->text, known));
    return nullptr;
  }
  if (kind->runs_program && !allow_exec_) {
    problems_.error(type->place, "checks of type " + in_quotes(kind->name) +
                                     " run a program of this machine; where that is wanted, write "
                                     "\"allow_exec\": true at the top of the config");
    return nullptr;
  }
  return kind;
}

bool CheckReader::set_field(const ObjectView& view, const probes::Field& field,
                            probes::CheckSpec& spec) {
  const Node* node = view.get(field.key);
  if (node == nullptr || field.set == nullptr) {
    return true;
  }
  const auto value = read_field_value(*node, field.type, folders_);
  if (!value) {
    problems_.error(value.error().place, in_quotes(field.key) + ": " + value.error().message);
    return false;
  }
  if (const auto done = field.set(spec, *value); !done) {
    problems_.error(node->place, in_quotes(field.key) + ": " + done.error());
    return false;
  }
  return true;
}

void CheckReader::set_timing(const ObjectView& view, ReadCheck& check) {
  const Timing built_in;
  const probes::CheckSpec built_in_spec;
  const auto either = [&](std::string_view key, std::optional<net::Duration> inherited) {
    const auto own = view.duration(key);
    return own ? own : inherited;
  };
  Timing& timing = check.timing;
  timing.interval = either("interval", defaults_.interval).value_or(built_in.interval);
  // Nobody asked for the built-in values: they give way to a short interval. Reports come in one
  // beat.
  timing.fast_interval = check.is_report
                             ? timing.interval
                             : either("fast_interval", defaults_.fast_interval)
                                   .value_or(std::min(built_in.fast_interval, timing.interval));
  check.spec.timeout = either("timeout", defaults_.timeout)
                           .value_or(std::min(built_in_spec.timeout, timing.interval));
  limit_by_interval(view, "fast_interval", timing.fast_interval, timing.interval, problems_);
  limit_by_interval(view, "timeout", check.spec.timeout, timing.interval, problems_);
  const auto count = [&](std::string_view key, std::optional<int> inherited, int otherwise) {
    return small(view.integer(key)).value_or(inherited.value_or(otherwise));
  };
  timing.fall = count("fall", defaults_.fall, built_in.fall);
  timing.rise = count("rise", defaults_.rise, built_in.rise);
  timing.ok = count("ok", defaults_.ok, built_in.ok);
}

std::optional<ReadCheck> CheckReader::read(const Node& node, const std::string& name) {
  const probes::Kind* kind = read_kind(node);
  if (kind == nullptr) {
    return std::nullopt;
  }
  const std::vector<Key> keys = keys_of(*kind, check_keys());
  const ObjectView view(node, keys, "this check", problems_,
                        [&](std::string_view key) { return explain_foreign_key(*kind, key); });
  ReadCheck check;
  check.name = name.empty() ? std::string(kind->name) : name;
  check.place = {node.place.begin, node.place.begin + 1};
  fill(view, *kind, check);
  check.scope = view.text("scope") == "dependency" ? Scope::dependency : Scope::local;
  check.critical = view.flag("critical").value_or(false);
  if (check.critical && check.scope == Scope::dependency) {
    problems_.warning(
        view.place("critical"),
        "\"critical\" means nothing with \"scope\": \"dependency\": its failure removes nothing");
  }
  return check;
}

void CheckReader::fill(const ObjectView& view, const probes::Kind& kind, ReadCheck& check) {
  check.kind = &kind;
  check.spec.kind = std::string(kind.name);
  check.spec.protocol = kind.initial;
  check.spec.tls = kind.default_tls;
  check.spec.read_limit = kind.read_limit;
  refuse_useless(view, kind, "port", problems_);
  for (const probes::Field& field : probes::common_fields()) {
    if (!refuse_useless(view, kind, field.key, problems_)) {
      set_field(view, field, check.spec);
    }
  }
  for (const probes::Field& field : kind.fields) {
    check.sound = set_field(view, field, check.spec) && check.sound;
  }
  set_timing(view, check);
  if (const auto port = view.integer("port")) {
    check.port = static_cast<std::uint16_t>(*port);
  }
  for (const std::string& problem : probes::validate(kind, check.spec)) {
    const std::string key = problem.substr(0, problem.find(':'));
    problems_.error(view.place(view.has(key) ? key : "type"), problem);
  }
  for (const TlsFiles::Problem& problem : tls_files_.problems(check.spec.tls_settings)) {
    problems_.error(view.place(problem.key), in_quotes(problem.key) + ": " + problem.sentence);
  }
  warn_of_clear_text(view, kind, check.spec, problems_);
  warn_of_told_secret(view, check.spec, problems_);
}

}  // namespace ronda::agent
