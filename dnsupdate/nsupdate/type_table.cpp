#include "dnsupdate/nsupdate/type_table.hpp"

#include <algorithm>
#include <array>

#include "dnsupdate/nsupdate/words.hpp"

namespace ronda::dnsupdate {
namespace {

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
constexpr std::array kZoneDigest{u32, u8, u8, hex};

const std::array kForms{
    Form{1, "A", kCore},
    Form{2, "NS", kName},
    Form{3, "MD", kName},
    Form{4, "MF", kName},
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
    Form{23, "NSAP-PTR", kName},
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
    Form{56, "NINFO", kTexts},
    Form{57, "RKEY", kKey},
    Form{58, "TALINK", kTwoNames},
    Form{59, "CDS", kDigest},
    Form{60, "CDNSKEY", kKey},
    Form{61, "OPENPGPKEY", kBase64},
    Form{63, "ZONEMD", kZoneDigest},
    Form{64, "SVCB", kCore},
    Form{65, "HTTPS", kCore},
    Form{99, "SPF", kTexts},
    Form{107, "LP", kNumberName},
    Form{256, "URI", kUri},
    Form{257, "CAA", kCore},
    Form{258, "AVC", kTexts},
    Form{261, "RESINFO", kTexts},
    Form{262, "WALLET", kTexts},
    Form{32768, "TA", kDigest},
    Form{32769, "DLV", kDigest},
};

struct Word {
  std::uint16_t number;
  std::string_view word;
};

// Known by name only: their data is read as \# LENGTH HEX, or never where they are questions.
constexpr std::array kWords{
    Word{10, "NULL"},   Word{11, "WKS"},       Word{22, "NSAP"},     Word{24, "SIG"},
    Word{27, "GPOS"},   Word{29, "LOC"},       Word{30, "NXT"},      Word{31, "EID"},
    Word{32, "NIMLOC"}, Word{34, "ATMA"},      Word{38, "A6"},       Word{40, "SINK"},
    Word{41, "OPT"},    Word{42, "APL"},       Word{45, "IPSECKEY"}, Word{46, "RRSIG"},
    Word{47, "NSEC"},   Word{50, "NSEC3"},     Word{55, "HIP"},      Word{62, "CSYNC"},
    Word{100, "UINFO"}, Word{101, "UID"},      Word{102, "GID"},     Word{103, "UNSPEC"},
    Word{104, "NID"},   Word{105, "L32"},      Word{106, "L64"},     Word{108, "EUI48"},
    Word{109, "EUI64"}, Word{249, "TKEY"},     Word{250, "TSIG"},    Word{251, "IXFR"},
    Word{252, "AXFR"},  Word{253, "MAILB"},    Word{254, "MAILA"},   Word{255, "ANY"},
    Word{259, "DOA"},   Word{260, "AMTRELAY"},
};

}  // namespace

std::span<const Form> type_forms() {
  return kForms;
}

const Form* find_form(RrType type) {
  const auto* const found =
      std::ranges::find(kForms, static_cast<std::uint16_t>(type), &Form::number);
  return found == kForms.end() || found->parts.front() == core ? nullptr : found;
}

std::optional<RrType> find_type(std::string_view word) {
  for (const Form& form : kForms) {
    if (same_word(word, form.word)) {
      return static_cast<RrType>(form.number);
    }
  }
  for (const Word& other : kWords) {
    if (same_word(word, other.word)) {
      return static_cast<RrType>(other.number);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> find_type_word(RrType type) {
  const auto number = static_cast<std::uint16_t>(type);
  if (const auto* const form = std::ranges::find(kForms, number, &Form::number);
      form != kForms.end()) {
    return form->word;
  }
  const auto* const other = std::ranges::find(kWords, number, &Word::number);
  return other == kWords.end() ? std::nullopt : std::optional(other->word);
}

}  // namespace ronda::dnsupdate
