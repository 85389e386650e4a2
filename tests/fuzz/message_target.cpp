#include <cstdlib>

#include "dnsupdate/wire/message.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

void require(bool promise) {
  if (!promise) {
    std::abort();
  }
}

void check_record(const dnsupdate::ResourceRecord& record) {
  require(dnsupdate::Name::from_wire(record.owner.wire()) == record.owner);
  require(dnsupdate::Name::parse(record.owner.to_string()) == record.owner);
  const auto rdata = dnsupdate::Rdata::from_wire(record.type, record.rdata);
  if (!rdata) {
    return;  // the empty forms of UPDATE, and class CH
  }
  require(dnsupdate::Rdata::parse(record.type, rdata->to_string()) == *rdata);
  require(rdata->canonical_wire().size() == rdata->wire().size());
}

}  // namespace

// What is read can be printed, and written and read again without a difference.
void message(std::span<const std::byte> input) {
  const auto read = dnsupdate::read_message(input);
  if (!read) {
    require(read.error().offset <= input.size());
    return;
  }
  for (const auto* section : {&read->answer, &read->authority, &read->additional}) {
    for (const dnsupdate::ResourceRecord& record : *section) {
      check_record(record);
    }
  }
  const auto written = dnsupdate::write_message(*read);
  if (!written) {
    return;  // expanded names can outgrow a message
  }
  const auto again = dnsupdate::read_message(*written);
  require(again.has_value() && *again == *read);
}

}  // namespace ronda::fuzz
