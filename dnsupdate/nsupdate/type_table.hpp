// The record types that have a name here, and what the data of each consists of: the one table
// behind type_form.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dnsupdate/wire/rr_type.hpp"

namespace ronda::dnsupdate {

// One field of a type's data. `core`: the wire room reads it; it is here for its name.
enum class Part : std::uint8_t {
  core,
  u8,
  u16,
  u32,
  ttl,
  name,
  text,
  texts,
  raw_text,
  salt,
  hex,
  base64
};

struct Form {
  std::uint16_t number;
  std::string_view word;
  std::span<const Part> parts;
};

std::span<const Form> type_forms();  // by number
// Nothing for types that the wire room reads, or nobody.
const Form* find_form(RrType type);

std::optional<RrType> find_type(std::string_view word);
std::optional<std::string_view> find_type_word(RrType type);

}  // namespace ronda::dnsupdate
