// What most end-to-end tests start from: a named with www.example.com, web replicas on loopback
// whose addresses stand in its A RRset beside one record made by hand, and a config file that names
// them. Every test process has a network 127.x.y.0/24 of its own, so that two may run at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/bed/nginx.hpp"
#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"
#include "tests/support/named/named.hpp"

namespace ronda::test {

constexpr std::uint16_t kHttpPort = 28080;
constexpr std::uint16_t kHttpsPort = 28443;
constexpr const char* kForeign = "192.0.2.77";  // in the RRset, not in the config
constexpr const char* kOwner = "www.example.com";

using Addresses = std::vector<std::string>;

std::string loopback(int host);  // "127.x.y.host" of this process
Addresses sorted(Addresses addresses);
std::string json_text(const std::filesystem::path& path);  // as a JSON string
std::string zone_text(const std::string& records);  // $TTL 60, SOA with serial 1, NS, and these

// Runs the ronda under test to its end.
Finished run_ronda(const Arguments& arguments, const RunOptions& options = {});
// Starts it and leaves it running.
std::unique_ptr<Process> start_ronda(const Arguments& arguments, const ProcessOptions& options);

struct ConfigText {
  std::string before{};    // members at the top, each with its comma after it
  std::string check{};     // members of the shared check "web"; empty: http on kHttpPort, /health
  std::string defaults{};  // members of "defaults"; empty: quick ones
  std::string service{};   // more members of the service, each with its comma before it
  std::string services{};  // more services, each with its comma before it
};

class Site {
 public:
  explicit Site(int replicas, NamedOptions named_options = {});

  Named& named() { return *named_; }
  Nginx& replica(int number) { return *replicas_.at(static_cast<std::size_t>(number - 1)); }
  const TempFolder& folder() const { return folder_; }
  Addresses all() const;  // every replica and the foreign record, sorted
  Addresses without(std::vector<int> down) const;
  Addresses answer() const { return named_->lookup(kOwner); }

  std::string config_text(const ConfigText& text = {}) const;
  std::filesystem::path write_config(const ConfigText& text = {}) const;
  std::filesystem::path config() const { return folder_ / "ronda.json"; }

 private:
  TempFolder folder_{};
  std::unique_ptr<Named> named_{};
  std::vector<std::unique_ptr<Nginx>> replicas_{};
};

}  // namespace ronda::test
