#include "agent/run/zone_writer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ronda::agent {

ZoneWriter::ZoneWriter(net::Loop& loop, net::Random& random, net::Resolver& resolver,
                       const ZoneConfig& config, bool armed)
    : loop_(loop), random_(random), resolver_(resolver), config_(config), armed_(armed) {
  if (const auto literal = net::IpAddress::parse(config_.primary.host)) {
    connect(*literal);
  }
}

void ZoneWriter::connect(net::IpAddress address) {
  client_ = std::make_unique<dnsupdate::Client>(
      loop_, random_,
      dnsupdate::ClientSettings{
          .zone = config_.zone,
          .servers = {{.ip = address, .port = config_.primary.port.value_or(53)}},
          .key = config_.key,
          .transport = config_.transport,
          .source = config_.source,
          .timeout = config_.timeout});
}

void ZoneWriter::read(std::vector<dnsupdate::RrsetKey> keys,
                      std::function<void(std::vector<dnsupdate::ReadResult>)> on_done) {
  if (client_) {
    ask(std::move(keys), std::move(on_done));
    return;
  }
  pending_ = resolver_.resolve(
      config_.primary.host, [this, keys = std::move(keys), on_done = std::move(on_done)](
                                const net::Resolver::Answer& answer) mutable {
        if (answer && !answer->empty()) {
          connect(answer->front());
          ask(std::move(keys), std::move(on_done));
          return;
        }
        const dnsupdate::ReadFault fault{
            .kind = dnsupdate::ReadFaultKind::unreachable,
            .server = config_.primary.host,
            .detail = "primary " + config_.primary.host + ": " +
                      (answer ? "the name has no address" : answer.error()) +
                      "; write its address into \"primary\" or mend the resolver"};
        const std::vector<dnsupdate::ReadResult> results(keys.size(), std::unexpected(fault));
        on_done(results);
      });
}

void ZoneWriter::ask(std::vector<dnsupdate::RrsetKey> keys,
                     std::function<void(std::vector<dnsupdate::ReadResult>)> on_done) {
  pending_ = client_->read(std::move(keys), [this, on_done = std::move(on_done)](
                                                const std::vector<dnsupdate::ReadResult>& results) {
    const bool lost = std::ranges::any_of(results, [](const dnsupdate::ReadResult& result) {
      return !result && result.error().kind == dnsupdate::ReadFaultKind::unreachable;
    });
    // A primary given by name may have moved: the next read asks for its address again. The client
    // is dropped on the next turn, since this call comes from inside it.
    if (lost && !net::IpAddress::parse(config_.primary.host)) {
      auto done = on_done;
      pending_ = loop_.at(loop_.now(), [this, done, results] {
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
  pending_ = client_->update(std::move(changes), std::move(on_done));
}

}  // namespace ronda::agent
