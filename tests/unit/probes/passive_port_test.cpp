#include "probes/passive_port.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace ronda::probes {

TEST_CASE("the port of a passive reply") {
  struct Row {
    const char* reply;
    int port;  // 0: none
  };
  const Row rows[] = {
      {"227 Entering Passive Mode (127,0,0,1,101,144).", 26'000},
      {"227 Entering Passive Mode 10,0,0,1,0,21", 21},
      {"227 =127,0,0,1,4,1", 1025},
      {"227 (1,2,3,4,0,0)", 0},
      {"227 (1,2,3,4,256,1)", 0},
      {"227 (1,2,3,4,5)", 0},
      {"227 (1;2;3;4;5;6)", 0},
      {"227 nothing", 0},
      {"227", 0},
      {"229 Entering Extended Passive Mode (|||6446|)", 6446},
      {"229 (|||0|)", 0},
      {"229 (|||65536|)", 0},
      {"229 (|||-1|)", 0},
      {"229 (|||6446)", 0},
      {"229 (!!!6446!)", 6446},
      {"229 Entering (extended) mode (~~~6446~)", 6446},
      {"229 (!!!6446|)", 0},
      {"229 (|!|6446|)", 0},
      {"229 (   6446 )", 0},
      {"229 (\x7f\x7f\x7f"
       "6446\x7f)",
       0},
      {"229 (111644610)", 0},
      {"229 (|||", 0},
      {"229 (", 0},
      {"229", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reply);
    const auto port = passive_port(row.reply);
    CHECK(port.has_value() == (row.port != 0));
    CHECK(port.value_or(0) == row.port);
  }
}

}  // namespace ronda::probes
