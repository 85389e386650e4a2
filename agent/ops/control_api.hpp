// The HTTP API on the control socket, served by libmicrohttpd through its epoll descriptor on our
// loop. Documents are rendered in the worker; a reload is answered when it is done.
//
//   GET  /api/v1/status        the snapshot as JSON       (?service=ID, repeatable: only those)
//   GET  /api/v1/status.txt    the same for people        (?color=1)
//   POST /api/v1/reload        200 {"ok":true} or 422 {"errors":[...]}
//   POST /api/v1/report        ?replica=SERVICE/REPLICA&verdict=pass|warn|fail&reason=TEXT
//                              200 {"ok":true,"replicas":[...]} or 422 {"errors":[...]}
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/ops/snapshot.hpp"
#include "net/loop.hpp"
#include "net/worker.hpp"

namespace ronda::agent {

struct ReportCall {
  std::string replica{};
  std::string verdict{};
  std::string reason{};
  std::optional<std::uint32_t> uid{};  // who is on the other end of the socket
};

struct ControlCallbacks {
  std::function<Snapshot()> snapshot{};
  // Calls `done` once, now or later; no errors means the new configuration is in force.
  std::function<void(std::function<void(std::vector<std::string> errors)> done)> reload{};
  // The replicas that were told, or a sentence.
  std::function<std::expected<std::vector<std::string>, std::string>(const ReportCall&)> report{};
};

class ControlApi {
 public:
  // Listens at once. Loop and worker are borrowed and outlive it. The error is a sentence.
  static std::expected<std::unique_ptr<ControlApi>, std::string> open(
      net::Loop& loop, net::Worker& worker, const std::filesystem::path& socket,
      ControlCallbacks callbacks);
  ~ControlApi();  // answers what is waiting with 503, then closes and removes the socket
  ControlApi(const ControlApi&) = delete;
  ControlApi& operator=(const ControlApi&) = delete;

 private:
  ControlApi() = default;
  struct State;
  std::shared_ptr<State> state_{};
};

}  // namespace ronda::agent
