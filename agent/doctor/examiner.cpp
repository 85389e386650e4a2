#include "agent/doctor/examiner.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>

#include "agent/doctor/zone_findings.hpp"
#include "dnsupdate/io/zone_answer.hpp"
#include "dnsupdate/update/judge_answer.hpp"
#include "dnsupdate/update/update_request.hpp"
#include "dnsupdate/wire/tsig.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::Answer;
using dnsupdate::RrsetKey;
using dnsupdate::RrType;
using dnsupdate::TsigAlgorithm;
using dnsupdate::TsigError;

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kTlsPort = 853;
// A secondary counts whole seconds down from its last transfer.
constexpr auto kSecondLook = std::chrono::milliseconds(1100);
// Longer than BIND's notify-delay of 5 s.
constexpr auto kPatience = std::chrono::seconds(7);
constexpr std::array kAlgorithms{TsigAlgorithm::hmac_sha256, TsigAlgorithm::hmac_sha512,
                                 TsigAlgorithm::hmac_sha384, TsigAlgorithm::hmac_sha224,
                                 TsigAlgorithm::hmac_sha1,   TsigAlgorithm::hmac_md5};

std::vector<RecordFacts> records_of(const Config& config, std::size_t zone) {
  std::vector<RecordFacts> records;
  for (const ServiceConfig& service : config.services) {
    if (service.probes_only || service.zone != zone) {
      continue;
    }
    for (const RrType type : {RrType::A, RrType::AAAA}) {
      const auto of_type = std::ranges::count_if(service.members, [&](const Member& member) {
        return member.address.is_v4() == (type == RrType::A);
      });
      if (of_type > 0) {
        records.push_back({.service = service.id,
                           .key = {.owner = service.name, .type = type},
                           .addresses = static_cast<std::size_t>(of_type),
                           .ttl = service.ttl});
      }
    }
  }
  return records;
}

std::string text_of(TsigAlgorithm algorithm) {
  return dnsupdate::algorithm_name(algorithm).to_string();
}

// The key with its own name and secret.
dnsupdate::TsigKeyPtr with_algorithm(const dnsupdate::TsigKey& key, TsigAlgorithm algorithm) {
  const auto secret = key.secret.bytes();
  dnsupdate::TsigKey other{.name = key.name,
                           .algorithm = algorithm,
                           .secret = net::Secret({secret.begin(), secret.end()})};
  return std::make_shared<const dnsupdate::TsigKey>(std::move(other));
}

std::optional<RrType> alias_in(const Answer& answer) {
  if (answer) {
    for (const dnsupdate::ResourceRecord& record : answer->message.answer) {
      if (record.type == RrType::CNAME || record.type == RrType::DNAME) {
        return record.type;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

ZoneExaminer::ZoneExaminer(const Surroundings& around, const Config& config, std::size_t zone,
                           ExaminerOptions options)
    : around_(around),
      zone_(config.zones[zone]),
      options_(std::move(options)),
      locator_(around.loop, around.random, around.resolver, around.worker, zone_) {
  facts_.zone = zone_.zone;
  facts_.key_name = zone_.key->name.to_string();
  facts_.algorithm = text_of(zone_.key->algorithm);
  facts_.key_file = zone_.key_file.string();
  facts_.over_tls = zone_.transport == dnsupdate::Transport::tls;
  facts_.records = records_of(config, zone);
}

void ZoneExaminer::start(std::function<void()> on_done) {
  on_done_ = std::move(on_done);
  later_ = around_.loop.at(around_.loop.now(), [this] {
    locator_.locate([this](PrimaryLocator::Answer places) {
      if (places) {
        begin(*std::move(places));
      } else {
        facts_.not_found = places.error();
        finish();
      }
    });
  });
}

void ZoneExaminer::begin(PrimaryPlaces places) {
  facts_.server = places.servers.front().to_string();
  settings_.zone = zone_.zone;
  settings_.servers = std::move(places.servers);
  settings_.transport = zone_.transport;
  settings_.tls.settings = zone_.tls;
  settings_.tls.names = std::move(places.names);
  settings_.source = zone_.source;
  settings_.timeout = zone_.timeout;
  settings_.key = zone_.key;
  signed_ = exchange_with(zone_.key);
  plain_ = exchange_with(nullptr);
  const auto question = dnsupdate::query_message({.owner = zone_.zone, .type = RrType::SOA});
  ask(*signed_, question, [this](Answer answer) { facts_.soa = std::move(answer); });
  ask(*plain_, question, [this](Answer answer) { facts_.plain_soa = std::move(answer); });
  gathering_.then([this] {
    const std::string& server = facts_.soa ? facts_.soa->server : facts_.soa.error().server;
    if (!server.empty()) {
      facts_.server = server;
    }
    if (facts_.soa && !facts_.soa->tsig_error) {
      ask_primary();
    } else if (!facts_.soa && facts_.soa.error().tsig_error == TsigError::BADKEY) {
      try_algorithms();
    } else {
      finish();  // nothing else would be answered
    }
  });
}

// BADKEY says that the name or the algorithm is not the primary's. The one it has it accepts, or it
// answers with BADSIG.
void ZoneExaminer::try_algorithms() {
  const auto question = dnsupdate::query_message({.owner = zone_.zone, .type = RrType::SOA});
  for (const TsigAlgorithm algorithm : kAlgorithms) {
    if (algorithm == zone_.key->algorithm) {
      continue;
    }
    others_.push_back(exchange_with(with_algorithm(*zone_.key, algorithm)));
    ask(*others_.back(), question, [this, algorithm](const Answer& answer) {
      const bool same_secret = answer.has_value();
      if (same_secret || answer.error().tsig_error == TsigError::BADSIG) {
        facts_.other_algorithm = {.name = text_of(algorithm), .same_secret = same_secret};
      }
    });
  }
  gathering_.then([this] { finish(); });
}

void ZoneExaminer::ask_primary() {
  ask(*signed_, expire_question(zone_.zone),
      [this](Answer answer) { facts_.expire = std::move(answer); });
  ask(*signed_, update_question(zone_.zone),
      [this](Answer answer) { facts_.update = std::move(answer); });
  ask(*plain_, version_question(), [this](const Answer& answer) {
    facts_.version = answer ? version_text(answer->message) : std::nullopt;
  });
  const auto names = std::make_shared<NameServers>();
  ask(*signed_, dnsupdate::query_message({.owner = zone_.zone, .type = RrType::NS}),
      [this, names](const Answer& answer) {
        if (answer) {
          *names = name_servers(answer->message, zone_.zone);
        }
      });
  for (RecordFacts& record : facts_.records) {
    ask_about(record);
  }
  gathering_.then([this, names] { ask_name_servers(std::move(*names)); });
}

void ZoneExaminer::ask_about(RecordFacts& record) {
  ask(*signed_, dnsupdate::query_message(record.key), [this, &record](const Answer& answer) {
    record.read = dnsupdate::judge_answer(record.key, answer, signed_->context());
    record.alias = alias_in(answer);
  });
  ask(*signed_, permission_question(zone_.zone, record.key),
      [&record](Answer answer) { record.permission = std::move(answer); });
  if (record.key.owner == zone_.zone) {
    return;
  }
  const auto question = dnsupdate::zone_question(record.key.owner, false);
  ask(*signed_, question, [this, &record](const Answer& answer) {
    if (!answer) {
      return;
    }
    const auto judged = dnsupdate::judge_zone_answer(record.key.owner, answer->message, false, "");
    const auto* found = std::get_if<dnsupdate::FoundZone>(&judged);
    if (found != nullptr && found->zone != zone_.zone) {
      record.zone_below = found->zone;
    }
  });
  ask_for_wildcard(record);
}

void ZoneExaminer::ask_for_wildcard(RecordFacts& record) {
  const auto sibling =
      dnsupdate::Name::parse("_ronda-doctor-" + std::to_string(around_.random.u16()) + "." +
                             record.key.owner.parent().to_string());
  if (!sibling) {
    return;  // too long: no such name, no such answer
  }
  const RrsetKey key{.owner = *sibling, .type = record.key.type};
  ask(*signed_, dnsupdate::query_message(key), [this, key, &record](const Answer& answer) {
    const auto found = dnsupdate::judge_answer(key, answer, signed_->context());
    if (found && answer->message.rcode() == dnsupdate::Rcode::NOERROR) {
      record.wildcard = found->empty() ? Wildcard::other_types : Wildcard::same_type;
    }
  });
}

void ZoneExaminer::ask_name_servers(NameServers names) {
  watch_ = std::make_unique<NameServerWatch>(around_, zone_, options_.name_server_port,
                                             settings_.servers);
  watch_->find(std::move(names), [this] { look_at_role_again(); });
}

// Within a second of a transfer a secondary looks like a primary. It is none where the SOA names
// its address, unless several servers share that.
void ZoneExaminer::look_at_role_again() {
  const auto judged = dnsupdate::judge_zone_answer(zone_.zone, facts_.soa->message, false, "");
  const auto* found = std::get_if<dnsupdate::FoundZone>(&judged);
  const bool named =
      found != nullptr && std::ranges::all_of(settings_.servers, [&](const net::Endpoint& server) {
        return (server.port == kDnsPort || server.port == kTlsPort) &&
               watch_->has_address(found->primary, server.ip);
      });
  const bool tells = facts_.expire && expire_option(facts_.expire->message);
  if (named || !tells || is_secondary(facts_.expire, zone_.zone)) {
    follow_name_servers();
    return;
  }
  later_ = around_.loop.at(around_.loop.now() + kSecondLook, [this] {
    ask(*signed_, expire_question(zone_.zone),
        [this](Answer answer) { facts_.expire = std::move(answer); });
    gathering_.then([this] { follow_name_servers(); });
  });
}

void ZoneExaminer::follow_name_servers() {
  const auto serial = serial_of(facts_.soa, zone_.zone);
  if (!serial || is_secondary(facts_.expire, zone_.zone)) {
    finish();
    return;
  }
  watch_->follow(*serial, kPatience, [this] {
    facts_.name_servers = watch_->facts();
    ask(*signed_, dnsupdate::query_message({.owner = zone_.zone, .type = RrType::SOA}),
        [this](Answer answer) { facts_.last_soa = std::move(answer); });
    gathering_.then([this] { write(); });
  });
}

void ZoneExaminer::write() {
  if (!options_.write_test || !takes_updates(facts_)) {
    finish();
    return;
  }
  write_test_ =
      std::make_unique<WriteTest>(around_.loop, around_.random, settings_, *options_.write_test);
  write_test_->run([this](WriteTestFacts facts) {
    const bool seen = facts.removed && facts.removed->kind == dnsupdate::OutcomeKind::applied;
    facts_.write_test = std::move(facts);
    if (!seen) {
      finish();
      return;
    }
    ask(*signed_, dnsupdate::query_message({.owner = zone_.zone, .type = RrType::SOA}),
        [this](Answer answer) { facts_.last_soa = std::move(answer); });
    gathering_.then([this] {
      const auto serial = serial_of(facts_.last_soa, zone_.zone);
      if (!serial) {
        finish();
        return;
      }
      watch_->follow(*serial, kPatience, [this] {
        facts_.write_test->followers = watch_->facts();
        finish();
      });
    });
  });
}

void ZoneExaminer::finish() {
  later_ = around_.loop.at(around_.loop.now(), [this] { on_done_(); });
}

void ZoneExaminer::ask(dnsupdate::Exchange& exchange, const dnsupdate::Message& message,
                       std::function<void(Answer)> take) {
  gathering_.wait_for([&](const Gathering::Done& done) {
    return exchange.ask(message, [take = std::move(take), done](Answer answer) {
      take(std::move(answer));
      done();
    });
  });
}

std::unique_ptr<dnsupdate::Exchange> ZoneExaminer::exchange_with(dnsupdate::TsigKeyPtr key) {
  auto settings = settings_;
  settings.key = std::move(key);
  return std::make_unique<dnsupdate::Exchange>(around_.loop, around_.random, settings);
}

}  // namespace ronda::agent
