#include "dnsupdate/wire/message_reader.hpp"

#include <optional>

#include "dnsupdate/wire/rdata_layout.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kMaxMessage = 65535;
constexpr std::size_t kMaxName = 255;

// The first error sticks and every later read gives zero, so that a record is read in a straight
// line and checked once.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> octets) : octets_(octets) {}

  bool failed() const { return error_.has_value(); }
  const WireError& error() const { return *error_; }
  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return octets_.size() - offset_; }

  void fail(std::string what) {
    if (!error_) {
      error_ = WireError{offset_, std::move(what)};
    }
  }

  std::string take(std::size_t count, const char* what) {
    if (error_ || count > remaining()) {
      fail(std::string(what) + " runs past the end");
      return {};
    }
    std::string taken;
    for (const std::byte octet : octets_.subspan(offset_, count)) {
      taken += static_cast<char>(octet);
    }
    offset_ += count;
    return taken;
  }

  std::uint32_t number(std::size_t width, const char* what) {
    if (error_ || width > remaining()) {
      fail(std::string(what) + " runs past the end");
      return 0;
    }
    std::uint32_t value = 0;
    for (const std::byte octet : octets_.subspan(offset_, width)) {
      value = value << 8 | std::to_integer<std::uint32_t>(octet);
    }
    offset_ += width;
    return value;
  }

  std::uint16_t u16(const char* what) { return static_cast<std::uint16_t>(number(2, what)); }

  // RFC 1035 4.1.4. A pointer must lead before the piece of the name that holds it, so every jump
  // goes back and the walk ends.
  std::string name() {
    std::string wire;
    std::size_t position = offset_;
    std::size_t piece_start = offset_;
    std::size_t after = 0;  // behind the first pointer
    while (!error_) {
      const std::optional<std::size_t> length = octet_at(position);
      if (!length) {
        break;
      }
      if (*length >= 0xc0) {
        const std::optional<std::size_t> low = octet_at(position + 1);
        if (!low) {
          break;
        }
        const std::size_t target = (*length & 0x3f) << 8 | *low;
        if (after == 0) {
          after = position + 2;
        }
        if (target >= piece_start) {
          fail("a compression pointer does not go backwards");
          break;
        }
        position = target;
        piece_start = target;
        continue;
      }
      if (*length > 63) {
        fail("a label type other than plain or pointer");
        break;
      }
      if (position + 1 + *length > octets_.size()) {
        fail("a name runs past the end");
        break;
      }
      for (const std::byte octet : octets_.subspan(position, 1 + *length)) {
        wire += static_cast<char>(octet);
      }
      position += 1 + *length;
      if (wire.size() > kMaxName) {
        fail("a name is longer than 255 octets");
        break;
      }
      if (*length == 0) {
        offset_ = after == 0 ? position : after;
        return wire;
      }
    }
    return std::string(1, '\0');
  }

 private:
  std::optional<std::size_t> octet_at(std::size_t position) {
    if (position >= octets_.size()) {
      fail("a name runs past the end");
      return std::nullopt;
    }
    return std::to_integer<std::size_t>(octets_[position]);
  }

  std::span<const std::byte> octets_;
  std::size_t offset_ = 0;
  std::optional<WireError> error_{};
};

Name read_name(Reader& reader) {
  auto name = Name::from_wire(reader.name());
  if (!name) {
    reader.fail(name.error());
    return Name();
  }
  return std::move(*name);
}

// RFC 1035 gives A another form in class CH; the others exist in IN only (RFC 3596, 2782, 9460).
bool is_opaque(RrType type, RrClass rr_class) {
  const bool internet_only = type == RrType::A || type == RrType::AAAA || type == RrType::SRV ||
                             type == RrType::SVCB || type == RrType::HTTPS;
  const bool internet =
      rr_class == RrClass::IN || rr_class == RrClass::ANY || rr_class == RrClass::NONE;
  return internet_only && !internet;
}

std::string read_fields(Reader& reader, RrType type, std::size_t end) {
  std::string rdata;
  for (const RdataField field : rdata_layout(type)) {
    switch (field) {
      case RdataField::u8:
        rdata += reader.take(1, "a number");
        break;
      case RdataField::u16:
        rdata += reader.take(2, "a number");
        break;
      case RdataField::u32:
      case RdataField::ipv4:
        rdata += reader.take(4, "a number or address");
        break;
      case RdataField::ipv6:
        rdata += reader.take(16, "an address");
        break;
      case RdataField::name:
      case RdataField::exact_name:
        rdata += reader.name();
        break;
      case RdataField::tag: {
        const std::string length = reader.take(1, "a tag");
        rdata += length;
        rdata += reader.take(length.empty() ? 0 : static_cast<unsigned char>(length[0]), "a tag");
        break;
      }
      case RdataField::text:
      case RdataField::strings:
      case RdataField::parameters:
      case RdataField::rest:
        if (reader.offset() <= end) {
          rdata += reader.take(end - reader.offset(), "the record data");
        }
        break;
    }
  }
  return rdata;
}

std::string read_rdata(Reader& reader, const ResourceRecord& record) {
  const std::size_t length = reader.u16("the data length");
  if (reader.failed() || length > reader.remaining()) {
    reader.fail("the record data runs past the end");
    return {};
  }
  // RFC 2136 2.4 and 2.5: classes ANY and NONE say "any such record" with no data at all.
  const bool may_be_empty = record.rr_class == RrClass::ANY || record.rr_class == RrClass::NONE;
  if (length == 0 && may_be_empty) {
    return {};
  }
  if (is_opaque(record.type, record.rr_class)) {
    return reader.take(length, "the record data");
  }
  const std::size_t end = reader.offset() + length;
  std::string rdata = read_fields(reader, record.type, end);
  if (!reader.failed() && reader.offset() != end) {
    reader.fail("the record data does not have the length it states");
  }
  if (!reader.failed() && !Rdata::from_wire(record.type, rdata)) {
    reader.fail("the record data does not have the form of " + to_string(record.type));
  }
  return rdata;
}

ResourceRecord read_record(Reader& reader) {
  ResourceRecord record;
  record.owner = read_name(reader);
  record.type = static_cast<RrType>(reader.u16("a record"));
  record.rr_class = static_cast<RrClass>(reader.u16("a record"));
  record.ttl = reader.number(4, "a record");
  if (record.type == RrType::OPT && !record.owner.is_root()) {
    reader.fail("an OPT record whose owner is not the root");
  }
  record.rdata = read_rdata(reader, record);
  return record;
}

Header read_header(Reader& reader) {
  Header header;
  header.id = reader.u16("the header");
  const std::uint32_t flags = reader.u16("the header");
  header.qr = (flags & 0x8000) != 0;
  header.opcode = static_cast<Opcode>(flags >> 11 & 0x0f);
  header.aa = (flags & 0x0400) != 0;
  header.tc = (flags & 0x0200) != 0;
  header.rd = (flags & 0x0100) != 0;
  header.ra = (flags & 0x0080) != 0;
  header.ad = (flags & 0x0020) != 0;
  header.cd = (flags & 0x0010) != 0;
  header.rcode = static_cast<std::uint8_t>(flags & 0x0f);
  return header;
}

}  // namespace

std::expected<PlacedMessage, WireError> read_placed_message(std::span<const std::byte> octets) {
  if (octets.size() > kMaxMessage) {
    return std::unexpected(WireError{kMaxMessage, "the message is longer than 65535 octets"});
  }
  Reader reader(octets);
  PlacedMessage placed;
  Message& message = placed.message;
  message.header = read_header(reader);
  const std::size_t questions = reader.u16("the header");
  const std::size_t answers = reader.u16("the header");
  const std::size_t authorities = reader.u16("the header");
  const std::size_t additionals = reader.u16("the header");

  for (std::size_t i = 0; i < questions && !reader.failed(); ++i) {
    Question question;
    question.name = read_name(reader);
    question.type = static_cast<RrType>(reader.u16("a question"));
    question.rr_class = static_cast<RrClass>(reader.u16("a question"));
    message.question.push_back(std::move(question));
  }
  placed.last_record = octets.size();
  const auto read_section = [&](std::vector<ResourceRecord>& section, std::size_t count) {
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
      placed.last_record = reader.offset();
      section.push_back(read_record(reader));
    }
  };
  read_section(message.answer, answers);
  read_section(message.authority, authorities);
  read_section(message.additional, additionals);
  if (!reader.failed() && reader.remaining() != 0) {
    reader.fail("octets follow the last record");
  }
  if (reader.failed()) {
    return std::unexpected(reader.error());
  }
  return placed;
}

}  // namespace ronda::dnsupdate
