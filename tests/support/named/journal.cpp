#include "tests/support/named/journal.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

constexpr const char* kJournalPrint = "/usr/bin/named-journalprint";

struct Line {
  std::string action;
  std::string owner;
  std::string type;
  std::string data;
};

// "add www.example.com.	60	IN	A	192.0.2.1"
Line split(const std::string& text) {
  std::istringstream stream(text);
  Line line;
  std::string ttl;
  std::string rr_class;
  stream >> line.action >> line.owner >> ttl >> rr_class >> line.type >> std::ws;
  std::getline(stream, line.data);
  return line;
}

std::uint32_t serial_of(const Line& soa) {
  std::istringstream stream(soa.data);
  std::string primary;
  std::string mailbox;
  std::uint32_t serial = 0;
  stream >> primary >> mailbox >> serial;
  return serial;
}

bool made_by_named(const std::string& type) {
  static constexpr std::array<const char*, 8> kTypes{"RRSIG",  "NSEC", "NSEC3",   "NSEC3PARAM",
                                                     "DNSKEY", "CDS",  "CDNSKEY", "TYPE65534"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

}  // namespace

std::vector<JournalEntry> read_journal(const std::string& path) {
  if (!std::filesystem::exists(kJournalPrint)) {
    throw std::runtime_error(std::string(kJournalPrint) +
                             " is missing: install the Debian package bind9-utils");
  }
  std::vector<JournalEntry> entries;
  if (!std::filesystem::exists(path)) {
    return entries;
  }
  std::istringstream stream(run_command({kJournalPrint, path}));
  for (std::string text; std::getline(stream, text);) {
    const Line line = split(text);
    if (line.type == "SOA") {
      // Each entry begins with the old SOA leaving and has the new one before its additions.
      if (line.action == "del") {
        entries.emplace_back();
      } else if (!entries.empty()) {
        entries.back().serial = serial_of(line);
      }
      continue;
    }
    if (entries.empty() || made_by_named(line.type)) {
      continue;
    }
    auto& records = line.action == "del" ? entries.back().removed : entries.back().added;
    records.push_back(line.owner + " " + line.type + " " + line.data);
  }
  return entries;
}

}  // namespace ronda::test
