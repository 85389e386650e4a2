// What the tests of protocols in packets share: octets with their NULs, and rows of events that
// must come out the same whole and in single bytes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "probes/protocols.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/probes/script.hpp"

namespace ronda::probes {

using Lines = std::vector<std::string>;

template <std::size_t size>
std::string octets(const char (&bytes)[size]) {
  return {bytes, size - 1};
}

struct PacketRow {
  const char* name;
  Lines events;
  Lines actions;
};

template <typename Make>
void expect_packet_rows(const Make& make, const std::vector<PacketRow>& rows) {
  for (const PacketRow& row : rows) {
    CAPTURE(row.name);
    CHECK(play(*make(), row.events) == row.actions);
    CHECK(play(*make(), in_single_bytes(row.events)) == row.actions);
  }
}

}  // namespace ronda::probes
