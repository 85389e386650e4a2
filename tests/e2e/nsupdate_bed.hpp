// Two zones of one named that begin alike, for nsupdate and for ronda nsupdate, and what runs a
// script against one of them.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/nsupdate_scripts.hpp"
#include "tests/e2e/site.hpp"

namespace ronda::test {

constexpr const char* kTheirs = "left.example";
constexpr const char* kOurs = "nice.example";

class NsupdateBed {
 public:
  explicit NsupdateBed(bool recursion = false);

  // `program`: nsupdate, or the ronda under test.
  Errand start_script(const std::string& program, const NsupdateScript& script,
                      const std::string& zone) const;
  Finished run_script(const std::string& program, const NsupdateScript& script,
                      const std::string& zone) const;
  // Ours, with our zone.
  Finished ronda(const std::string& lines, const std::string& options = "-k $K/ronda.key") const;

  // The zone's records, sorted, with $Z for its name.
  std::vector<std::string> transfer(const std::string& zone) const;
  bool zones_are_alike() const;
  Addresses lookup(const std::string& owner, const std::string& type = "A") const;
  // With the words of nsupdate_scripts.hpp filled in.
  std::string filled(const std::string& text, const std::string& zone) const;
  Named& named() { return named_; }

 private:
  Errand start_transfer(const std::string& zone) const;

  Named named_;
};

}  // namespace ronda::test
