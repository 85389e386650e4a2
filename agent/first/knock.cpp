#include "agent/first/knock.hpp"

#include <algorithm>
#include <utility>

namespace ronda::agent {
namespace {

constexpr std::size_t kAtOnce = 128;

class Knocking final : public net::Cancellable {
 public:
  Knocking(probes::Engines& engines, std::vector<net::Endpoint> doors, net::Duration patience,
           std::function<void(std::vector<net::Endpoint>)> on_done)
      : engines_(engines), doors_(std::move(doors)), on_done_(std::move(on_done)) {
    connect_.kind = "tcp";
    connect_.protocol = probes::TcpCheck{};
    connect_.timeout = patience;
    running_.resize(doors_.size());
    wakeup_ = engines_.loop.at(engines_.loop.now(), [this] { go_on(); });
  }

 private:
  void go_on() {
    while (next_ < doors_.size() && under_way_ < kAtOnce) {
      const std::size_t door = next_++;
      ++under_way_;
      running_[door] = probes::start_probe(
          engines_, connect_, doors_[door],
          [this, door](const probes::ProbeResult& result) { take(door, result); });
    }
    if (under_way_ == 0) {
      std::ranges::sort(open_);
      const auto on_done = std::exchange(on_done_, {});
      on_done(std::move(open_));  // may drop this object
    }
  }

  void take(std::size_t door, const probes::ProbeResult& result) {
    const net::Handle keep = std::move(running_[door]);
    --under_way_;
    if (result.verdict == probes::Verdict::pass) {
      open_.push_back(doors_[door]);
    }
    go_on();
  }

  probes::Engines& engines_;
  std::vector<net::Endpoint> doors_;
  std::function<void(std::vector<net::Endpoint>)> on_done_;
  probes::CheckSpec connect_{};
  std::vector<net::Handle> running_{};
  std::vector<net::Endpoint> open_{};
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  net::Handle wakeup_{};
};

}  // namespace

net::Handle knock(probes::Engines& engines, std::vector<net::Endpoint> doors,
                  net::Duration patience, std::function<void(std::vector<net::Endpoint>)> on_done) {
  return std::make_unique<Knocking>(engines, std::move(doors), patience, std::move(on_done));
}

}  // namespace ronda::agent
