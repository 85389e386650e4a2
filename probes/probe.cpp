#include "probes/probe.hpp"

#include <utility>
#include <variant>

#include "probes/dialogue_runner.hpp"
#include "probes/dns_runner.hpp"
#include "probes/exec_runner.hpp"
#include "probes/http_curl.hpp"
#include "probes/icmp_runner.hpp"
#include "probes/lag.hpp"
#include "probes/passive_runner.hpp"

namespace ronda::probes {

namespace {

net::Handle start_kind(Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                       OnResult on_result) {
  if (std::holds_alternative<HttpCheck>(check.protocol)) {
    return run_http(engines, check, endpoint, std::move(on_result));
  }
  if (std::holds_alternative<DnsCheck>(check.protocol)) {
    return run_dns(engines, check, endpoint, std::move(on_result));
  }
  if (std::holds_alternative<ExecCheck>(check.protocol)) {
    return run_exec(engines, check, endpoint, std::move(on_result));
  }
  if (std::holds_alternative<PassiveCheck>(check.protocol)) {
    return run_passive(engines, check, endpoint, std::move(on_result));
  }
  if (std::holds_alternative<IcmpCheck>(check.protocol)) {
    return run_icmp(engines, check, endpoint, std::move(on_result));
  }
  return run_dialogue(engines, check, endpoint, std::move(on_result));
}

struct InFlight final : net::Cancellable {
  net::Handle heartbeat{};
  net::Handle probe{};
};

}  // namespace

void when_left(const Engines& engines, std::function<void()> left) {
  engines.farewells->when_over([overdue = engines.overdue, &loop = engines.loop,
                                left = std::move(left)] { overdue->when_over(loop, left); });
}

net::Handle start_probe(Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                        OnResult on_result) {
  auto flight = std::make_unique<InFlight>();
  flight->heartbeat = engines.heartbeat->keep(engines.loop);
  flight->probe =
      start_kind(engines, check, endpoint,
                 [&loop = engines.loop, started = engines.loop.now(), timeout = check.timeout,
                  on_result = std::move(on_result)](ProbeResult result) {
                   excuse_lateness(result, loop.worst_lag_since(started), timeout);
                   on_result(result);
                 });
  return flight;
}

}  // namespace ronda::probes
