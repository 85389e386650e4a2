#include "dnsupdate/update/update_request.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace ronda::dnsupdate {
namespace {

Message empty_update(const Name& zone) {
  Message message;
  message.header.opcode = Opcode::UPDATE;
  message.question.push_back({.name = zone, .type = RrType::SOA, .rr_class = RrClass::IN});
  return message;
}

ResourceRecord condition(const Name& owner, RrType type, RrClass rr_class) {
  return {.owner = owner, .type = type, .rr_class = rr_class, .ttl = 0};
}

void require_exactly(Message& message, const Name& owner, const RrSet& set) {
  if (set.empty()) {
    message.answer.push_back(condition(owner, set.key.type, RrClass::NONE));
    return;
  }
  for (const Rdata& rdata : set.data) {
    message.answer.push_back({.owner = owner,
                              .type = set.key.type,
                              .rr_class = RrClass::IN,
                              .ttl = 0,
                              .rdata = rdata.wire()});
  }
}

// The RRsets that one message changes, for looking up whole batches.
using ChangedKeys = std::set<RrsetKey>;

ChangedKeys keys_of(const std::vector<RrsetChange>& changes) {
  ChangedKeys keys;
  for (const RrsetChange& change : changes) {
    keys.insert(change.observed.key);
  }
  return keys;
}

bool changes_another_rrset(const RrsetKey& key, const ChangedKeys& changed) {
  for (auto place = changed.lower_bound({.owner = key.owner, .type = RrType{}});
       place != changed.end() && place->owner == key.owner; ++place) {
    if (place->type != key.type) {
      return true;
    }
  }
  return false;
}

// BIND answers NOERROR and does nothing when a CNAME meets other data at its owner. A prerequisite
// turns that silence into a refusal.
void require_no_alias_clash(Message& message, const RrsetChange& change, const ChangedKeys& changed,
                            std::set<RrsetKey>& required) {
  if (added_records(change).empty()) {
    return;
  }
  RrsetKey clash{.owner = change.observed.key.owner, .type = RrType::CNAME};
  if (change.observed.key.type == RrType::CNAME) {
    if (!change.observed.empty() || changes_another_rrset(change.observed.key, changed)) {
      return;
    }
    clash.type = RrType::ANY;
  } else if (changed.contains(clash)) {
    return;
  }
  if (required.insert(clash).second) {
    message.answer.push_back(condition(clash.owner, clash.type, RrClass::NONE));
  }
}

void delete_records(Message& message, const RrsetChange& change) {
  for (const Rdata& rdata : removed_records(change)) {
    message.authority.push_back({.owner = change.observed.key.owner,
                                 .type = rdata.type(),
                                 .rr_class = RrClass::NONE,
                                 .ttl = 0,
                                 .rdata = rdata.wire()});
  }
}

// Another TTL is written with a removal too: adding one record that stays gives it to the RRset.
// Not where the set is so full that BIND takes removals only.
bool needs_ttl(const RrsetChange& change) {
  constexpr std::size_t kUsualCap = 100;
  return !change.wanted.empty() && change.wanted.ttl != change.observed.ttl &&
         change.wanted.data.size() < kUsualCap && !removed_records(change).empty();
}

void add_records(Message& message, const RrsetChange& change) {
  std::vector<Rdata> records = added_records(change);
  if (records.empty() && needs_ttl(change)) {
    records.push_back(change.wanted.data.front());
  }
  for (const Rdata& rdata : records) {
    message.authority.push_back({.owner = change.observed.key.owner,
                                 .type = rdata.type(),
                                 .rr_class = RrClass::IN,
                                 .ttl = change.wanted.ttl,
                                 .rdata = rdata.wire()});
  }
}

std::string owner_text(const Name& owner) {
  return owner.is_root() ? "." : owner.to_string() + ".";
}

std::string prerequisite_text(const ResourceRecord& record) {
  const std::string owner = owner_text(record.owner);
  if (record.rr_class == RrClass::NONE) {
    if (record.type == RrType::ANY) {
      return "prereq nxdomain " + owner;
    }
    return "prereq nxrrset " + owner + " IN " + to_string(record.type);
  }
  return "prereq yxrrset " + owner + " IN " + to_string(record.type);
}

std::string rdata_text(const ResourceRecord& record) {
  const auto rdata = Rdata::from_wire(record.type, record.rdata);
  return rdata ? rdata->to_string() : std::string();
}

}  // namespace

std::vector<Rdata> added_records(const RrsetChange& change) {
  std::vector<Rdata> records;
  std::copy_if(change.wanted.data.begin(), change.wanted.data.end(), std::back_inserter(records),
               [&](const Rdata& rdata) { return !change.observed.contains(rdata); });
  return records;
}

std::vector<Rdata> removed_records(const RrsetChange& change) {
  std::vector<Rdata> records;
  std::copy_if(change.observed.data.begin(), change.observed.data.end(),
               std::back_inserter(records),
               [&](const Rdata& rdata) { return !change.wanted.contains(rdata); });
  return records;
}

Message update_message(const Name& zone, const std::vector<RrsetChange>& changes) {
  Message message = empty_update(zone);
  const ChangedKeys changed = keys_of(changes);
  std::set<RrsetKey> required;
  for (const RrsetChange& change : changes) {
    require_exactly(message, change.observed.key.owner, change.observed);
    require_no_alias_clash(message, change, changed, required);
  }
  // Update records are processed in order. Deletions come first: an address added before its CNAME
  // is deleted is lost, and a full RRset takes nothing more. Only the zone's own NS come last: BIND
  // keeps the last of them without a word.
  const auto is_apex_ns = [&](const RrsetChange& change) {
    return change.observed.key.type == RrType::NS && change.observed.key.owner == zone;
  };
  for (const RrsetChange& change : changes) {
    if (!is_apex_ns(change)) {
      delete_records(message, change);
    }
  }
  for (const RrsetChange& change : changes) {
    add_records(message, change);
  }
  for (const RrsetChange& change : changes) {
    if (is_apex_ns(change)) {
      delete_records(message, change);
    }
  }
  return message;
}

std::string to_nsupdate_text(const Name& zone, const std::vector<RrsetChange>& changes) {
  const Message message = update_message(zone, changes);
  std::string text = "zone " + owner_text(zone) + "\n";
  for (const ResourceRecord& record : message.answer) {
    text += prerequisite_text(record);
    if (record.rr_class == RrClass::IN) {
      text += " " + rdata_text(record);
    }
    text += "\n";
  }
  for (const ResourceRecord& record : message.authority) {
    const std::string owner = owner_text(record.owner);
    if (record.rr_class == RrClass::NONE) {
      text += "update delete " + owner + " IN ";
    } else {
      text += "update add " + owner + " " + std::to_string(record.ttl) + " IN ";
    }
    text += to_string(record.type) + " " + rdata_text(record) + "\n";
  }
  return text + "send\n";
}

Message exact_question(const Name& zone, const std::vector<RrSet>& sets) {
  Message message = empty_update(zone);
  for (const RrSet& set : sets) {
    require_exactly(message, set.key.owner, set);
  }
  return message;
}

Message presence_question(const Name& zone, const RrsetKey& key, bool present) {
  Message message = empty_update(zone);
  message.answer.push_back(condition(key.owner, key.type, present ? RrClass::ANY : RrClass::NONE));
  return message;
}

Message query_message(const RrsetKey& key) {
  Message message;
  message.question.push_back({.name = key.owner, .type = key.type, .rr_class = RrClass::IN});
  return message;
}

Message keys_question(const Name& zone) {
  return query_message({.owner = zone, .type = kDnskey});
}

}  // namespace ronda::dnsupdate
