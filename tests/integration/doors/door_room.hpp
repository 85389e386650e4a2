// What the tests of a door need: certificates of all sorts, an address of their own, a prober that
// keeps every dialogue, and a short way to ask.
#pragma once

#include <string>

#include "probes/kinds.hpp"
#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"
#include "tests/support/bed/temp_folder.hpp"
#include "tests/support/catch.hpp"

namespace ronda::test {

struct DoorRoom {
  TempFolder folder{};
  std::string host = own_address();
  Prober prober{};
  std::string dialogue{};  // all that `ronda probe --explain` would have shown

  DoorRoom() {
    prober.engines.on_trace = [this](const probes::TraceLine& line) {
      dialogue += line.text + "\n";
    };
  }
  DoorRoom(const DoorRoom&) = delete;
  DoorRoom& operator=(const DoorRoom&) = delete;

  Certificates certificates(const char* name, const char* names = "DNS:www.example.test",
                            int days = 30) const {
    return make_certificates(folder / name, names, days);
  }
  std::string ask(const probes::CheckSpec& check, std::uint16_t port) {
    return brief(prober.verdict_of(check, endpoint(host, port)));
  }
};

}  // namespace ronda::test
