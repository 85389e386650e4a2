#include "dnsupdate/update/read_result.hpp"

#include <algorithm>
#include <utility>

#include "dnsupdate/update/diagnosis.hpp"

namespace ronda::dnsupdate {
namespace {

std::unexpected<ReadFault> fault(ReadFaultKind kind, const Message& reply,
                                 const std::string& server, std::string detail) {
  return std::unexpected(ReadFault{
      .kind = kind, .rcode = reply.rcode(), .server = server, .detail = std::move(detail)});
}

const ResourceRecord* find_zone_cut(const RrsetKey& key, const Message& reply) {
  const auto found = std::find_if(
      reply.authority.begin(), reply.authority.end(), [&](const ResourceRecord& record) {
        return record.type == RrType::NS && key.owner.is_within(record.owner);
      });
  return found == reply.authority.end() ? nullptr : &*found;
}

// A CNAME at the owner, or a DNAME above it: the other records of the answer belong to the target.
const ResourceRecord* find_alias(const RrsetKey& key, const Message& reply) {
  const auto found =
      std::find_if(reply.answer.begin(), reply.answer.end(), [&](const ResourceRecord& record) {
        if (record.type == RrType::CNAME) {
          return key.type != RrType::CNAME && record.owner == key.owner;
        }
        return record.type == RrType::DNAME && record.owner != key.owner &&
               key.owner.is_within(record.owner);
      });
  return found == reply.answer.end() ? nullptr : &*found;
}

ReadResult collect(const RrsetKey& key, const Message& reply, const std::string& server) {
  RrSet set{.key = key};
  for (const ResourceRecord& record : reply.answer) {
    if (record.type != key.type || record.rr_class != RrClass::IN || record.owner != key.owner) {
      continue;
    }
    auto rdata = Rdata::from_wire(record.type, record.rdata);
    if (!rdata) {
      return fault(ReadFaultKind::refused, reply, server,
                   server + " sent a malformed " + to_string(key.type) + " record for " +
                       key.owner.to_string() + ": " + rdata.error());
    }
    set.ttl = set.empty() ? record.ttl : std::min(set.ttl, record.ttl);
    set.key.owner = record.owner;
    set.insert(*std::move(rdata));
  }
  return set;
}

}  // namespace

ReadResult judge_read(const RrsetKey& key, const Message& reply, const std::string& server) {
  const Rcode rcode = reply.rcode();
  const std::string owner = key.owner.to_string();
  if (rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN) {
    return fault(ReadFaultKind::refused, reply, server,
                 diagnose_reply({.server = server, .reading = true}, rcode));
  }
  if (reply.header.tc) {
    return fault(ReadFaultKind::refused, reply, server,
                 server + " cut its answer for " + owner + " short even over TCP");
  }
  if (!reply.header.aa) {
    const ResourceRecord* cut = reply.answer.empty() ? find_zone_cut(key, reply) : nullptr;
    if (cut != nullptr) {
      return fault(ReadFaultKind::referral, reply, server,
                   owner + " lies below the zone cut at " + cut->owner.to_string() +
                       ": what is written here is never seen; manage it in that zone");
    }
    return fault(ReadFaultKind::not_authoritative, reply, server,
                 server + " answers for " + owner +
                     " without authority: it is a resolver or does not serve the zone; name the "
                     "zone's primary");
  }
  if (const ResourceRecord* alias = find_alias(key, reply); alias != nullptr) {
    return fault(ReadFaultKind::alias, reply, server,
                 owner + " is an alias (" + to_string(alias->type) + " at " +
                     alias->owner.to_string() +
                     "): manage the name it points to, or remove the alias");
  }
  return collect(key, reply, server);
}

}  // namespace ronda::dnsupdate
