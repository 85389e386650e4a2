#include "agent/run/zone_writer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ronda::agent {

ZoneWriter::ZoneWriter(const Surroundings& around, const ZoneConfig& config, bool armed)
    : around_(around),
      config_(config),
      armed_(armed),
      locator_(around.loop, around.random, around.resolver, around.worker, config_) {
  if (locator_.fixed()) {
    locator_.locate([this](PrimaryLocator::Answer places) {
      if (places) {
        connect(*std::move(places));
      }
    });
  }
}

void ZoneWriter::connect(PrimaryPlaces places) {
  client_ = std::make_unique<dnsupdate::Client>(
      around_.loop, around_.random,
      dnsupdate::ClientSettings{.zone = config_.zone,
                                .servers = std::move(places.servers),
                                .key = config_.key,
                                .transport = config_.transport,
                                .tls = {.settings = config_.tls,
                                        .names = std::move(places.names),
                                        .contexts = &around_.tls},
                                .source = config_.source,
                                .timeout = config_.timeout,
                                .quota = around_.quota});
}

void ZoneWriter::read(std::vector<dnsupdate::RrsetKey> keys,
                      std::function<void(std::vector<dnsupdate::ReadResult>)> on_done) {
  if (client_) {
    ask(std::move(keys), std::move(on_done));
    return;
  }
  // A later turn, as the caller was promised, even when the answer is at hand.
  pending_ = around_.loop.at(
      around_.loop.now(), [this, keys = std::move(keys), on_done = std::move(on_done)]() mutable {
        locator_.locate([this, keys = std::move(keys),
                         on_done = std::move(on_done)](PrimaryLocator::Answer places) mutable {
          if (places) {
            connect(*std::move(places));
            ask(std::move(keys), std::move(on_done));
            return;
          }
          const dnsupdate::ReadFault fault{.kind = dnsupdate::ReadFaultKind::unreachable,
                                           .server = config_.zone.to_string(),
                                           .detail = places.error()};
          const std::vector<dnsupdate::ReadResult> results(keys.size(), std::unexpected(fault));
          on_done(results);
        });
      });
}

void ZoneWriter::ask(std::vector<dnsupdate::RrsetKey> keys,
                     std::function<void(std::vector<dnsupdate::ReadResult>)> on_done) {
  pending_ = client_->read(std::move(keys), [this, on_done = std::move(on_done)](
                                                const std::vector<dnsupdate::ReadResult>& results) {
    const bool lost = std::ranges::any_of(results, [](const dnsupdate::ReadResult& result) {
      return !result && result.error().kind == dnsupdate::ReadFaultKind::unreachable;
    });
    // A primary known by name or through the SOA may have moved: the next read looks for it again.
    // The client is dropped on the next turn, since this call comes from inside it.
    if (lost && !locator_.fixed()) {
      auto done = on_done;
      pending_ = around_.loop.at(around_.loop.now(), [this, done, results] {
        client_.reset();
        done(results);
      });
      return;
    }
    on_done(results);
  });
}

void ZoneWriter::write(std::vector<dnsupdate::RrsetChange> changes,
                       std::function<void(dnsupdate::UpdateReport)> on_done) {
  assert(armed_);
  assert(client_);  // nothing is planned before a read has succeeded
  const std::uint64_t id = next_write_++;
  writes_[id] = client_->update(
      std::move(changes), [this, id, on_done = std::move(on_done)](dnsupdate::UpdateReport report) {
        const net::Handle keep = std::move(writes_[id]);
        writes_.erase(id);
        on_done(std::move(report));
      });
}

}  // namespace ronda::agent
