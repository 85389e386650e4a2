// Runs checks on a loop of its own until their result is there.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "net/uv_loop.hpp"
#include "probes/probe.hpp"
#include "tests/support/stopwatch.hpp"

namespace ronda::test {

inline std::string brief(const probes::ProbeResult& result) {
  return std::string(to_string(result.verdict)) + " " + to_string(result.code) + ": " +
         result.detail;
}

struct Prober {
  net::UvLoop loop{};
  net::CurlMulti curl{loop};
  net::TlsContexts tls{};
  probes::Engines engines{loop, curl, tls};
  net::Duration took{};  // the last probe, by a stopwatch that stops where the machine has no core

  probes::ProbeResult probe(const probes::CheckSpec& check, const net::Endpoint& endpoint) {
    std::optional<probes::ProbeResult> result;
    const Stopwatch stopwatch;
    const net::Handle handle =
        probes::start_probe(engines, check, endpoint, [&](const probes::ProbeResult& told) {
          result = told;
          took = stopwatch.elapsed();
          loop.stop();
        });
    if (result) {
      throw std::logic_error("called back inside start_probe");
    }
    run(check.timeout + std::chrono::seconds(5));
    if (!result) {
      throw std::logic_error("no result");
    }
    return *result;
  }

  // As the daemon does: while we ourselves were late nothing is known, and is asked again.
  probes::ProbeResult verdict_of(const probes::CheckSpec& check, const net::Endpoint& endpoint) {
    probes::ProbeResult result = probe(check, endpoint);
    for (int more = 0; more < 5 && result.detail.contains("our own loop was late"); ++more) {
      result = probe(check, endpoint);
    }
    return result;
  }

  // Until stop() or the limit.
  void run(net::Duration limit) {
    const net::Handle guard = loop.at(loop.now() + limit, [&] { loop.stop(); });
    loop.run();
  }

  // Turns the loop until the condition holds; false when it has not within 20 s.
  bool wait_for(const std::function<bool()>& condition) {
    const auto end = loop.now() + std::chrono::seconds(20);
    while (!condition()) {
      if (loop.now() > end) {
        return false;
      }
      run(std::chrono::milliseconds(5));
    }
    return true;
  }
};

inline probes::CheckSpec make_check(const std::string& kind, probes::Protocol protocol,
                                    probes::TlsMode tls = probes::TlsMode::off) {
  return {.kind = kind,
          .protocol = std::move(protocol),
          .tls = tls,
          .server_name = "www.example.test",
          .timeout = std::chrono::seconds(3)};
}

}  // namespace ronda::test
