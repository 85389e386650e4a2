// Runs checks on a loop of its own until their result is there.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "net/uv_loop.hpp"
#include "probes/probe.hpp"

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

  probes::ProbeResult probe(const probes::CheckSpec& check, const net::Endpoint& endpoint) {
    std::optional<probes::ProbeResult> result;
    const net::Handle handle =
        probes::start_probe(engines, check, endpoint, [&](const probes::ProbeResult& told) {
          result = told;
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

  // Until stop() or the limit.
  void run(net::Duration limit) {
    const net::Handle guard = loop.at(loop.now() + limit, [&] { loop.stop(); });
    loop.run();
  }

  // Turns the loop until the condition holds; false when it never did.
  bool wait_for(const std::function<bool()>& condition) {
    for (int turn = 0; turn < 500 && !condition(); ++turn) {
      run(std::chrono::milliseconds(10));
    }
    return condition();
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
