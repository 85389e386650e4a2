// The words from outside that passive checks wait for: those told to this process, the latest of
// each replica, and files on their way here, each read once however many checks wait for it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "net/file_read.hpp"
#include "net/loop.hpp"
#include "probes/passive.hpp"

namespace ronda::probes {

struct Report {
  Word word{};
  net::SteadyTime at{};
  std::uint64_t number = 0;  // of no other report
};

class Reports {
 public:
  // The report before it is forgotten.
  const Report& tell(const std::string& service, const std::string& replica, Word word,
                     net::SteadyTime now);
  const Report* find(const std::string& service, const std::string& replica) const;

  using OnFile = std::function<void(const net::FileOutcome&)>;
  // Calls back once, never inside this call; dropping the handle cancels. One reading of a file at
  // a time: who comes while it is read waits for the same.
  [[nodiscard]] net::Handle read(net::Loop& loop, const std::string& path, OnFile on_file);

 private:
  struct Reading;
  std::map<std::pair<std::string, std::string>, Report> told_{};
  std::uint64_t last_number_ = 0;
  std::map<std::string, std::shared_ptr<Reading>> readings_{};
};

}  // namespace ronda::probes
