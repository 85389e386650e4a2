#include "dnsupdate/nsupdate/record_line.hpp"

#include <optional>
#include <utility>

#include "dnsupdate/nsupdate/check_names.hpp"
#include "dnsupdate/nsupdate/type_form.hpp"
#include "dnsupdate/nsupdate/words.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::uint32_t kLongestTtl = 2'147'483'647;

std::unexpected<std::string> error(std::string sentence) {
  return std::unexpected(std::move(sentence));
}

std::expected<Name, std::string> read_owner(std::string_view& rest) {
  const std::string_view word = take_word(rest);
  if (word.empty()) {
    return error("could not read owner name");
  }
  auto name = parse_owner(word);
  if (!name) {
    return error("invalid owner name: " + name.error());
  }
  return name;
}

// Nothing where the line has no data.
std::expected<std::optional<std::string>, std::string> read_data(RrClass rr_class, RrType type,
                                                                 std::string_view rest) {
  const std::string_view text = trimmed(rest);
  if (text.empty()) {
    return std::nullopt;
  }
  if (is_meta_type(type) || rr_class == RrClass::NONE || rr_class == RrClass::ANY) {
    return error("invalid rdata format: unknown class/type");
  }
  const bool of_internet = type == RrType::A || type == RrType::AAAA || type == RrType::SRV;
  if (of_internet && rr_class != RrClass::IN && !text.starts_with("\\#")) {
    return error("invalid rdata format: outside of class IN the data of " + type_text(type) +
                 " is read only as \\# LENGTH HEX");
  }
  auto octets = parse_data(type, text);
  if (!octets) {
    return error("invalid rdata format: " + octets.error());
  }
  return *std::move(octets);
}

struct ClassAndType {
  RrClass rr_class = RrClass::IN;
  RrType type = RrType::ANY;
  bool has_type = true;
};

// "[class] type"; `word` is the first of them. ANY is a type here, unless `any_is_class`.
std::expected<ClassAndType, std::string> read_class_and_type(ScriptSession& session,
                                                             std::string_view word,
                                                             std::string_view& rest,
                                                             bool any_is_class) {
  const auto rr_class = parse_class(word);
  if (!rr_class || (*rr_class == RrClass::ANY && !any_is_class)) {
    const auto type = parse_type_word(word);
    if (!type) {
      return error(any_is_class ? "invalid type: " + std::string(word)
                                : "'" + std::string(word) +
                                      "' is not a valid class or type: unknown class/type");
    }
    return ClassAndType{.rr_class = session.zone_class(), .type = *type};
  }
  if (!session.set_zone_class(*rr_class)) {
    return error("class mismatch: " + std::string(word));
  }
  const std::string_view type_word = take_word(rest);
  if (type_word.empty()) {
    return ClassAndType{.rr_class = *rr_class, .has_type = false};
  }
  const auto type = parse_type_word(type_word);
  if (!type) {
    return error(any_is_class
                     ? "invalid type: " + std::string(type_word)
                     : "'" + std::string(type_word) + "' is not a valid type: unknown class/type");
  }
  return ClassAndType{.rr_class = *rr_class, .type = *type};
}

// The TTL of an addition; `rest` is left behind it, unless the session's own is taken.
std::expected<std::uint32_t, std::string> read_ttl(const ScriptSession& session,
                                                   std::string_view& rest) {
  std::string_view behind = rest;
  const std::string_view word = take_word(behind);
  if (word.empty()) {
    return error("could not read owner ttl");
  }
  const auto ttl = parse_ttl(word);
  if (!ttl) {
    if (session.ttl) {
      return *session.ttl;
    }
    return error(
        "ttl '" + std::string(word) +
        "': " + (ttl.error() == NumberFault::out_of_range ? "out of range" : "not a valid number"));
  }
  if (*ttl > kLongestTtl) {
    return error("ttl '" + std::string(word) + "' is out of range (0 to " +
                 std::to_string(kLongestTtl) + ")");
  }
  rest = behind;
  return *ttl;
}

std::expected<void, std::string> check(const ScriptSession& session, const ResourceRecord& record) {
  if (session.check_names) {
    if (const auto bad = bad_owner(record)) {
      return error("check-names failed: bad owner '" + bad->to_string() + "'");
    }
    if (const auto bad = bad_name(record)) {
      return error("check-names failed: bad name '" + bad->to_string() + "'");
    }
  }
  return {};
}

}  // namespace

std::expected<void, std::string> read_prerequisite(ScriptSession& session, Prerequisite kind,
                                                   std::string_view arguments) {
  const bool exists = kind == Prerequisite::yxdomain || kind == Prerequisite::yxrrset;
  const bool of_rrset = kind == Prerequisite::nxrrset || kind == Prerequisite::yxrrset;
  const auto owner = read_owner(arguments);
  if (!owner) {
    return error(owner.error());
  }
  ResourceRecord record{
      .owner = *owner, .type = RrType::ANY, .rr_class = exists ? RrClass::ANY : RrClass::NONE};
  if (of_rrset) {
    const std::string_view word = take_word(arguments);
    if (word.empty()) {
      return error("could not read class or type");
    }
    const auto kind_of_set = read_class_and_type(session, word, arguments, true);
    if (!kind_of_set) {
      return error(kind_of_set.error());
    }
    if (!kind_of_set->has_type) {
      return error("could not read type");
    }
    record.type = kind_of_set->type;
    if (exists) {
      auto data = read_data(kind_of_set->rr_class, record.type, arguments);
      if (!data) {
        return error(data.error());
      }
      if (*data) {
        record.rr_class = kind_of_set->rr_class;
        record.rdata = std::move(**data);
      }
    }
  }
  return session.add_prerequisite(std::move(record));
}

std::expected<void, std::string> read_addition(ScriptSession& session, std::string_view arguments) {
  const auto owner = read_owner(arguments);
  if (!owner) {
    return error(owner.error());
  }
  const auto ttl = read_ttl(session, arguments);
  if (!ttl) {
    return error(ttl.error());
  }
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return error("could not read class or type");
  }
  const auto kind = read_class_and_type(session, word, arguments, false);
  if (!kind) {
    return error(kind.error());
  }
  if (!kind->has_type) {
    return error("could not read type");
  }
  auto data = read_data(kind->rr_class, kind->type, arguments);
  if (!data) {
    return error(data.error());
  }
  if (!*data) {
    return error("could not read rdata");
  }
  ResourceRecord record{.owner = *owner,
                        .type = kind->type,
                        .rr_class = kind->rr_class,
                        .ttl = *ttl,
                        .rdata = std::move(**data)};
  if (const auto checked = check(session, record); !checked) {
    return checked;
  }
  return session.add_update(std::move(record));
}

std::expected<void, std::string> read_deletion(ScriptSession& session, std::string_view arguments) {
  const auto owner = read_owner(arguments);
  if (!owner) {
    return error(owner.error());
  }
  ResourceRecord record{.owner = *owner, .type = RrType::ANY, .rr_class = RrClass::ANY};
  std::string_view word = take_word(arguments);
  if (!word.empty() && parse_ttl(word)) {
    word = take_word(arguments);  // allowed for compatibility, means nothing
  }
  if (!word.empty()) {
    const auto kind = read_class_and_type(session, word, arguments, false);
    if (!kind) {
      return error(kind.error());
    }
    if (kind->has_type) {
      auto data = read_data(kind->rr_class, kind->type, arguments);
      if (!data) {
        return error(data.error());
      }
      record.type = kind->type;
      if (*data) {
        record.rr_class = RrClass::NONE;
        record.rdata = std::move(**data);
      }
    }
  }
  return session.add_update(std::move(record));
}

}  // namespace ronda::dnsupdate
