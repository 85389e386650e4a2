#include "agent/cli/lock.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.hpp"

using namespace ronda::agent;

namespace {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ronda-lock-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path{};
};

Config config_in(const std::filesystem::path& folder) {
  Config config;
  config.file = folder / "ronda.json";
  config.state_dir = folder / "state";
  return config;
}

}  // namespace

TEST_CASE("one at a time, and the second learns who") {
  const Folder folder;
  const Config config = config_in(folder.path);
  {
    auto first = Lock::take(config);
    REQUIRE(first.has_value());
    first->publish_socket(folder.path / "control.sock");
    const auto second = Lock::take(config);
    REQUIRE_FALSE(second.has_value());
    REQUIRE(second.error().holder);
    CHECK(second.error().holder->pid == ::getpid());
    CHECK(second.error().holder->config == (folder.path / "ronda.json").string());
    CHECK(second.error().holder->socket == folder.path / "control.sock");
    CHECK_THAT(second.error().sentence, ContainsSubstring("process " + std::to_string(::getpid())));
    CHECK(lock_holder(config)->socket == folder.path / "control.sock");
  }
  CHECK_FALSE(lock_holder(config));
  CHECK(Lock::take(config).has_value());
}

TEST_CASE("the lock file is private and made with its folder") {
  const Folder folder;
  const Config config = config_in(folder.path);
  const auto lock = Lock::take(config);
  REQUIRE(lock.has_value());
  struct stat status{};
  REQUIRE(::stat((folder.path / "state/lock").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a link in the lock's place is not followed") {
  const Folder folder;
  const Config config = config_in(folder.path);
  std::filesystem::create_directories(*config.state_dir);
  std::filesystem::create_symlink(folder.path / "victim", *config.state_dir / "lock");
  const auto lock = Lock::take(config);
  REQUIRE_FALSE(lock.has_value());
  CHECK_FALSE(lock.error().holder);
  CHECK_THAT(lock.error().sentence, ContainsSubstring("state/lock"));
  CHECK_FALSE(std::filesystem::exists(folder.path / "victim"));
}

TEST_CASE("without state_dir there is one lock for each zone, key and primary") {
  Config config;
  ZoneConfig zone;
  zone.zone = ronda::dnsupdate::Name::parse("example.com").value();
  zone.primaries = {{.host = "127.0.0.1", .port = 53}};
  config.zones = {zone, zone};
  CHECK(lock_paths(config).size() == 1);
  config.zones[1].zone = ronda::dnsupdate::Name::parse("EXAMPLE.com").value();
  CHECK(lock_paths(config).size() == 1);
  config.zones[1].primaries[0].port = 5353;
  CHECK(lock_paths(config).size() == 2);
}
