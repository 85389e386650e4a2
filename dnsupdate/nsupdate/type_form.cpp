#include "dnsupdate/nsupdate/type_form.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "dnsupdate/nsupdate/octet_text.hpp"
#include "dnsupdate/nsupdate/type_table.hpp"
#include "dnsupdate/nsupdate/words.hpp"
#include "dnsupdate/wire/rdata.hpp"
#include "dnsupdate/wire/rdata_text.hpp"
#include "net/base64.hpp"

namespace ronda::dnsupdate {
namespace {

using enum Part;

bool takes_the_rest(Part part) {
  return part == texts || part == hex || part == base64;
}

std::string joined(std::span<const TextToken> tokens) {
  std::string all;
  for (const TextToken& token : tokens) {
    all += token.raw;
  }
  return all;
}

using Octets = std::expected<std::string, std::string>;

Octets parse_seconds(const std::string& word) {
  const auto seconds = parse_time(word);
  return seconds ? parse_number(std::to_string(*seconds), 4)
                 : std::unexpected("\"" + word + "\" is not a time");
}

Octets parse_salt(const std::string& word) {
  auto octets = word == "-" ? Octets(std::string()) : parse_hex(word);
  if (octets && octets->size() > 255) {
    return std::unexpected("a salt has at most 255 octets");
  }
  if (octets) {
    octets->insert(octets->begin(), static_cast<char>(octets->size()));
  }
  return octets;
}

// `tokens`: the one of this part, or all that are left.
Octets parse_part(Part part, std::span<const TextToken> tokens) {
  const std::string& word = tokens.front().raw;
  switch (part) {
    case u8:
      return parse_number(word, 1);
    case u16:
      return parse_number(word, 2);
    case u32:
      return parse_number(word, 4);
    case ttl:
      return parse_seconds(word);
    case name: {
      const auto parsed = parse_owner(word);
      return parsed ? Octets(parsed->wire()) : std::unexpected(parsed.error());
    }
    case text:
    case texts:
      return parse_strings({tokens.begin(), tokens.end()});
    case raw_text:
      return unescape(word);
    case salt:
      return parse_salt(word);
    case hex:
      return parse_hex(joined(tokens));
    case base64:
      return parse_base64(joined(tokens));
    case core:
      break;
  }
  return std::unexpected("this type has no text of its own");
}

Octets parse_by_form(const Form& form, std::span<const TextToken> tokens) {
  std::string octets;
  for (const Part part : form.parts) {
    if (tokens.empty()) {
      return std::unexpected("unexpected end of input: the data of " + std::string(form.word) +
                             " has " + std::to_string(form.parts.size()) + " fields");
    }
    const std::size_t taken = takes_the_rest(part) ? tokens.size() : 1;
    const auto field = parse_part(part, tokens.first(taken));
    if (!field) {
      return field;
    }
    octets += *field;
    tokens = tokens.subspan(taken);
  }
  if (!tokens.empty()) {
    return std::unexpected("extra input text after the data of " + std::string(form.word));
  }
  return octets;
}

// A digest is as long as its kind says: a server takes no other (RFC 4034 5.1.4, RFC 4255 3.1.3,
// RFC 8976 2.2.4).
Octets checked_digest(RrType type, const std::string& octets) {
  struct Digest {
    std::size_t at;  // where its kind stands; it begins one octet later
    char kind;
    std::size_t length;
  };
  constexpr std::array kOfKeys{Digest{3, 1, 20}, Digest{3, 2, 32}, Digest{3, 4, 48}};
  constexpr std::array kOfHosts{Digest{1, 1, 20}, Digest{1, 2, 32}};
  const auto number = static_cast<std::uint16_t>(type);
  constexpr std::array kOfZones{Digest{5, 1, 48}, Digest{5, 2, 64}};
  std::span<const Digest> digests;
  if (number == 43 || number == 59 || number == 32768 || number == 32769) {  // DS, CDS, TA, DLV
    digests = kOfKeys;
  } else if (number == 44) {  // SSHFP
    digests = kOfHosts;
  } else if (number == 63) {  // ZONEMD
    digests = kOfZones;
  }
  for (const auto& [at, kind, length] : digests) {
    if (octets.size() <= at) {
      return std::unexpected("unexpected end of input");
    }
    const std::size_t found = octets.size() - at - 1;
    if (octets[at] == kind && found != length) {
      return std::unexpected((found < length ? "unexpected end of input" : "extra input text") +
                             std::string(": a digest of this kind has ") + std::to_string(length) +
                             " octets, not " + std::to_string(found));
    }
  }
  return octets;
}

// Nothing where the octets are not what the part says: they come from the other side, or from an
// opaque text.
std::optional<std::size_t> part_length(Part part, std::string_view octets) {
  const std::size_t first = octets.empty() ? 0 : static_cast<unsigned char>(octets.front());
  std::size_t length = octets.size();
  switch (part) {
    case u8:
      length = 1;
      break;
    case u16:
      length = 2;
      break;
    case u32:
    case ttl:
      length = 4;
      break;
    case name: {
      length = 0;
      while (length < octets.size() && octets[length] != '\0') {
        length += 1U + static_cast<unsigned char>(octets[length]);
      }
      ++length;
      if (length > octets.size() || !Name::from_wire(octets.substr(0, length))) {
        return std::nullopt;
      }
      break;
    }
    case text:
    case salt:
      length = 1 + first;
      break;
    case texts:
      length = 0;
      while (length < octets.size()) {
        length += 1U + static_cast<unsigned char>(octets[length]);
      }
      break;
    case raw_text:
    case hex:
    case base64:
    case core:
      break;
  }
  const bool fits = length <= octets.size() && (length > 0 || part == raw_text);
  return fits ? std::optional(length) : std::nullopt;
}

// As dig breaks what is long.
std::string in_pieces(const std::string& text) {
  constexpr std::size_t kPiece = 56;
  std::string pieces;
  for (std::size_t at = 0; at < text.size(); at += kPiece) {
    pieces += (at > 0 ? " " : "") + text.substr(at, kPiece);
  }
  return pieces;
}

std::string part_text(Part part, std::string_view octets) {
  switch (part) {
    case name: {
      const auto parsed = Name::from_wire(octets);
      return parsed ? absolute_text(*parsed) : std::string("?");
    }
    case text:
    case texts:
      return print_strings(octets);
    case raw_text:
      return quote(octets);
    case salt:
      return octets.size() <= 1 ? "-" : hex_text(octets.substr(1));
    case hex:
      return in_pieces(hex_text(octets));
    case base64:
      return in_pieces(net::encode_base64(octets));
    case u8:
    case u16:
    case u32:
    case ttl:
    case core:
      break;
  }
  std::uint64_t number = 0;
  for (const char octet : octets) {
    number = number << 8U | static_cast<unsigned char>(octet);
  }
  return std::to_string(number);
}

// In upper case, as dig has it.
std::string opaque_text(std::string_view octets) {
  return "\\# " + std::to_string(octets.size()) +
         (octets.empty() ? "" : " " + in_pieces(hex_text(octets)));
}

}  // namespace

std::optional<RrType> parse_type_word(std::string_view word) {
  const auto type = find_type(word);
  return type ? type : parse_rr_type(word);
}

std::string type_text(RrType type) {
  const auto word = find_type_word(type);
  return word ? std::string(*word) : to_string(type);
}

bool is_meta_type(RrType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return number == 0 || type == RrType::OPT || (number >= 128 && number <= 255);
}

std::vector<std::string> known_type_names() {
  std::vector<std::string> names;
  for (const Form& form : type_forms()) {
    names.emplace_back(form.word);
  }
  return names;
}

std::expected<std::string, std::string> parse_data(RrType type, std::string_view text) {
  const Form* const form = find_form(type);
  const bool opaque = trimmed(text).starts_with("\\#");
  if (form == nullptr || opaque) {
    // A quote inside a word belongs to the parameters of SVCB (RFC 9460 2.1).
    const auto number = static_cast<std::uint16_t>(type);
    const bool parameters = number == 64 || number == 65;
    const auto rdata =
        Rdata::parse(type, parameters ? std::string(trimmed(text)) : to_zone_text(text));
    if (!rdata) {
      return std::unexpected(rdata.error());
    }
    // Octets that are none of the type's own: a server would not take them.
    if (form != nullptr && data_text(type, rdata->wire()).starts_with("\\#")) {
      return std::unexpected("these octets are no data of " + std::string(form->word));
    }
    return form == nullptr ? Octets(rdata->wire()) : checked_digest(type, rdata->wire());
  }
  const auto tokens = split_tokens(to_zone_text(text));
  if (!tokens) {
    return std::unexpected(tokens.error());
  }
  const auto octets = parse_by_form(*form, *tokens);
  return octets ? checked_digest(type, *octets) : octets;
}

std::string data_text(RrType type, std::string_view octets) {
  const Form* const form = find_form(type);
  if (form == nullptr) {
    const auto rdata = Rdata::from_wire(type, octets);
    const std::string text = rdata ? rdata->to_string() : "";
    return text.empty() || text.starts_with("\\#") ? opaque_text(octets) : text;
  }
  std::string text;
  std::string_view rest = octets;
  for (const Part part : form->parts) {
    const auto length = part_length(part, rest);
    if (!length) {
      return opaque_text(octets);
    }
    text += text.empty() ? "" : " ";
    text += part_text(part, rest.substr(0, *length));
    rest.remove_prefix(*length);
  }
  return rest.empty() ? text : opaque_text(octets);
}

}  // namespace ronda::dnsupdate
