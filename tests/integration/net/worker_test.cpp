#include "net/worker.hpp"

#include <future>
#include <thread>
#include <vector>

#include "tests/integration/net/run_loop.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace std::chrono_literals;

TEST_CASE("jobs run elsewhere and in order, and their ends are told on the loop's thread") {
  UvLoop loop;
  Worker worker(loop);
  std::vector<int> jobs;  // only the worker touches it until the last `done`
  std::vector<int> done;
  const auto here = std::this_thread::get_id();
  for (int i = 0; i < 100; ++i) {
    worker.submit([&jobs, i, here] { jobs.push_back(std::this_thread::get_id() == here ? -1 : i); },
                  [&, i] {
                    CHECK(std::this_thread::get_id() == here);
                    done.push_back(i);
                    if (i == 99) {
                      loop.stop();
                    }
                  });
  }
  REQUIRE(ronda::test::run(loop));
  std::vector<int> expected(100);
  for (int i = 0; i < 100; ++i) {
    expected[static_cast<std::size_t>(i)] = i;
  }
  CHECK(jobs == expected);
  CHECK(done == expected);
}

TEST_CASE("dropping the worker finishes the job in hand and tells nothing more") {
  constexpr int kQueued = 2000;
  UvLoop loop;
  bool first = false;
  int others = 0;
  bool told = false;
  {
    Worker worker(loop);
    std::promise<void> started;
    worker.submit(
        [&] {
          started.set_value();
          std::this_thread::sleep_for(5ms);
          first = true;
        },
        [&] { told = true; });
    // Ten seconds of work: whatever the scheduler does, the end comes in the middle of it.
    for (int i = 0; i < kQueued; ++i) {
      worker.submit(
          [&] {
            std::this_thread::sleep_for(5ms);
            ++others;
          },
          [&] { told = true; });
    }
    started.get_future().wait();
  }
  CHECK(first);
  CHECK(others < kQueued);
  const Handle end = loop.at(loop.now() + 5ms, [&] { loop.stop(); });
  REQUIRE(ronda::test::run(loop));
  CHECK_FALSE(told);
}

TEST_CASE("a worker may be dropped by one of its own ends") {
  UvLoop loop;
  auto worker = std::make_unique<Worker>(loop);
  int ends = 0;
  const auto end = [&] {
    ++ends;
    worker.reset();
    loop.stop();
  };
  std::promise<void> both;
  worker->submit([] {}, end);
  worker->submit([&] { both.set_value(); }, end);
  both.get_future().wait();
  REQUIRE(ronda::test::run(loop));
  CHECK(ends == 1);
}
