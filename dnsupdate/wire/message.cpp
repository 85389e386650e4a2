#include "dnsupdate/wire/message.hpp"

#include <algorithm>
#include <string_view>

#include "dnsupdate/wire/message_reader.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kMaxMessage = 65535;
constexpr std::size_t kHeaderLength = 12;

class Writer {
 public:
  void u16(std::size_t value) {
    octets_.push_back(static_cast<std::byte>(value >> 8 & 0xff));
    octets_.push_back(static_cast<std::byte>(value & 0xff));
  }

  void raw(std::string_view octets) {
    for (const char octet : octets) {
      octets_.push_back(static_cast<std::byte>(octet));
    }
  }

  std::size_t size() const { return octets_.size(); }
  Bytes take() { return std::move(octets_); }

 private:
  Bytes octets_{};
};

std::size_t flags(const Header& header) {
  const auto bit = [](bool set, std::size_t mask) { return set ? mask : std::size_t{0}; };
  return bit(header.qr, 0x8000) | (static_cast<std::size_t>(header.opcode) & 0x0f) << 11 |
         bit(header.aa, 0x0400) | bit(header.tc, 0x0200) | bit(header.rd, 0x0100) |
         bit(header.ra, 0x0080) | bit(header.ad, 0x0020) | bit(header.cd, 0x0010) |
         (header.rcode & 0x0fu);
}

// Octet for octet, not ignoring case: the server keeps the spelling an owner arrives in.
void write_owner(Writer& writer, const Name& owner, const Name* question) {
  const std::string_view wire = owner.wire();
  const std::string_view base = question == nullptr ? std::string_view() : question->wire();
  std::size_t position = 0;
  while (wire[position] != '\0') {
    const std::string_view suffix = wire.substr(position);
    std::size_t in_base = 0;
    while (in_base < base.size() && base.size() - in_base > suffix.size()) {
      in_base += 1 + std::size_t{static_cast<unsigned char>(base[in_base])};
    }
    if (in_base < base.size() && base.substr(in_base) == suffix) {
      writer.raw(wire.substr(0, position));
      writer.u16(0xc000 | (kHeaderLength + in_base));
      return;
    }
    position += 1 + std::size_t{static_cast<unsigned char>(wire[position])};
  }
  writer.raw(wire);
}

std::expected<void, WireError> write_record(Writer& writer, const ResourceRecord& record,
                                            const Name* question) {
  write_owner(writer, record.owner, question);
  writer.u16(static_cast<std::size_t>(record.type));
  writer.u16(static_cast<std::size_t>(record.rr_class));
  writer.u16(record.ttl >> 16);
  writer.u16(record.ttl & 0xffff);
  writer.u16(record.rdata.size());
  // Before the data goes in: a length that does not fit its field never makes a record.
  if (record.rdata.size() > kMaxMessage - std::min(kMaxMessage, writer.size())) {
    return std::unexpected(
        WireError{writer.size(), "the message is longer than 65535 octets; send less at once"});
  }
  writer.raw(record.rdata);
  return {};
}

}  // namespace

Rcode Message::rcode() const {
  std::uint32_t extended = 0;
  for (const ResourceRecord& record : additional) {
    if (record.type == RrType::OPT) {
      extended = record.ttl >> 24;
    }
  }
  return static_cast<Rcode>(extended << 4 | (header.rcode & 0x0fu));
}

std::expected<Message, WireError> read_message(std::span<const std::byte> octets) {
  auto placed = read_placed_message(octets);
  if (!placed) {
    return std::unexpected(placed.error());
  }
  return std::move(placed->message);
}

std::expected<Bytes, WireError> write_message(const Message& message) {
  Writer writer;
  writer.u16(message.header.id);
  writer.u16(flags(message.header));
  writer.u16(message.question.size());
  writer.u16(message.answer.size());
  writer.u16(message.authority.size());
  writer.u16(message.additional.size());
  for (const Question& question : message.question) {
    writer.raw(question.name.wire());
    writer.u16(static_cast<std::size_t>(question.type));
    writer.u16(static_cast<std::size_t>(question.rr_class));
  }
  const Name* const base = message.question.empty() ? nullptr : &message.question.front().name;
  for (const auto* section : {&message.answer, &message.authority, &message.additional}) {
    for (const ResourceRecord& record : *section) {
      if (const auto written = write_record(writer, record, base); !written) {
        return std::unexpected(written.error());
      }
    }
  }
  if (writer.size() > kMaxMessage) {
    return std::unexpected(WireError{writer.size(), "the message is longer than 65535 octets"});
  }
  return writer.take();
}

}  // namespace ronda::dnsupdate
