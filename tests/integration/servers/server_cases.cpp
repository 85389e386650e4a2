#include <algorithm>
#include <chrono>

#include "dnsupdate/update/update_request.hpp"
#include "tests/integration/servers/bench_of_cases.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

std::string owner(const std::string& label) {
  return label + ".example.com";
}

std::string say(const ReadResult& result) {
  if (result) {
    return join(result->to_strings());
  }
  switch (result.error().kind) {
    case ReadFaultKind::alias:
      return "alias";
    case ReadFaultKind::referral:
      return "referral";
    case ReadFaultKind::not_authoritative:
      return "not authoritative";
    case ReadFaultKind::unreachable:
      return "unreachable";
    case ReadFaultKind::unauthenticated:
    case ReadFaultKind::refused:
      break;
  }
  return (result.error().kind == ReadFaultKind::refused ? "refused" : "unauthenticated") +
         (result.error().rcode ? " " + to_string(*result.error().rcode) : std::string()) +
         (result.error().tsig_error ? " " + to_string(*result.error().tsig_error) : std::string());
}

std::string say(const Outcome& outcome) {
  std::string text = to_string(outcome.kind);
  if (outcome.rcode && *outcome.rcode != Rcode::NOERROR) {
    text += " " + to_string(*outcome.rcode);
  }
  if (outcome.tsig_error) {
    text += " " + to_string(*outcome.tsig_error);
  }
  return text;
}

RrSet read(CaseBench& bench, const std::string& label, RrType type = RrType::A) {
  return bench.client().read(key_of(owner(label), type)).value();
}

// The outcome, and what anybody sees afterwards.
std::string change_to(CaseBench& bench, const RrSet& observed, const Strings& wanted,
                      std::uint32_t ttl = 60) {
  const UpdateReport report = bench.client().update({change(observed, wanted, ttl)});
  return say(report.rrsets.front().outcome) + ": " +
         join(bench.lookup(observed.key.owner.to_string(), to_string(observed.key.type)));
}

Strings addresses(int first, int last) {
  Strings texts;
  for (int i = first; i <= last; ++i) {
    texts.push_back("192.0." + std::to_string(2 + i / 250) + "." + std::to_string(i % 250));
  }
  return texts;
}

Message name_question(const std::string& label, bool in_use) {
  Message message = presence_question(name("example.com"), key_of(owner(label)), in_use);
  message.answer.front().type = RrType::ANY;
  return message;
}

std::string race(CaseBench& bench) {
  constexpr std::size_t kClients = 3;
  net::UvLoop loop;
  net::SystemRandom random;
  const RrSet four = read(bench, "race");
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<net::Handle> works;
  std::map<OutcomeKind, int> count;
  std::size_t running = kClients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<Client>(loop, random, bench.settings()));
    RrsetChange removal{.observed = four, .wanted = four};
    removal.wanted.erase(four.data[i]);
    works.push_back(clients[i]->update({removal}, [&](const UpdateReport& report) {
      ++count[report.rrsets.front().outcome.kind];
      if (--running == 0) {
        loop.stop();
      }
    }));
  }
  loop.run();
  return std::to_string(count[OutcomeKind::applied]) + " applied, " +
         std::to_string(count[OutcomeKind::conflict]) + " conflicts, " +
         std::to_string(bench.lookup(owner("race")).size()) + " left";
}

std::string algorithms(CaseBench& bench) {
  std::string refused;
  for (const ServerKey& key : bench.keys()) {
    if (!key.may_change) {
      continue;
    }
    ClientFixture client = bench.client_with(key);
    const RrSet set = client.read(key_of(owner("by-" + key.name))).value_or(RrSet{});
    if (set.key.owner.is_root()) {
      refused += " " + key.algorithm + " (read)";
      continue;
    }
    const UpdateReport report = client.update({change(set, {"192.0.2.1"})});
    if (report.rrsets.front().outcome.kind != OutcomeKind::applied) {
      refused += " " + key.algorithm + " (" + say(report.rrsets.front().outcome) + ")";
    }
  }
  return refused.empty() ? "all" : "all but" + refused;
}

std::string types(CaseBench& bench) {
  const std::vector<std::pair<RrType, std::string>> records{
      {RrType::AAAA, "2001:db8::1"},
      {RrType::MX, "10 ns.example.com"},
      {RrType::TXT, "\"two words\" \"quote \\\" here\""},
      {RrType::SRV, "1 2 25 ns.example.com"},
      {RrType::PTR, "ns.example.com"},
      {RrType::CAA, "0 issue \"ca.example.net\""}};
  std::string wrong;
  for (const auto& [type, text] : records) {
    const std::string label = "type-" + std::to_string(static_cast<int>(type));
    const UpdateReport report =
        bench.client().update({change(rrset(owner(label), {}, type), {text})});
    const RrsetOutcome& result = report.rrsets.front();
    if (result.outcome.kind != OutcomeKind::applied || !result.observed ||
        result.observed->to_strings() != Strings{text}) {
      wrong += " " + to_string(type) + " (" + say(result.outcome) + ")";
    }
  }
  return wrong.empty() ? "all" : "all but" + wrong;
}

std::string poisoned_batch(CaseBench& bench) {
  const UpdateReport report = bench.client().update({
      change(rrset(owner("good1"), {}), {"192.0.2.1"}),
      change(rrset(owner("stale"), {"192.0.2.99"}), {"192.0.2.98"}),
      change(rrset(owner("good2"), {}), {"192.0.2.2"}),
  });
  return say(report.rrsets[0].outcome) + ", " + say(report.rrsets[1].outcome) + ", " +
         say(report.rrsets[2].outcome);
}

std::string pipeline(CaseBench& bench) {
  std::vector<RrsetKey> keys(200, key_of(owner("www")));
  const auto found = bench.client().read(keys);
  const auto good = std::count_if(found.begin(), found.end(), [](const ReadResult& result) {
    return result && result->data.size() == 2;
  });
  return std::to_string(good) + " of 200";
}

std::string serial(CaseBench& bench) {
  const auto soa = [&] {
    return bench.client().read(key_of("example.com", RrType::SOA)).value().to_strings().front();
  };
  const auto number = [](const std::string& text) {
    const std::size_t first = text.find(' ', text.find(' ') + 1) + 1;
    return std::stoul(text.substr(first));
  };
  const std::uint64_t before = number(soa());
  const UpdateReport report =
      bench.client().update({change(rrset(owner("serial"), {}), {"192.0.2.1"})});
  const bool seen = report.messages.front().serial == number(soa());
  return "+" + std::to_string(number(soa()) - before) + (seen ? ", as reported" : ", not reported");
}

std::string ttls(CaseBench& bench) {
  const RrSet both = read(bench, "slow");
  UpdateReport report = bench.client().update({change(both, both.to_strings(), 30)});
  std::string text = "other TTL only: " + say(report.rrsets.front().outcome);
  report = bench.client().update({change(both, {"192.0.2.1"}, 30)});
  text += "; after a removal with 30: " + std::to_string(read(bench, "slow").ttl);
  report = bench.client().update({change(read(bench, "slow"), {"192.0.2.1", "192.0.2.3"}, 60)});
  return text + "; after an addition with 60: " + std::to_string(read(bench, "slow").ttl);
}

std::string big_set(CaseBench& bench, int size) {
  const std::string label = "big" + std::to_string(size);
  const UpdateReport report =
      bench.client().update({change(rrset(owner(label), {}), addresses(1, size))});
  return say(report.rrsets.front().outcome) + ", " +
         std::to_string(report.rrsets.front().observed.value_or(RrSet{}).data.size()) + " records";
}

std::string spelling(CaseBench& bench) {
  const RrSet upper = read(bench, "upper");
  const UpdateReport report = bench.client().update({change(upper, {"192.0.2.1", "192.0.2.2"})});
  return say(report.rrsets.front().outcome) + ", " + upper.key.owner.to_string() + " then " +
         read(bench, "upper").key.owner.to_string();
}

std::string over_udp(CaseBench& bench) {
  ClientFixture client = bench.client_with(bench.key(), {.transport = Transport::udp});
  const ReadResult many = client.read(key_of(owner("many")));
  const UpdateReport report = client.update({change(rrset(owner("udp"), {}), {"192.0.2.1"})});
  return (many ? std::to_string(many->data.size()) + " records" : say(many)) + ", " +
         say(report.rrsets.front().outcome);
}

std::string with_wrong_key(CaseBench& bench, const ServerKey& key) {
  ClientFixture client = bench.client_with(key);
  const ReadResult found = client.read(key_of(owner("www")));
  const UpdateReport report = client.update({change(rrset(owner("wrong"), {}), {"192.0.2.1"})});
  return "read " + say(found) + "; update " + say(report.rrsets.front().outcome) + ": " +
         join(bench.lookup(owner("wrong")));
}

std::string foreign_zone(CaseBench& bench) {
  ClientFixture client = bench.client_with(bench.key(), {.zone = name("example.net")});
  const UpdateReport report = client.update({change(rrset("a.example.net", {}), {"192.0.2.1"})});
  return say(report.rrsets.front().outcome);
}

std::string outside_the_zone(CaseBench& bench) {
  const UpdateReport report =
      bench.client().update({change(rrset("a.example.net", {}), {"192.0.2.1"})});
  return say(report.rrsets.front().outcome);
}

std::vector<ServerCase> reading_cases() {
  return {
      {"read a set",
       [](CaseBench& bench) {
         const ReadResult www = bench.client().read(key_of(owner("www")));
         return say(www) + ", TTL " + std::to_string(www.value_or(RrSet{}).ttl);
       },
       "192.0.2.1 192.0.2.2, TTL 60"},
      {"read an absent name, an absent type",
       [](CaseBench& bench) {
         return say(bench.client().read(key_of(owner("none")))) + ", " +
                say(bench.client().read(key_of(owner("www"), RrType::AAAA)));
       },
       "nothing, nothing"},
      {"read a name of no zone here",
       [](CaseBench& bench) { return say(bench.client().read(key_of("www.example.org"))); },
       "refused REFUSED",
       {{"Knot", "unauthenticated REFUSED"}}},
      {"read an alias, a name below a zone cut",
       [](CaseBench& bench) {
         return say(bench.client().read(key_of(owner("alias")))) + ", " +
                say(bench.client().read(key_of(owner("x.sub"))));
       },
       "alias, referral"},
  };
}

std::vector<ServerCase> writing_cases() {
  return {
      {"add",
       [](CaseBench& bench) { return change_to(bench, read(bench, "add"), addresses(1, 5)); },
       "applied: 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5"},
      {"remove",
       [](CaseBench& bench) { return change_to(bench, read(bench, "remove"), addresses(2, 4)); },
       "applied: 192.0.2.2 192.0.2.3 192.0.2.4"},
      {"swap",
       [](CaseBench& bench) { return change_to(bench, read(bench, "swap"), addresses(3, 6)); },
       "applied: 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6"},
      {"remove the whole set",
       [](CaseBench& bench) { return change_to(bench, read(bench, "whole"), {}); },
       "applied: nothing"},
      {"create",
       [](CaseBench& bench) {
         const std::string said = change_to(bench, read(bench, "fresh"), {"192.0.2.1"}, 30);
         return said + ", TTL " + std::to_string(read(bench, "fresh").ttl);
       },
       "applied: 192.0.2.1, TTL 30"},
      {"a stale observation",
       [](CaseBench& bench) {
         return change_to(bench, rrset(owner("stale"), {"192.0.2.1"}), {"192.0.2.9"});
       },
       "conflict NXRRSET: 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4"},
      {"a set that should not be there is",
       [](CaseBench& bench) { return change_to(bench, rrset(owner("stale"), {}), {"192.0.2.9"}); },
       "conflict YXRRSET: 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4"},
  };
}

std::vector<ServerCase> question_cases() {
  return {
      {"prerequisite: exactly these records (right, one missing, one too many)",
       [](CaseBench& bench) {
         const auto question = [&](int last) {
           return exact_question(name("example.com"), {rrset(owner("stale"), addresses(1, last))});
         };
         return bench.ask(question(4)) + " " + bench.ask(question(3)) + " " +
                bench.ask(question(5));
       },
       "NOERROR NXRRSET NXRRSET"},
      {"prerequisite: type there, type not there",
       [](CaseBench& bench) {
         const Name zone = name("example.com");
         const RrsetKey www = key_of(owner("www"));
         const RrsetKey none = key_of(owner("www"), RrType::AAAA);
         return bench.ask(presence_question(zone, www, true)) + " " +
                bench.ask(presence_question(zone, none, true)) + " " +
                bench.ask(presence_question(zone, none, false)) + " " +
                bench.ask(presence_question(zone, www, false));
       },
       "NOERROR NXRRSET NOERROR YXRRSET"},
      {"prerequisite: name in use, name not in use",
       [](CaseBench& bench) {
         return bench.ask(name_question("www", true)) + " " +
                bench.ask(name_question("none", true)) + " " +
                bench.ask(name_question("none", false)) + " " +
                bench.ask(name_question("www", false));
       },
       "NOERROR NXDOMAIN NOERROR YXDOMAIN"},
  };
}

std::vector<ServerCase> trap_cases() {
  return {
      {"an address beside an alias",
       [](CaseBench& bench) { return change_to(bench, rrset(owner("alias"), {}), {"192.0.2.9"}); },
       "conflict YXRRSET: 192.0.2.1 192.0.2.2 www.example.com."},
      {"an alias beside addresses",
       [](CaseBench& bench) {
         return change_to(bench, rrset(owner("www"), {}, RrType::CNAME), {owner("ns")});
       },
       "conflict YXDOMAIN: nothing"},
      {"a set that a wildcard makes up",
       [](CaseBench& bench) { return change_to(bench, read(bench, "host.w"), {"192.0.2.9"}); },
       "conflict NXRRSET: 192.0.2.50"},
  };
}

std::vector<ServerCase> record_cases() {
  return {
      {"TTL",
       ttls,
       "other TTL only: unchanged; after a removal with 30: 30; after an addition with 60: 60",
       {{"Knot",
         "other TTL only: unchanged; after a removal with 30: 600; after an addition with 60: "
         "60"}}},
      {"spelling of the owner",
       spelling,
       "applied, UpPer.example.com then UpPer.example.com",
       {{"Knot", "applied, upper.example.com then upper.example.com"},
        {"PowerDNS", "applied, upper.example.com then upper.example.com"}}},
      {"types", types, "all"},
      {"90 records", [](CaseBench& bench) { return big_set(bench, 90); }, "applied, 90 records"},
      {"1000 records",
       [](CaseBench& bench) { return big_set(bench, 1000); },
       "rejected SERVFAIL, 0 records",
       {{"Knot", "applied, 1000 records"}, {"PowerDNS", "applied, 1000 records"}}},
  };
}

std::vector<ServerCase> wire_cases() {
  return {
      {"over UDP: a large answer, an update", over_udp, "90 records, applied"},
      {"200 pipelined reads", pipeline, "200 of 200"},
      {"one stale set in a batch of three", poisoned_batch, "applied, conflict NXRRSET, applied"},
      {"three clients remove a member each at once", race, "1 applied, 2 conflicts, 3 left"},
      {"serial", serial, "+1, as reported"},
  };
}

std::vector<ServerCase> key_cases() {
  return {
      {"TSIG algorithms md5 to sha512", algorithms, "all"},
      {"an unknown key",
       [](CaseBench& bench) {
         ServerKey key = bench.key();
         key.name = "stranger";
         return with_wrong_key(bench, key);
       },
       "read unauthenticated NOTAUTH BADKEY; update unknown NOTAUTH BADKEY: nothing",
       {{"Knot 3.4", "read unauthenticated NOTAUTH; update unknown: nothing"},
        {"PowerDNS", "read unauthenticated NOTAUTH; update unknown: nothing"}}},
      {"a wrong secret",
       [](CaseBench& bench) {
         ServerKey key = bench.key();
         key.secret = random_base64(48);
         return with_wrong_key(bench, key);
       },
       "read unauthenticated NOTAUTH BADSIG; update unknown NOTAUTH BADSIG: nothing",
       {{"PowerDNS", "read unauthenticated NOTAUTH; update unknown: nothing"}}},
      {"a key that may change nothing",
       [](CaseBench& bench) { return with_wrong_key(bench, bench.keys().back()); },
       "read 192.0.2.1 192.0.2.2; update rejected REFUSED: nothing",
       {{"Knot 3.4", "read unauthenticated NOTAUTH; update unknown: nothing"},
        {"Knot", "read unauthenticated NOTAUTH BADKEY; update unknown NOTAUTH BADKEY: nothing"}}},
      {"a zone the server does not have", foreign_zone, "rejected NOTAUTH", {{"Knot", "unknown"}}},
      {"a name outside the zone", outside_the_zone, "rejected NOTZONE"},
  };
}

}  // namespace

std::vector<ServerCase> server_cases() {
  std::vector<ServerCase> all;
  for (const auto& part : {reading_cases(), writing_cases(), question_cases(), trap_cases(),
                           record_cases(), wire_cases(), key_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace ronda::test
