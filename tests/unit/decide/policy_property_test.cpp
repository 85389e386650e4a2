// What holds for every decision, over tens of thousands of drawn services. The seed is fixed: a
// failure comes again.
#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "agent/decide/policy.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using Addresses = std::set<net::IpAddress>;

struct Scene {
  ServiceConfig service{};
  std::vector<MemberView> views{};
  std::vector<net::IpAddress> published{};
  std::vector<net::IpAddress> retired{};
  bool grace_over = false;
};

class Generator {
 public:
  Scene draw() {
    Scene scene;
    ServiceConfig& service = scene.service;
    service.families_apart = one_in(4);
    service.remove_foreign = one_in(3);
    service.min_healthy = {.count = up_to(4), .percent = one_in(4)};
    if (service.min_healthy.percent) {
      service.min_healthy.count *= 25;
    }
    service.when_all_down = static_cast<WhenAllDown>(up_to(3));
    scene.grace_over = one_in(2);
    for (int i = up_to(5); i >= 0; --i) {
      add_member(scene);
    }
    for (int i = up_to(2); i > 0; --i) {
      service.fallback.push_back(address(100 + i));
    }
    for (const net::IpAddress& fallback : service.fallback) {
      maybe_publish(scene, fallback);
    }
    for (int i = up_to(2); i > 0; --i) {
      maybe_publish(scene, address(200 + i));
    }
    for (int i = up_to(2); i > 0; --i) {
      scene.retired.push_back(address(150 + i));
      maybe_publish(scene, scene.retired.back());
    }
    std::ranges::shuffle(scene.published, random_);
    return scene;
  }

 private:
  int up_to(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }
  bool one_in(int n) { return up_to(n - 1) == 0; }

  net::IpAddress address(int last) {
    const bool v6 = one_in(3);
    return test::ip((v6 ? "2001:db8::" : "192.0.2.") + std::to_string(last));
  }
  void maybe_publish(Scene& scene, const net::IpAddress& address) {
    if (one_in(2)) {
      scene.published.push_back(address);
    }
  }
  void add_member(Scene& scene) {
    const int index = static_cast<int>(scene.service.members.size()) + 1;
    scene.service.members.push_back(
        {.replica = {}, .address = address(index), .tier = 1 + up_to(2), .checks = {}});
    scene.views.push_back({.healthy = one_in(2), .solid = !one_in(5), .since = test::at(up_to(3))});
    if (scene.views.back().healthy && one_in(3)) {
      scene.views.back().withheld.kind = static_cast<Withheld>(1 + up_to(3));
    }
    maybe_publish(scene, scene.service.members.back().address);
  }

  std::mt19937 random_{20260101};
};

Decision decide(const Scene& scene) {
  return agent::decide(scene.service, scene.views, scene.published, scene.retired,
                       scene.grace_over);
}

bool has(const std::vector<net::IpAddress>& list, const net::IpAddress& address) {
  return std::ranges::find(list, address) != list.end();
}

// Told apart so that a failing row is printed with its sentence; CHECK on each of them is slow.
void expect(bool condition, const char* what, const Decision& decision) {
  if (!condition) {
    FAIL(what << ": wanted " << test::text(decision.wanted) << ", because " << decision.reason);
  }
}

bool is_withheld(const MemberView& view) {
  return view.solid && view.healthy && view.withheld.kind != Withheld::none;
}

int withheld_out(const Scene& scene, const Addresses& wanted) {
  int count = 0;
  for (std::size_t i = 0; i < scene.views.size(); ++i) {
    const bool out = !wanted.contains(scene.service.members[i].address);
    count += is_withheld(scene.views[i]) && out ? 1 : 0;
  }
  return count;
}

// A sick member is wanted although a withheld one of a tier as good is not.
bool serves_sick(const Scene& scene, const Addresses& wanted) {
  int worst = 1000;  // tier of a withheld one that is left out
  for (std::size_t i = 0; i < scene.views.size(); ++i) {
    if (is_withheld(scene.views[i]) && !wanted.contains(scene.service.members[i].address)) {
      worst = std::min(worst, scene.service.members[i].tier);
    }
  }
  int served = 0;  // the tier in service
  for (std::size_t i = 0; i < scene.views.size(); ++i) {
    const bool there = wanted.contains(scene.service.members[i].address);
    const bool stays =
        scene.views[i].solid && scene.views[i].healthy && !is_withheld(scene.views[i]);
    served = there && stays ? std::max(served, scene.service.members[i].tier) : served;
  }
  const auto sick = [&](std::size_t i) {
    return scene.views[i].solid && !scene.views[i].healthy &&
           wanted.contains(scene.service.members[i].address);
  };
  for (std::size_t i = 0; i < scene.views.size(); ++i) {
    if (sick(i) && served > 0 && worst <= served) {
      return true;
    }
  }
  return false;
}

bool same(const Decision& a, const Decision& b) {
  return a.wanted == b.wanted && a.settling == b.settling;
}

TEST_CASE("policy properties", "[policy]") {
  Generator generator;
  int served = 0;
  for (int round = 0; round < 8000; ++round) {
    const Scene scene = generator.draw();
    CAPTURE(round);
    const Decision decision = decide(scene);
    const Addresses wanted(decision.wanted.begin(), decision.wanted.end());

    expect(wanted.size() == decision.wanted.size() && std::ranges::is_sorted(decision.wanted),
           "sorted and unique", decision);
    if (decision.wanted.empty()) {
      expect(scene.published.empty() || scene.service.when_all_down == WhenAllDown::none,
             "never empty by accident", decision);
    }
    for (const net::IpAddress& foreign : decision.foreign) {
      expect(has(scene.published, foreign), "foreign is published", decision);
      if (!scene.service.remove_foreign) {
        expect(wanted.contains(foreign), "foreign is kept", decision);
      }
    }
    for (const net::IpAddress& address : decision.wanted) {
      const bool member = std::ranges::any_of(
          scene.service.members, [&](const Member& m) { return m.address == address; });
      expect(member || has(scene.service.fallback, address) || has(scene.published, address),
             "nothing is added that is not configured", decision);
    }
    if (!decision.settling) {
      for (std::size_t i = 0; i < scene.views.size(); ++i) {
        const net::IpAddress& address = scene.service.members[i].address;
        const bool sick = scene.views[i].solid && !scene.views[i].healthy;
        const bool added = wanted.contains(address) && !has(scene.published, address);
        if (added && sick) {
          expect(scene.service.when_all_down == WhenAllDown::all,
                 "a sick one is added by `all` only", decision);
        }
        expect(!added || scene.views[i].solid, "one that is not judged is never added", decision);
      }
      if (!scene.service.families_apart && decision.healthy > 0) {
        ++served;
        std::size_t ours = decision.wanted.size();
        for (const net::IpAddress& foreign : decision.foreign) {
          ours -= wanted.contains(foreign) ? 1U : 0U;
        }
        expect(static_cast<int>(ours) <= std::max({decision.healthy, decision.required, 1}),
               "exactly up to min_healthy", decision);
        expect(static_cast<int>(ours) >= std::min(decision.healthy, decision.required),
               "nobody is withheld below min_healthy", decision);
        expect(ours > 0, "a tier is never served by nobody", decision);
        expect(static_cast<int>(ours) + withheld_out(scene, wanted) >= decision.healthy,
               "every healthy one of the tier serves that is not withheld", decision);
        expect(withheld_out(scene, wanted) == 0 || !serves_sick(scene, wanted),
               "no sick one serves while a withheld one could", decision);
      }
    } else if (!scene.service.families_apart) {
      expect(wanted == Addresses(scene.published.begin(), scene.published.end()), "settling holds",
             decision);
    }

    Scene again = scene;
    again.published = decision.wanted;
    expect(same(decide(again), decision), "idempotent", decision);
    Scene shuffled = scene;
    std::ranges::reverse(shuffled.published);
    expect(decide(shuffled) == decision, "the order read does not matter", decision);
  }
  CHECK(served > 3000);
}

}  // namespace
}  // namespace ronda::agent
