#include "dnsupdate/nsupdate/script_session.hpp"

#include <utility>

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kRecordRest = 10;  // type, class, TTL and the length of the data
constexpr std::size_t kMessageLimit = 65'535;
constexpr auto kDs = static_cast<RrType>(43);

}  // namespace

RrClass ScriptSession::zone_class() {
  if (!zone_class_) {
    zone_class_ = default_class_;
  }
  return *zone_class_;
}

bool ScriptSession::set_zone_class(RrClass rr_class) {
  if (rr_class == RrClass::NONE) {
    zone_class_ = std::nullopt;
    return true;
  }
  if (!zone_class_) {
    zone_class_ = rr_class;
  }
  return *zone_class_ == rr_class;
}

std::expected<void, std::string> ScriptSession::take(std::vector<ResourceRecord>& section,
                                                     ResourceRecord record) {
  // At its shortest: the owner may be written as a pointer and one label.
  octets_ += 2 + kRecordRest + record.rdata.size();
  if (octets_ > kMessageLimit) {
    return std::unexpected(
        "the message is longer than the 65,535 octets that DNS allows; put \"send\" before this "
        "line");
  }
  section.push_back(std::move(record));
  return {};
}

std::expected<void, std::string> ScriptSession::add_prerequisite(ResourceRecord record) {
  return take(prerequisites_, std::move(record));
}

std::expected<void, std::string> ScriptSession::add_update(ResourceRecord record) {
  return take(updates_, std::move(record));
}

std::optional<Name> ScriptSession::name_to_find() const {
  if (!updates_.empty()) {
    // A DS record lives in the zone above its name.
    const ResourceRecord& first = updates_.front();
    return first.type == kDs ? first.owner.parent() : first.owner;
  }
  if (!prerequisites_.empty()) {
    return prerequisites_.front().owner;
  }
  return std::nullopt;
}

Message ScriptSession::message(const std::optional<Name>& in_zone) {
  Message message;
  message.header.opcode = Opcode::UPDATE;
  if (in_zone) {
    message.question.push_back({.name = *in_zone, .type = RrType::SOA, .rr_class = zone_class()});
  }
  message.answer = prerequisites_;
  message.authority = updates_;
  return message;
}

void ScriptSession::begin_message() {
  prerequisites_.clear();
  updates_.clear();
  octets_ = 0;
}

}  // namespace ronda::dnsupdate
