// The port behind which every kind of check sits: start it, get one result. Nothing here retries,
// counts or knows a schedule.
#pragma once

#include <functional>
#include <memory>

#include "net/address.hpp"
#include "net/curl_multi.hpp"
#include "net/loop.hpp"
#include "net/tls_contexts.hpp"
#include "probes/check.hpp"
#include "probes/easy_pool.hpp"
#include "probes/farewells.hpp"
#include "probes/heartbeat.hpp"
#include "probes/overdue.hpp"
#include "probes/reports.hpp"
#include "probes/result.hpp"
#include "probes/trace.hpp"

namespace ronda::probes {

// Calls back once, never inside start_probe, within timeout + 50 ms; dropping the handle cancels.
// After the result the handle may go at once: a polite goodbye to the server lives on in Engines.
// A result that came while our own loop was late is UNKNOWN: what we could not watch we do not
// judge.
using OnResult = std::function<void(const ProbeResult&)>;

// What probes borrow; all outlive them.
struct Engines {
  net::Loop& loop;
  net::CurlMulti& curl;
  net::TlsContexts& tls;
  // Theirs alone, shared by every check on this loop and by copies of this struct.
  std::shared_ptr<EasyPool> easy_handles = std::make_shared<EasyPool>();
  std::shared_ptr<Farewells> farewells = std::make_shared<Farewells>();
  std::shared_ptr<Overdue> overdue = std::make_shared<Overdue>();
  std::shared_ptr<Heartbeat> heartbeat = std::make_shared<Heartbeat>();
  std::shared_ptr<Reports> reports = std::make_shared<Reports>();
  OnTrace on_trace{};  // of whoever watches
};

// Calls back once, when nothing of probes that are told is under way any more: a goodbye to a
// server, a program whose time is over. For whoever is about to end the loop.
void when_left(const Engines& engines, std::function<void()> left);

// `check.server_name` is filled in by now.
[[nodiscard]] net::Handle start_probe(Engines& engines, const CheckSpec& check,
                                      const net::Endpoint& endpoint, OnResult on_result);

}  // namespace ronda::probes
