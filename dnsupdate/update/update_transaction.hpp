// All changes of one call, from the changes to a report: which UPDATE messages to send, splitting
// by owner when one is refused or too large, reading back (design: dns-update 2 to 4, 11, 15). A
// machine without sockets or clock; never resumed: after a crash, start again from a read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/update/reply.hpp"
#include "dnsupdate/update/update_job.hpp"

namespace ronda::dnsupdate {

using QuestionId = std::uint64_t;

struct Started {};
struct Answered {
  QuestionId id = 0;
  Answer answer{};
};
struct Woken {};  // the time asked for has come
using TransactionEvent = std::variant<Started, Answered, Woken>;

struct Ask {
  QuestionId id = 0;
  Message message{};
};
struct Actions {
  std::vector<Ask> questions{};
  std::optional<net::SteadyTime> wake_at{};  // replaces the time asked for before
  std::optional<UpdateReport> report{};      // the end
};

// Messages above this are split by owner: BIND takes 65,535 octets, and signature and names need
// room.
constexpr std::size_t kUpdateSizeLimit = 60'000;

class UpdateTransaction {
 public:
  UpdateTransaction(UpdateContext context, std::vector<RrsetChange> changes,
                    std::size_t size_limit = kUpdateSizeLimit);

  Actions step(const TransactionEvent& event, net::SteadyTime now);

 private:
  struct Running {
    UpdateJob job;
    std::vector<std::size_t> indices{};  // of its changes in the call
    std::optional<net::SteadyTime> wake_at{};
  };
  using JobId = std::size_t;

  void begin(Actions& actions, net::SteadyTime now);
  void launch(std::vector<std::size_t> indices, Actions& actions, net::SteadyTime now);
  void take(JobId id, JobStep step, Actions& actions, net::SteadyTime now);
  void split(const Running& parent, Actions& actions, net::SteadyTime now);
  std::vector<std::vector<std::size_t>> by_owner(const std::vector<std::size_t>& indices) const;
  std::size_t size_of(const std::vector<std::size_t>& indices) const;
  void conclude(Actions& actions);

  UpdateContext context_;
  std::vector<RrsetChange> changes_;
  std::size_t size_limit_;
  std::map<JobId, Running> jobs_{};
  JobId next_job_ = 0;
  std::map<QuestionId, std::pair<JobId, std::size_t>> questions_{};
  QuestionId next_question_ = 0;
  UpdateReport report_{};
  bool reported_ = false;
};

}  // namespace ronda::dnsupdate
