// The demo's stage: a throw-away folder with a named on a free loopback port, its key and zone, a
// config for ronda, and four web servers on 127.0.1.1 to 127.0.1.4. Everything goes with the
// object.
#pragma once

#include <array>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/demo_replica.hpp"
#include "net/child_process.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"

namespace ronda::agent {

class DemoStage {
 public:
  static constexpr std::size_t kReplicas = 4;
  static constexpr std::string_view kName = "www.demo.test";

  // Loop is borrowed and outlives the stage. The error is a sentence with the cure.
  static std::expected<std::unique_ptr<DemoStage>, std::string> build(net::Loop& loop,
                                                                      net::Random& random);
  ~DemoStage();
  DemoStage(const DemoStage&) = delete;
  DemoStage& operator=(const DemoStage&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path config() const { return folder_ / "ronda.json"; }
  net::Endpoint server() const { return server_; }
  net::Endpoint replica(std::size_t index) const { return endpoints_.at(index); }

  // `on_end` is called if named ends by itself, with what it said.
  std::expected<void, std::string> start_named(std::function<void(std::string)> on_end);
  // Asks named to end and calls back when it has, or at once when it never ran.
  void stop_named(std::function<void()> on_ended);
  void stop_replica(std::size_t index) { replicas_.at(index).reset(); }
  std::expected<void, std::string> start_replica(std::size_t index);

 private:
  explicit DemoStage(net::Loop& loop) : loop_(loop) {}
  std::expected<void, std::string> raise_replicas();
  std::expected<void, std::string> write_files(net::Random& random);
  std::expected<void, std::string> start_child(const std::vector<std::string>& arguments,
                                               std::function<void(const net::ChildExit&)> on_exit);
  net::Loop& loop_;
  std::filesystem::path folder_{};
  net::Endpoint server_{};
  std::array<net::Endpoint, kReplicas> endpoints_{};
  std::array<std::unique_ptr<DemoReplica>, kReplicas> replicas_{};
  std::unique_ptr<net::ChildProcess> named_{};
  std::function<void(std::string)> on_named_end_{};
  std::function<void()> on_stopped_{};
};

}  // namespace ronda::agent
