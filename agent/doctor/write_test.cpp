#include "agent/doctor/write_test.hpp"

#include <utility>

namespace ronda::agent {
namespace {

constexpr std::uint32_t kTtl = 30;
constexpr const char* kRecord = "\"written by ronda doctor\"";

}  // namespace

WriteTest::WriteTest(net::Loop& loop, net::Random& random,
                     const dnsupdate::ClientSettings& settings, dnsupdate::Name owner)
    : client_(loop, random, settings),
      key_{.owner = std::move(owner), .type = dnsupdate::RrType::TXT} {
  facts_.owner = key_.owner;
}

void WriteTest::run(std::function<void(WriteTestFacts)> on_done) {
  on_done_ = std::move(on_done);
  work_ = client_.read({key_}, [this](const std::vector<dnsupdate::ReadResult>& results) {
    write(results.front());
  });
}

void WriteTest::write(const dnsupdate::ReadResult& read) {
  if (!read || !read->empty()) {
    facts_.obstacle =
        read ? key_.owner.to_string() + " has TXT records of its own; give a name that has none"
             : read.error().detail;
    finish();
    return;
  }
  dnsupdate::RrsetChange change{.observed = {.key = key_}, .wanted = {.key = key_, .ttl = kTtl}};
  change.wanted.insert(dnsupdate::Rdata::parse(dnsupdate::RrType::TXT, kRecord).value());
  work_ = client_.update({std::move(change)}, [this](const dnsupdate::UpdateReport& report) {
    const dnsupdate::RrsetOutcome& written = report.rrsets.front();
    facts_.written = written.outcome;
    if (written.observed && !written.observed->empty()) {
      take_away(written);
    } else {
      finish();
    }
  });
}

void WriteTest::take_away(const dnsupdate::RrsetOutcome& written) {
  dnsupdate::RrsetChange change{.observed = *written.observed,
                                .wanted = {.key = written.observed->key}};
  work_ = client_.update({std::move(change)}, [this](const dnsupdate::UpdateReport& removal) {
    facts_.removed = removal.rrsets.front().outcome;
    finish();
  });
}

void WriteTest::finish() {
  const auto on_done = std::exchange(on_done_, {});
  on_done(facts_);
}

}  // namespace ronda::agent
