// The scripts that nsupdate and ronda nsupdate are both given. In them $Z is the zone, $S "server
// ADDRESS PORT", $P the port, $K the folder of the keys, $O the secret of the key "ronda" and $X
// that of the keys "k-ALGORITHM", "|" the end of a line.
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
std::vector<NsupdateScript> nsupdate_data_scripts();

}  // namespace ronda::test
