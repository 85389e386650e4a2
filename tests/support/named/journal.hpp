// What BIND wrote down of every change: the zone's journal as named-journalprint (Debian package
// bind9-utils) tells it. One entry for each UPDATE that changed something; none for the others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ronda::test {

struct JournalEntry {
  std::uint32_t serial = 0;            // the zone's after the change
  std::vector<std::string> removed{};  // "www.example.com. A 192.0.2.1", without SOA and RRSIG
  std::vector<std::string> added{};
};

// Oldest first; empty when there is no journal. Changes of DNSSEC records alone give an entry with
// nothing removed and nothing added.
std::vector<JournalEntry> read_journal(const std::string& path);

}  // namespace ronda::test
