// Gathers the facts about one zone: finds the primary as the daemon would, asks it, and asks the
// zone's other name servers for their serial. It writes nothing unless a name for that is given,
// and judges nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "agent/config/config.hpp"
#include "agent/doctor/facts.hpp"
#include "agent/doctor/gathering.hpp"
#include "agent/doctor/name_server_watch.hpp"
#include "agent/doctor/surroundings.hpp"
#include "agent/doctor/write_test.hpp"
#include "agent/run/primary_locator.hpp"
#include "dnsupdate/io/exchange.hpp"

namespace ronda::agent {

struct ExaminerOptions {
  std::optional<std::uint16_t> name_server_port{};  // 53; given, it tells servers of one host apart
  std::optional<dnsupdate::Name> write_test{};      // a name in this zone
};

class ZoneExaminer {
 public:
  ZoneExaminer(const Surroundings& around, const Config& config, std::size_t zone,
               ExaminerOptions options);
  ZoneExaminer(const ZoneExaminer&) = delete;
  ZoneExaminer& operator=(const ZoneExaminer&) = delete;

  // Once. Calls back when the facts are complete, never inside the call.
  void start(std::function<void()> on_done);
  const ZoneFacts& facts() const { return facts_; }

 private:
  void begin(PrimaryPlaces places);
  void try_algorithms();
  void ask_primary();
  void ask_about(RecordFacts& record);
  void ask_for_wildcard(RecordFacts& record);
  void ask_name_servers(NameServers names);
  void look_at_role_again();
  void follow_name_servers();
  void write();
  void finish();

  void ask(dnsupdate::Exchange& exchange, const dnsupdate::Message& message,
           std::function<void(dnsupdate::Answer)> take);
  std::unique_ptr<dnsupdate::Exchange> exchange_with(dnsupdate::TsigKeyPtr key);

  Surroundings around_;
  const ZoneConfig zone_;
  const ExaminerOptions options_;
  PrimaryLocator locator_;
  std::function<void()> on_done_{};
  dnsupdate::ClientSettings settings_{};
  std::unique_ptr<dnsupdate::Exchange> signed_{};
  std::unique_ptr<dnsupdate::Exchange> plain_{};
  std::vector<std::unique_ptr<dnsupdate::Exchange>> others_{};  // one for each other algorithm
  std::unique_ptr<NameServerWatch> watch_{};
  std::unique_ptr<WriteTest> write_test_{};
  ZoneFacts facts_{};
  Gathering gathering_{};
  net::Handle later_{};
};

}  // namespace ronda::agent
