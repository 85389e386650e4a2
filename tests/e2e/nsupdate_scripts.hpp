// The scripts that nsupdate and ronda nsupdate are both given. In them $Z is the zone, $S "server
// ADDRESS PORT", $K and $O folder and key names, "|" the end of a line.
#pragma once

#include <string>
#include <vector>

namespace ronda::test {

struct NsupdateScript {
  std::string name{};
  std::string lines{};
  std::string options = "-k $K/ronda.key";
  bool same_output = true;  // what goes to stdout is compared, too
};

std::vector<NsupdateScript> nsupdate_scripts();

}  // namespace ronda::test
