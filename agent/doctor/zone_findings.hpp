// The parts of find_faults(), in the order in which one stands on the other. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/doctor/facts.hpp"
#include "agent/doctor/finding.hpp"

namespace ronda::agent {

struct ZoneFindings {
  std::vector<DoctorFinding> list{};
  bool go_on = true;  // false: what was asked besides says nothing

  void say(Grade grade, const char* topic, const ZoneFacts& facts, std::string text,
           std::string mend = {}) {
    list.push_back({.grade = grade,
                    .topic = topic,
                    .subject = facts.zone.to_string(),
                    .text = std::move(text),
                    .mend = std::move(mend)});
  }
};

// Is there a primary, does it know the key, and do the clocks agree?
ZoneFindings find_key_faults(const ZoneFacts& facts);
// Has it the zone, in the view that the key selects, as its primary, and takes it updates?
ZoneFindings find_role_faults(const ZoneFacts& facts);
// The journal, the version, and the other name servers.
ZoneFindings find_server_faults(const ZoneFacts& facts);
// One RRset of the config.
std::vector<DoctorFinding> find_record_faults(const ZoneFacts& facts, const RecordFacts& record);

// An UPDATE whose condition does not hold gets as far as its conditions.
bool takes_updates(const ZoneFacts& facts);

}  // namespace ronda::agent
