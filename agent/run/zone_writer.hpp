// One zone's way to its primary: finds out where that is, reads RRsets, and writes changes only
// when armed. An unarmed writer cannot send an UPDATE at all: `plan` and observe mode are a
// property of this object, not of its callers' care.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/run/primary_locator.hpp"
#include "dnsupdate/io/client.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"
#include "net/resolver.hpp"
#include "net/tls_contexts.hpp"
#include "net/worker.hpp"

namespace ronda::agent {

class ZoneWriter {
 public:
  // Borrowed; all of it outlives the writer.
  struct Surroundings {
    net::Loop& loop;
    net::Random& random;
    net::Resolver& resolver;
    net::Worker& worker;
    net::TlsContexts& tls;  // with the zone's settings loaded
    std::shared_ptr<dnsupdate::ServerQuota> quota;
  };

  ZoneWriter(const Surroundings& around, const ZoneConfig& config, bool armed);
  ZoneWriter(const ZoneWriter&) = delete;
  ZoneWriter& operator=(const ZoneWriter&) = delete;

  // One read at a time and not beside writes; writes may overlap. Each calls back once, never
  // inside the call.
  void read(std::vector<dnsupdate::RrsetKey> keys,
            std::function<void(std::vector<dnsupdate::ReadResult>)> on_done);
  void write(std::vector<dnsupdate::RrsetChange> changes,
             std::function<void(dnsupdate::UpdateReport)> on_done);

 private:
  void connect(PrimaryPlaces places);
  void ask(std::vector<dnsupdate::RrsetKey> keys,
           std::function<void(std::vector<dnsupdate::ReadResult>)> on_done);

  Surroundings around_;
  const ZoneConfig config_;
  const bool armed_;
  PrimaryLocator locator_;
  std::unique_ptr<dnsupdate::Client> client_{};
  net::Handle pending_{};
  std::map<std::uint64_t, net::Handle> writes_{};
  std::uint64_t next_write_ = 0;
};

}  // namespace ronda::agent
