#include "tests/unit/update/fake_primary.hpp"

#include <algorithm>

#include "dnsupdate/update/update_request.hpp"

namespace ronda::test {

using namespace dnsupdate;

void FakePrimary::put(const RrSet& set) {
  committed_[set.key] = set;
  publish();
}

RrSet FakePrimary::committed(const RrsetKey& key) const {
  const auto found = committed_.find(key);
  return found == committed_.end() ? RrSet{.key = key} : found->second;
}

bool FakePrimary::exists(const RrsetKey& key) const {
  return !committed(key).empty();
}

bool FakePrimary::name_exists(const Name& owner) const {
  return std::any_of(committed_.begin(), committed_.end(), [&](const auto& entry) {
    return entry.first.owner == owner && !entry.second.empty();
  });
}

Reply FakePrimary::answer(const Message& message) {
  Message reply;
  reply.header = message.header;
  reply.header.qr = true;
  reply.question = message.question;
  if (message.header.opcode == Opcode::UPDATE) {
    reply.header.rcode = static_cast<std::uint8_t>(update(message));
  } else {
    query(message, reply);
  }
  return {.message = reply};
}

void FakePrimary::query(const Message& message, Message& reply) const {
  const Question& question = message.question.front();
  reply.header.aa = true;
  if (question.type == RrType::SOA) {
    const Rdata soa = Rdata::parse(RrType::SOA, "ns.example.com h.example.com " +
                                                    std::to_string(serial_) + " 3600 600 86400 60")
                          .value();
    reply.answer.push_back({.owner = zone_, .type = RrType::SOA, .ttl = 60, .rdata = soa.wire()});
    return;
  }
  if (question.type == kDnskey && has_dnssec_keys) {
    reply.answer.push_back({.owner = zone_, .type = kDnskey, .ttl = 60, .rdata = "key"});
    return;
  }
  const auto found = visible_.find({.owner = question.name, .type = question.type});
  if (found == visible_.end()) {
    return;
  }
  for (const Rdata& rdata : found->second.data) {
    reply.answer.push_back({.owner = found->second.key.owner,
                            .type = question.type,
                            .ttl = found->second.ttl,
                            .rdata = rdata.wire()});
  }
}

Rcode FakePrimary::check_prerequisites(const Message& message) const {
  std::map<RrsetKey, RrSet> exact;
  for (const ResourceRecord& record : message.answer) {
    if (record.ttl != 0) {
      return Rcode::FORMERR;
    }
    const RrsetKey key{.owner = record.owner, .type = record.type};
    if (record.rr_class == RrClass::IN) {
      RrSet& set = exact[key];
      set.key = key;
      set.insert(Rdata::from_wire(record.type, record.rdata).value());
    } else if (record.type == RrType::ANY) {
      const bool wanted = record.rr_class == RrClass::ANY;
      if (name_exists(record.owner) != wanted) {
        return wanted ? Rcode::NXDOMAIN : Rcode::YXDOMAIN;
      }
    } else if (record.rr_class == RrClass::ANY && !exists(key)) {
      return Rcode::NXRRSET;
    } else if (record.rr_class == RrClass::NONE && exists(key)) {
      return Rcode::YXRRSET;
    }
  }
  for (const auto& [key, set] : exact) {
    if (!same_records(committed(key), set)) {
      return Rcode::NXRRSET;
    }
  }
  return Rcode::NOERROR;
}

Rcode FakePrimary::update(const Message& message) {
  ++updates;
  if (message.question.front().name != zone_) {
    return Rcode::NOTAUTH;
  }
  if (frozen) {
    return Rcode::REFUSED;
  }
  for (const ResourceRecord& record : message.authority) {
    if (denied.contains(record.owner)) {
      return Rcode::REFUSED;
    }
  }
  if (const Rcode rcode = check_prerequisites(message); rcode != Rcode::NOERROR) {
    return rcode;
  }
  const Zone before = committed_;
  const bool took = apply(message);
  std::erase_if(committed_, [](const auto& entry) { return entry.second.empty(); });
  if (committed_ == before) {
    return Rcode::NOERROR;
  }
  if (!took || failure != Rcode::NOERROR) {
    committed_ = before;
    return took ? failure : Rcode::SERVFAIL;
  }
  ++serial_;
  ++effective_updates;
  const bool lost = lost_transfers > 0;
  lost_transfers -= lost ? 1 : 0;
  if (publishes_at_once && !lost) {
    publish();
  }
  return Rcode::NOERROR;
}

bool FakePrimary::apply(const Message& message) {
  for (const ResourceRecord& record : message.authority) {
    const RrsetKey key{.owner = record.owner, .type = record.type};
    const Rdata rdata = Rdata::from_wire(record.type, record.rdata).value();
    if (record.rr_class == RrClass::NONE) {
      committed_[key].erase(rdata);
    } else if (!ignores_additions) {
      RrSet& set = committed_[key];
      set.key = key;
      set.ttl = std::min(record.ttl, ttl_limit);
      set.insert(rdata);
      if (set.data.size() > record_limit) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace ronda::test
