// The truth table of a zone: one fact spoilt, and what is said of it.
#include "agent/doctor/findings.hpp"

#include <functional>

#include "tests/support/catch.hpp"
#include "tests/unit/doctor/facts_of.hpp"

using namespace ronda::agent;
using namespace ronda::dnsupdate;
using namespace ronda::test;
using namespace std::chrono_literals;

namespace {

NoReply claimed(TsigError error) {
  NoReply none = no_reply(NoReplyKind::unauthenticated, "not to be trusted");
  none.rcode = Rcode::NOTAUTH;
  none.tsig_error = error;
  return none;
}

Reply refused_with(TsigError error, std::optional<std::chrono::seconds> skew = {}) {
  Reply reply = reply_of(Rcode::NOTAUTH);
  reply.tsig_error = error;
  reply.skew = skew;
  return reply;
}

Reply without_authority(const std::string& referral) {
  Reply reply = reply_of(Rcode::NOERROR);
  reply.message.authority.push_back({.owner = name(referral), .type = RrType::NS});
  return reply;
}

struct Row {
  const char* name;
  std::function<void(ZoneFacts&)> spoil;
  Strings heads;
  const char* topic;  // whose finding has
  const char* text;
  const char* mend;
};

const std::vector<Row> kRows{
    {"no primary found",
     [](ZoneFacts& facts) { facts.not_found = "no SOA"; },
     {"lost primary"},
     "primary",
     "no SOA",
     "\"primary\""},
    {"refused connection",
     [](ZoneFacts& facts) {
       facts.soa = std::unexpected(no_reply(NoReplyKind::unreachable, "connection refused"));
     },
     {"lost primary"},
     "primary",
     "connection refused",
     "ss -ltnp 'sport = :53'"},
    {"no answer",
     [](ZoneFacts& facts) {
       facts.soa = std::unexpected(no_reply(NoReplyKind::timeout, "no answer"));
     },
     {"lost primary"},
     "primary",
     "no answer",
     "listen-on"},
    {"secret",
     [](ZoneFacts& facts) { facts.soa = std::unexpected(claimed(TsigError::BADSIG)); },
     {"bad key"},
     "key",
     "another secret",
     "copy the key file"},
    {"key name",
     [](ZoneFacts& facts) { facts.soa = std::unexpected(claimed(TsigError::BADKEY)); },
     {"bad key"},
     "key",
     "no key called \"ronda\"",
     "`include` a copy of /etc/ronda/tsig.key"},
    {"algorithm",
     [](ZoneFacts& facts) {
       facts.soa = std::unexpected(claimed(TsigError::BADKEY));
       facts.other_algorithm = {.name = "hmac-sha512", .same_secret = true};
     },
     {"bad key"},
     "key",
     "as hmac-sha512, and /etc/ronda/tsig.key says hmac-sha256",
     "`algorithm hmac-sha512;` in /etc/ronda/tsig.key"},
    {"algorithm and secret",
     [](ZoneFacts& facts) {
       facts.soa = std::unexpected(claimed(TsigError::BADKEY));
       facts.other_algorithm = {.name = "hmac-sha512", .same_secret = false};
     },
     {"bad key"},
     "key",
     "the secrets differ too",
     "copy the key file"},
    {"unsigned reply of a resolver",
     [](ZoneFacts& facts) {
       facts.soa = std::unexpected(no_reply(NoReplyKind::unauthenticated, "unsigned"));
       facts.plain_soa = reply_of(Rcode::NOERROR);
     },
     {"bad key", "bad primary"},
     "primary",
     "without authority",
     "the primary's own address"},
    {"truncated signatures",
     [](ZoneFacts& facts) { facts.soa = refused_with(TsigError::BADTRUNC); },
     {"bad key"},
     "key",
     "BADTRUNC",
     "the same key file"},
    {"clock ahead",
     [](ZoneFacts& facts) { facts.soa = refused_with(TsigError::BADTIME, 301s); },
     {"bad clock"},
     "clock",
     "301 s ahead of this host's",
     "timedatectl"},
    {"clock behind",
     [](ZoneFacts& facts) { facts.soa = refused_with(TsigError::BADTIME, -301s); },
     {"bad clock"},
     "clock",
     "301 s behind this host's",
     "timedatectl"},
    {"clock unknown",
     [](ZoneFacts& facts) { facts.soa = refused_with(TsigError::BADTIME); },
     {"bad clock"},
     "clock",
     "more than 300 s apart",
     "timedatectl"},
    {"another zone",
     [](ZoneFacts& facts) { facts.soa = soa_of("com", 1); },
     {"ok key", "ok clock", "bad zone"},
     "zone",
     "lies in the zone \"com\"",
     R"("zone": "com")"},
    {"zone not loaded",
     [](ZoneFacts& facts) { facts.soa = reply_of(Rcode::SERVFAIL); },
     {"ok key", "ok clock", "bad zone"},
     "zone",
     "not loaded",
     "named-checkconf -z"},
    {"zone absent",
     [](ZoneFacts& facts) {
       facts.soa = facts.plain_soa = reply_of(Rcode::REFUSED);
       facts.update = reply_of(Rcode::NOTAUTH);
     },
     {"ok key", "ok clock", "bad zone"},
     "zone",
     "does not have the zone",
     "real name and primary"},
    {"zone in another view",
     [](ZoneFacts& facts) {
       facts.soa = reply_of(Rcode::REFUSED);
       facts.update = reply_of(Rcode::NOTAUTH);
     },
     {"ok key", "ok clock", "bad view"},
     "view",
     "in another view",
     "`match-clients { key ronda; };`"},
    {"allow-query",
     [](ZoneFacts& facts) { facts.soa = reply_of(Rcode::REFUSED); },
     {"ok key", "ok clock", "bad zone"},
     "zone",
     "allow-query leaves the key out",
     "`allow-query { key ronda; };`"},
    {"resolver",
     [](ZoneFacts& facts) { facts.soa = without_authority("."); },
     {"ok key", "ok clock", "bad primary"},
     "primary",
     "it is a resolver",
     "the primary's own address"},
    {"parent",
     [](ZoneFacts& facts) { facts.soa = without_authority("example.com"); },
     {"ok key", "ok clock", "bad zone"},
     "zone",
     "name servers of \"example.com\"",
     "the zone's own primary"},
    {"secondary that forwards",
     [](ZoneFacts& facts) { facts.expire = expire_of("example.com", 86000); },
     {"ok key", "ok clock", "bad primary"},
     "primary",
     "that forwards updates",
     "the SOA names ns.example.com"},
    {"secondary that does not",
     [](ZoneFacts& facts) {
       facts.expire = expire_of("example.com", 86000);
       facts.update = reply_of(Rcode::REFUSED);
     },
     {"ok key", "ok clock", "bad primary"},
     "primary",
     "does not forward updates (REFUSED)",
     "the SOA names ns.example.com"},
};

}  // namespace

TEST_CASE("a healthy zone") {
  const auto findings = find_faults(healthy_facts());
  CHECK(heads(findings) ==
        Strings{"ok key", "ok clock", "ok updates", "skip journal", "ok version", "ok policy"});
  CHECK(exit_code(findings) == 0);
}

TEST_CASE("what ends an examination, with its cause and cure") {
  for (const Row& row : kRows) {
    INFO(row.name);
    ZoneFacts facts = healthy_facts();
    row.spoil(facts);
    const auto findings = find_faults(facts);
    CHECK(heads(findings) == row.heads);
    const DoctorFinding finding = about(findings, row.topic);
    CHECK(finding.subject == "example.com");
    CHECK_THAT(finding.text, ContainsSubstring(row.text));
    CHECK_THAT(finding.mend, ContainsSubstring(row.mend));
  }
}

TEST_CASE("a zone that takes no updates") {
  ZoneFacts facts = healthy_facts();
  facts.update = reply_of(Rcode::REFUSED);
  auto finding = about(find_faults(facts), "updates");
  CHECK_THAT(finding.text, ContainsSubstring("it is frozen, or it has neither"));
  CHECK_THAT(finding.mend, ContainsSubstring("`rndc thaw example.com`"));
  CHECK(finding.text.find("view") == std::string::npos);
  // Nothing is said of single records or the journal then.
  CHECK(heads(find_faults(facts)) == Strings{"ok key", "ok clock", "bad updates", "ok version"});

  facts.plain_soa = soa_of("example.com", 99);
  CHECK_THAT(about(find_faults(facts), "updates").text, ContainsSubstring("the wrong view"));
  facts.update = reply_of(Rcode::NOTIMP);
  CHECK_THAT(about(find_faults(facts), "updates").text, ContainsSubstring("NOTIMP"));
  facts.update = std::unexpected(no_reply(NoReplyKind::timeout, "no answer"));
  CHECK(about(find_faults(facts), "updates").text == "no answer");
}

TEST_CASE("another serial without the key is a view, unless it is a change made meanwhile") {
  ZoneFacts facts = healthy_facts();
  facts.plain_soa = soa_of("example.com", 8);
  CHECK(about(find_faults(facts), "view").grade == Grade::ok);
  facts.last_soa = soa_of("example.com", 8);
  CHECK(heads(find_faults(facts)) == heads(find_faults(healthy_facts())));
}

TEST_CASE("clocks and algorithms that still work") {
  ZoneFacts facts = healthy_facts();
  facts.soa->skew = 60s;
  CHECK(about(find_faults(facts), "clock").grade == Grade::ok);
  facts.soa->skew = -61s;
  CHECK(about(find_faults(facts), "clock").grade == Grade::warn);
  CHECK_THAT(about(find_faults(facts), "clock").text, ContainsSubstring("61 s behind"));
  for (const char* old : {"hmac-sha1", "hmac-md5.sig-alg.reg.int"}) {
    facts.algorithm = old;
    CHECK(about(find_faults(facts), "key").grade == Grade::warn);
  }
}

TEST_CASE("versions with known faults") {
  for (const char* good : {"9.16.37", "9.18.11", "9.18.49-1~deb12u3-Debian", "9.20.30", "9.21.24",
                           "10.1.2", "no number", "", "9", "9.18", "PowerDNS 4.7"}) {
    INFO(good);
    CHECK_FALSE(version_fault(good));
  }
  for (const char* bad : {"9.16.36", "9.18.10-S1", "9.21.23", "9.11.5"}) {
    INFO(bad);
    CHECK(version_fault(bad));
  }
  ZoneFacts facts = healthy_facts();
  facts.version = std::nullopt;
  CHECK(about(find_faults(facts), "version").grade == Grade::skip);
}

TEST_CASE("the journal, by a write test") {
  ZoneFacts facts = healthy_facts();
  const auto with = [&](WriteTestFacts test) {
    test.owner = name("_ronda.example.com");
    facts.write_test = std::move(test);
    return about(find_faults(facts), "journal");
  };
  const Outcome applied{.kind = OutcomeKind::applied};
  const auto failed = [](OutcomeKind kind, std::optional<Rcode> rcode) {
    return Outcome{.kind = kind, .rcode = rcode, .detail = "because"};
  };
  CHECK(with({.written = applied, .removed = applied}).grade == Grade::ok);
  CHECK(with({.obstacle = "taken"}).grade == Grade::warn);
  auto finding = with({.written = failed(OutcomeKind::rejected, Rcode::SERVFAIL)});
  CHECK(finding.grade == Grade::bad);
  CHECK_THAT(finding.text,
             ContainsSubstring("could not be written to _ronda.example.com: because"));
  CHECK_THAT(finding.mend, ContainsSubstring("writable for named"));
  finding = with({.written = failed(OutcomeKind::rejected, Rcode::REFUSED)});
  CHECK(finding.mend.starts_with("`grant ronda name _ronda.example.com TXT;`"));
  finding = with({.written = failed(OutcomeKind::unknown, std::nullopt)});
  CHECK_THAT(finding.text, ContainsSubstring("may still be written"));
  CHECK_THAT(finding.mend, ContainsSubstring("dig @127.0.0.1 _ronda.example.com TXT"));
  finding = with({.written = applied, .removed = failed(OutcomeKind::rejected, Rcode::SERVFAIL)});
  CHECK(finding.grade == Grade::bad);
  CHECK_THAT(finding.text, ContainsSubstring("a TXT record stays"));
}

TEST_CASE("the other name servers") {
  const auto with = [](const NameServerFacts& server, std::uint32_t last = 7) {
    ZoneFacts facts = healthy_facts();
    facts.last_soa = soa_of("example.com", last);
    facts.name_servers = {server};
    return about(find_faults(facts), "secondary");
  };
  CHECK(with(name_server(soa_of("example.com", 7))).grade == Grade::ok);
  // A change made while it was asked.
  CHECK(with(name_server(soa_of("example.com", 8)), 9).grade == Grade::ok);
  CHECK_THAT(with(name_server(soa_of("example.com", 6))).text,
             ContainsSubstring("has serial 6, the primary 7"));
  CHECK_THAT(with(name_server(soa_of("example.com", 8))).text, ContainsSubstring("it is ahead"));
  NameServerFacts late = name_server(soa_of("example.com", 7));
  late.waited = 4950ms;
  CHECK(with(late).grade == Grade::warn);
  CHECK_THAT(with(late).text, ContainsSubstring("in step only after 4.9 s"));
  CHECK_THAT(with(late).mend, ContainsSubstring("notify-delay 0;"));
  CHECK_THAT(with(name_server(reply_of(Rcode::REFUSED))).text,
             ContainsSubstring("does not serve it (REFUSED)"));
  CHECK_THAT(with(name_server(std::unexpected(no_reply(NoReplyKind::timeout, "no answer")))).mend,
             ContainsSubstring("`dig @192.0.2.53 example.com SOA`"));
  CHECK_THAT(with({.name = "ns2.example.com"}).text, ContainsSubstring("has no address"));
  NameServerFacts v6 = name_server(std::unexpected(no_reply(NoReplyKind::unreachable, "no route")));
  CHECK(with(v6).grade == Grade::warn);
  v6.server.ip = ronda::net::IpAddress::parse("2001:db8::1").value();
  CHECK(with(v6).grade == Grade::skip);  // this host has no IPv6
}
