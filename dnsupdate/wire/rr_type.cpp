#include "dnsupdate/wire/rr_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ronda::dnsupdate {
namespace {

template <typename Number>
struct Row {
  Number number;
  std::string_view text;
};

constexpr auto kTypes = std::to_array<Row<RrType>>({
    {RrType::A, "A"},         {RrType::NS, "NS"},         {RrType::CNAME, "CNAME"},
    {RrType::SOA, "SOA"},     {RrType::PTR, "PTR"},       {RrType::HINFO, "HINFO"},
    {RrType::MX, "MX"},       {RrType::TXT, "TXT"},       {RrType::AAAA, "AAAA"},
    {RrType::SRV, "SRV"},     {RrType::NAPTR, "NAPTR"},   {RrType::DNAME, "DNAME"},
    {RrType::OPT, "OPT"},     {RrType::DS, "DS"},         {RrType::SSHFP, "SSHFP"},
    {RrType::RRSIG, "RRSIG"}, {RrType::DNSKEY, "DNSKEY"}, {RrType::TLSA, "TLSA"},
    {RrType::SVCB, "SVCB"},   {RrType::HTTPS, "HTTPS"},   {RrType::TSIG, "TSIG"},
    {RrType::ANY, "ANY"},     {RrType::CAA, "CAA"},
});

constexpr auto kClasses = std::to_array<Row<RrClass>>({
    {RrClass::IN, "IN"},
    {RrClass::CH, "CH"},
    {RrClass::NONE, "NONE"},
    {RrClass::ANY, "ANY"},
});

constexpr auto kRcodes = std::to_array<Row<Rcode>>({
    {Rcode::NOERROR, "NOERROR"},
    {Rcode::FORMERR, "FORMERR"},
    {Rcode::SERVFAIL, "SERVFAIL"},
    {Rcode::NXDOMAIN, "NXDOMAIN"},
    {Rcode::NOTIMP, "NOTIMP"},
    {Rcode::REFUSED, "REFUSED"},
    {Rcode::YXDOMAIN, "YXDOMAIN"},
    {Rcode::YXRRSET, "YXRRSET"},
    {Rcode::NXRRSET, "NXRRSET"},
    {Rcode::NOTAUTH, "NOTAUTH"},
    {Rcode::NOTZONE, "NOTZONE"},
    {Rcode::BADVERS, "BADVERS"},
});

constexpr auto kTsigErrors = std::to_array<Row<TsigError>>({
    {TsigError::NOERROR, "NOERROR"},
    {TsigError::BADSIG, "BADSIG"},
    {TsigError::BADKEY, "BADKEY"},
    {TsigError::BADTIME, "BADTIME"},
    {TsigError::BADTRUNC, "BADTRUNC"},
});

template <typename Number, std::size_t kSize>
std::string text_of(const std::array<Row<Number>, kSize>& rows, Number number,
                    std::string_view unknown_prefix) {
  for (const Row<Number>& row : rows) {
    if (row.number == number) {
      return std::string(row.text);
    }
  }
  return std::string(unknown_prefix) + std::to_string(static_cast<unsigned>(number));
}

char upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

}  // namespace

std::string to_string(RrType type) {
  return text_of(kTypes, type, "TYPE");
}
std::string to_string(RrClass rr_class) {
  return text_of(kClasses, rr_class, "CLASS");
}
std::string to_string(Rcode rcode) {
  return text_of(kRcodes, rcode, "RCODE");
}
std::string to_string(TsigError error) {
  return text_of(kTsigErrors, error, "TSIGERROR");
}

std::optional<RrType> parse_rr_type(std::string_view text) {
  std::string name(text);
  std::ranges::transform(name, name.begin(), upper);
  for (const Row<RrType>& row : kTypes) {
    if (row.text == name) {
      return row.number;
    }
  }
  constexpr std::string_view kPrefix = "TYPE";
  if (!name.starts_with(kPrefix)) {
    return std::nullopt;
  }
  std::uint16_t number = 0;
  const char* const first = name.data() + kPrefix.size();
  const char* const last = name.data() + name.size();
  const auto [end, error] = std::from_chars(first, last, number);
  if (error != std::errc{} || end != last) {
    return std::nullopt;
  }
  return static_cast<RrType>(number);
}

}  // namespace ronda::dnsupdate
