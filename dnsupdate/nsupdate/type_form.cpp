#include "dnsupdate/nsupdate/type_form.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "dnsupdate/nsupdate/octet_text.hpp"
#include "dnsupdate/nsupdate/words.hpp"
#include "dnsupdate/wire/base64.hpp"
#include "dnsupdate/wire/rdata.hpp"
#include "dnsupdate/wire/rdata_text.hpp"

namespace ronda::dnsupdate {
namespace {

// What a type's data consists of. `core`: Rdata reads it; it is here for its name.
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
using enum Part;

constexpr std::array kCore{core};
constexpr std::array kName{name};
constexpr std::array kTwoNames{name, name};
constexpr std::array kNumberName{u16, name};
constexpr std::array kPx{u16, name, name};
constexpr std::array kSrv{u16, u16, u16, name};
constexpr std::array kSoa{name, name, u32, ttl, ttl, ttl, ttl};
constexpr std::array kHostInfo{text, text};
constexpr std::array kText{text};
constexpr std::array kTexts{texts};
constexpr std::array kNaptr{u16, u16, text, text, text, name};
constexpr std::array kDigest{u16, u8, u8, hex};
constexpr std::array kKey{u16, u8, u8, base64};
constexpr std::array kCertificate{u16, u16, u8, base64};
constexpr std::array kFingerprint{u8, u8, hex};
constexpr std::array kAssociation{u8, u8, u8, hex};
constexpr std::array kBase64{base64};
constexpr std::array kNsec3Parameters{u8, u8, u16, salt};
constexpr std::array kUri{u16, u16, raw_text};

struct Form {
  std::uint16_t number;
  std::string_view word;
  std::span<const Part> parts;
};

const std::array kForms{
    Form{1, "A", kCore},
    Form{2, "NS", kName},
    Form{5, "CNAME", kName},
    Form{6, "SOA", kSoa},
    Form{7, "MB", kName},
    Form{8, "MG", kName},
    Form{9, "MR", kName},
    Form{12, "PTR", kName},
    Form{13, "HINFO", kHostInfo},
    Form{14, "MINFO", kTwoNames},
    Form{15, "MX", kNumberName},
    Form{16, "TXT", kTexts},
    Form{17, "RP", kTwoNames},
    Form{18, "AFSDB", kNumberName},
    Form{19, "X25", kText},
    Form{20, "ISDN", kTexts},
    Form{21, "RT", kNumberName},
    Form{25, "KEY", kKey},
    Form{26, "PX", kPx},
    Form{28, "AAAA", kCore},
    Form{33, "SRV", kSrv},
    Form{35, "NAPTR", kNaptr},
    Form{36, "KX", kNumberName},
    Form{37, "CERT", kCertificate},
    Form{39, "DNAME", kName},
    Form{43, "DS", kDigest},
    Form{44, "SSHFP", kFingerprint},
    Form{48, "DNSKEY", kKey},
    Form{49, "DHCID", kBase64},
    Form{51, "NSEC3PARAM", kNsec3Parameters},
    Form{52, "TLSA", kAssociation},
    Form{53, "SMIMEA", kAssociation},
    Form{59, "CDS", kDigest},
    Form{60, "CDNSKEY", kKey},
    Form{61, "OPENPGPKEY", kBase64},
    Form{64, "SVCB", kCore},
    Form{65, "HTTPS", kCore},
    Form{99, "SPF", kTexts},
    Form{256, "URI", kUri},
    Form{257, "CAA", kCore},
    Form{32769, "DLV", kDigest},
};

const Form* find_form(RrType type) {
  const auto* const found =
      std::ranges::find(kForms, static_cast<std::uint16_t>(type), &Form::number);
  return found == kForms.end() || found->parts.front() == core ? nullptr : found;
}

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
  const auto seconds = parse_ttl(word);
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
      return hex_text(octets);
    case base64:
      return encode_base64(octets);
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

}  // namespace

std::optional<RrType> parse_type_word(std::string_view word) {
  for (const Form& form : kForms) {
    if (same_word(word, form.word)) {
      return static_cast<RrType>(form.number);
    }
  }
  return parse_rr_type(word);
}

std::string type_text(RrType type) {
  const auto* const found =
      std::ranges::find(kForms, static_cast<std::uint16_t>(type), &Form::number);
  return found == kForms.end() ? to_string(type) : std::string(found->word);
}

bool is_meta_type(RrType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return number == 0 || type == RrType::OPT || (number >= 128 && number <= 255);
}

std::vector<std::string> known_type_names() {
  std::vector<std::string> names;
  for (const Form& form : kForms) {
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
    return rdata ? Octets(rdata->wire()) : std::unexpected(rdata.error());
  }
  const auto tokens = split_tokens(to_zone_text(text));
  if (!tokens) {
    return std::unexpected(tokens.error());
  }
  const auto octets = parse_by_form(*form, *tokens);
  return octets ? octets : std::unexpected(octets.error());
}

std::string data_text(RrType type, std::string_view octets) {
  const Form* const form = find_form(type);
  if (form == nullptr) {
    const auto rdata = Rdata::from_wire(type, octets);
    return rdata ? rdata->to_string() : print_opaque(octets);
  }
  std::string text;
  std::string_view rest = octets;
  for (const Part part : form->parts) {
    const auto length = part_length(part, rest);
    if (!length) {
      return print_opaque(octets);
    }
    text += text.empty() ? "" : " ";
    text += part_text(part, rest.substr(0, *length));
    rest.remove_prefix(*length);
  }
  return rest.empty() ? text : print_opaque(octets);
}

}  // namespace ronda::dnsupdate
