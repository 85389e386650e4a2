#include "dnsupdate/update/nudge.hpp"

#include "dnsupdate/update/update_request.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::uint32_t kShortTtl = 30;

ResourceRecord record_of(const RrSet& set, const Rdata& rdata, std::uint32_t ttl) {
  return {.owner = set.key.owner,
          .type = set.key.type,
          .rr_class = RrClass::IN,
          .ttl = ttl,
          .rdata = rdata.wire()};
}

}  // namespace

std::uint32_t nudge_ttl(std::uint32_t ttl) {
  if (ttl > kShortTtl) {
    return kShortTtl;
  }
  return ttl > 1 ? ttl - 1 : ttl + 1;
}

Nudge make_nudge(const Name& zone, const std::vector<RrsetChange>& committed) {
  std::vector<RrSet> before;
  std::vector<RrSet> between;
  std::vector<ResourceRecord> steps;
  std::vector<ResourceRecord> steps_back;
  for (const RrsetChange& change : committed) {
    RrSet set = change.wanted;
    set.key = change.observed.key;
    before.push_back(set);
    if (!set.empty()) {
      // One record is enough: the RRset takes its TTL.
      steps.push_back(record_of(set, set.data.front(), nudge_ttl(set.ttl)));
      steps_back.push_back(record_of(set, set.data.front(), set.ttl));
    } else if (!change.observed.empty()) {
      const Rdata& rdata = change.observed.data.front();
      steps.push_back(record_of(set, rdata, change.observed.ttl));
      ResourceRecord removal = record_of(set, rdata, 0);
      removal.rr_class = RrClass::NONE;
      steps_back.push_back(std::move(removal));
      set.insert(rdata);
    }
    between.push_back(std::move(set));
  }
  Nudge nudge{.step = exact_question(zone, before), .step_back = exact_question(zone, between)};
  nudge.step.authority = std::move(steps);
  nudge.step_back.authority = std::move(steps_back);
  return nudge;
}

}  // namespace ronda::dnsupdate
