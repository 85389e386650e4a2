#include "probes/kinds.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "probes/octets.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

const Field& field(std::string_view kind, std::string_view key) {
  for (const auto fields : {find_kind(kind)->fields, common_fields()}) {
    for (const Field& one : fields) {
      if (one.key == key) {
        return one;
      }
    }
  }
  throw std::logic_error("no such key");
}

CheckSpec fresh(std::string_view kind) {
  const Kind& found = *find_kind(kind);
  return {.kind = std::string(kind), .protocol = found.initial, .tls = found.default_tls};
}

// The error, or "" when the setter took the value.
std::string outcome(std::string_view kind, std::string_view key, const FieldValue& value) {
  CheckSpec check = fresh(kind);
  const auto set = field(kind, key).set(check, value);
  return set ? std::string() : set.error();
}

}  // namespace

TEST_CASE("the table names every kind of the contract once") {
  std::set<std::string_view> names;
  for (const Kind& kind : kinds()) {
    CHECK(names.insert(kind.name).second);
    for (const Field& one : kind.fields) {
      CHECK(one.set != nullptr);
      CHECK(std::ranges::none_of(common_fields(),
                                 [&](const Field& common) { return common.key == one.key; }));
    }
  }
  for (const auto* name :
       {"http", "https", "smtp",      "smtps",      "lmtp",  "ftp",  "ftps",   "imap", "imaps",
        "pop3", "pop3s", "tcp",       "redis",      "mysql", "ldap", "mqtt",   "ssh",  "sip",
        "dns",  "tls",   "memcached", "postgresql", "exec",  "icmp", "passive"}) {
    CHECK(find_kind(name) != nullptr);
  }
  CHECK(find_kind("gopher") == nullptr);
  CHECK(find_kind("https")->default_port == 443);
  CHECK(find_kind("https")->default_tls == TlsMode::implicit);
  CHECK(find_kind("tcp")->default_port == 0);
  CHECK(find_kind("imaps")->default_tls == TlsMode::implicit);
}

TEST_CASE("databases: TLS inside the protocol, a role that is asked after a login") {
  for (const char* name : {"postgresql", "mysql"}) {
    CAPTURE(name);
    const Kind& kind = *find_kind(name);
    CheckSpec check = fresh(name);
    check.tls = TlsMode::starttls;
    CHECK(validate(kind, check).empty());
    check.tls = TlsMode::implicit;
    CHECK(validate(kind, check).size() == 1);
    check.tls = TlsMode::off;
    CHECK(outcome(name, "role", std::string("replica")) ==
          "\"replica\" is neither \"any\" nor \"primary\"");
    CHECK(field(name, "role").set(check, std::string("primary")));
    REQUIRE(validate(kind, check).size() == 1);
    CHECK_THAT(validate(kind, check)[0], ContainsSubstring("add a login_file"));
    CHECK(field(name, "login_file").set(check, *Login::parse("probe\nsecret\n", "f")));
    CHECK(validate(kind, check).empty());
  }
}

TEST_CASE("presets: TLS as their protocols have it, a login where there is one") {
  struct Row {
    const char* kind;
    std::uint16_t port;
    bool implicit_tls;
    bool login;
  };
  for (const Row& row : {Row{"ssh", 22, false, false}, Row{"redis", 6379, true, true},
                         Row{"memcached", 11211, true, false}, Row{"ldap", 389, true, true},
                         Row{"mqtt", 1883, true, true}, Row{"sip", 5060, true, false}}) {
    CAPTURE(row.kind);
    const Kind& kind = *find_kind(row.kind);
    CHECK(kind.default_port == row.port);
    CHECK(kind.default_tls == TlsMode::off);
    CHECK(kind.fields.empty() != row.login);
    CheckSpec check = fresh(row.kind);
    CHECK(validate(kind, check).empty());
    check.tls = TlsMode::implicit;
    CHECK(validate(kind, check).empty() == row.implicit_tls);
    check.tls = TlsMode::starttls;
    CHECK(validate(kind, check).empty() == (std::string_view(row.kind) == "ldap"));
  }
  CheckSpec redis = fresh("redis");
  REQUIRE(field("redis", "login_file").set(redis, *Login::parse("u\np\n", "f")));
  CHECK(std::get<PresetCheck>(redis.protocol).login.user() == "u");
  CHECK(std::get<PresetCheck>(redis.protocol).preset == Preset::redis);

  CheckSpec tls = fresh("tls");
  CHECK(validate(*find_kind("tls"), tls).empty());
  tls.tls = TlsMode::off;
  CHECK(validate(*find_kind("tls"), tls) ==
        std::vector<std::string>{"tls: type tls always speaks TLS, use type tcp without it"});
}

TEST_CASE("a pattern may not take too long on what read_limit allows") {
  constexpr std::size_t kUsual = std::size_t{64} * 1024;
  struct Row {
    std::string pattern;
    std::size_t read_limit;
    bool good;
  };
  std::string words = "word";
  for (int i = 0; i < 200; ++i) {
    words += "|word" + std::to_string(i * 7919);
  }
  const Row rows[] = {
      {"error.{0,200}database", kUsual, false},
      {"error.{0,200}database", 2048, true},
      {"error.*database", kUsual, true},
      {"x.{0,400}y.{0,400}z", kUsual, false},
      {"x(.{3,4}){9}y", kUsual, false},
      {"[0-9a-f]{32}", kUsual, false},
      {"[0-9a-f]+", 4 * kUsual, true},
      {"[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}", kUsual, true},
      {"\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}", kUsual, true},
      {"\\d{4}-\\d{2}", 4 * kUsual, false},
      {"a long literal that says \\{1} and \\x{41} and {\"status\": {}} and {a,b}", kUsual, true},
      {words, 4 * kUsual, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.read_limit);
    for (const auto& [kind, key, protocol] :
         {std::tuple<const char*, std::string, Protocol>{"http", "body",
                                                         HttpCheck{.body = row.pattern}},
          {"http", "body_not", HttpCheck{.body_not = row.pattern}},
          {"tcp", "steps", TcpCheck{.steps = {{TcpStepKind::expect, row.pattern}}}},
          {"tcp", "steps",
           TcpCheck{.steps = {{TcpStepKind::reject, row.pattern}, {TcpStepKind::expect, "."}}}}}) {
      CheckSpec check = fresh(kind);
      check.protocol = protocol;
      check.read_limit = row.read_limit;
      const auto problems = validate(*find_kind(kind), check);
      CHECK(problems.empty() == row.good);
      CHECK(std::ranges::all_of(problems, [&](const std::string& problem) {
        return problem.starts_with(key + ": ") && problem.ends_with(", or lower read_limit");
      }));
    }
  }
  // Their length has a bound of its own.
  CheckSpec check = fresh("http");
  check.read_limit = 512;
  check.protocol = HttpCheck{.header = {{"X-A", "x.{0,99}y"}}, .header_not = {{"X-B", "x.{99}"}}};
  CHECK(validate(*find_kind("http"), check) ==
        std::vector<std::string>{
            "header: X-A: \"x.{0,99}y\" may take too long on 65536 octets: write "
            "* or + in place of {0,99}",
            "header_not: X-B: \"x.{99}\" may take too long on 65536 octets: "
            "write * or + in place of {99}"});
  check = fresh("dns");
  check.protocol = DnsCheck{.answer = "x.{0,99}y"};
  CHECK(validate(*find_kind("dns"), check).size() == 1);
}

TEST_CASE("http: what can never hold, or goes against itself") {
  const auto problem = [](HttpCheck http) {
    CheckSpec check = fresh("http");
    check.protocol = std::move(http);
    const auto problems = validate(*find_kind("http"), check);
    return problems.empty() ? std::string() : problems.front();
  };
  CHECK(problem({.method = "HEAD"}).empty());
  CHECK_THAT(problem({.method = "HEAD", .body = "x"}),
             ContainsSubstring("body: the answer to HEAD"));
  CHECK_THAT(problem({.method = "HEAD", .body_not = "x"}),
             ContainsSubstring("body_not: the answer to HEAD"));
  CHECK(problem({.drain_status = {{302, 302}}}).empty());
  CHECK(problem({.drain_status = {{404, 404}}, .follow_redirects = true}).empty());
  CHECK_THAT(
      problem({.status = {{200, 200}}, .drain_status = {{250, 350}}, .follow_redirects = true}),
      ContainsSubstring("drain_status: 300 is a redirect"));
  CHECK_THAT(outcome("http", "headers", TextMap{{"X-A", "1"}, {"x-a", "2"}}),
             ContainsSubstring("X-A: stands there twice"));
  CHECK(outcome("http", "headers", TextMap{{"X-A", "1"}, {"X-B", "1"}}).empty());
  CHECK(outcome("http", "basic_auth_file", *Login::parse("me\na:b\n", "f")).empty());
  CHECK_THAT(outcome("http", "basic_auth_file", *Login::parse("m:e\nsecret\n", "f")),
             ContainsSubstring("cannot hold a colon"));
}

TEST_CASE("dns: keys of a question, and the port that goes with its transport") {
  const Kind& kind = *find_kind("dns");
  CheckSpec check = fresh("dns");
  auto& dns = std::get<DnsCheck>(check.protocol);
  const auto set = [&](std::string_view key, const FieldValue& value) {
    return field("dns", key).set(check, value).has_value();
  };
  using Text = std::string;
  CHECK(default_port(kind, check) == 53);
  CHECK(validate(kind, check).empty());
  CHECK(dns.qtype == 6);
  REQUIRE(set("name", Text("Example.COM.")));
  CHECK(dns.name == "Example.COM");
  REQUIRE(set("qtype", Text("aaaa")));
  CHECK(dns.qtype == 28);
  REQUIRE(set("qtype", Text("TYPE99")));
  CHECK(dns.qtype == 99);
  REQUIRE(set("rcode", Text("nxdomain")));
  CHECK(dns.rcode == 3);
  REQUIRE(set("rcode", Text("RCODE15")));
  CHECK(dns.rcode == 15);
  REQUIRE(set("transport", Text("tls")));
  CHECK(check.tls == TlsMode::implicit);
  CHECK(check.tls_settings.alpn == "dot");
  CHECK(default_port(kind, check) == 853);
  CHECK(validate(kind, check).empty());
  REQUIRE(set("serial_lag", std::uint64_t{5}));
  CHECK(validate(kind, check).size() == 1);  // of a type without a serial
  REQUIRE(set("qtype", Text("SOA")));
  CHECK(validate(kind, check).size() == 1);  // and rcode
  REQUIRE(set("rcode", Text("NOERROR")));
  CHECK(validate(kind, check).empty());
  REQUIRE(set("transport", Text("tcp")));
  CHECK(validate(kind, check) ==
        std::vector<std::string>{"tls: a dns check over TLS is written as \"transport\": \"tls\""});
  CHECK_FALSE(outcome("dns", "name", Text("")).empty());
  CHECK_THAT(outcome("dns", "name", Text("a..b")), ContainsSubstring("a..b"));
  for (const auto* bad : {"", "AXFR", "TYPE252", "IXFR", "OPT", "TSIG", "TYPE0", "soap"}) {
    CAPTURE(bad);
    CHECK_THAT(outcome("dns", "qtype", Text(bad)), ContainsSubstring("is no type to ask for"));
  }
  for (const char* bad : {"NOERR", "RCODE16", "BADVERS"}) {
    CHECK_THAT(outcome("dns", "rcode", Text(bad)), ContainsSubstring("is no rcode"));
  }
  CHECK_THAT(outcome("dns", "transport", Text("quic")), ContainsSubstring("udp, tcp, tls"));
  CHECK_THAT(outcome("dns", "answer", Text("(")), ContainsSubstring("RE2"));
  CHECK_THAT(outcome("dns", "serial_lag", std::uint64_t{1} << 31U), ContainsSubstring("at most"));
}

TEST_CASE("icmp: no port, and no keys of connections but the source") {
  const Kind& kind = *find_kind("icmp");
  CHECK_FALSE(kind.needs_port);
  CheckSpec check = fresh("icmp");
  CHECK(why_useless(kind, "source").empty());
  for (const auto* key : {"port", "tls", "verify", "ca_file", "read_limit"}) {
    CHECK(why_useless(kind, key) == "an icmp check opens no connection: there is only an echo");
  }
  check = fresh("icmp");
  check.tls = TlsMode::implicit;
  CHECK(validate(kind, check) == std::vector<std::string>{"tls: type icmp has no implicit TLS"});
}

TEST_CASE("status lists") {
  CheckSpec check = fresh("http");
  REQUIRE(field("http", "status").set(check, std::string("200-299, 301")));
  CHECK(std::get<HttpCheck>(check.protocol).status ==
        std::vector<std::pair<int, int>>{{200, 299}, {301, 301}});
  for (const auto* bad : {"", "2xx", "299-200", "99", "600", "200-", "-200", "200,,301", "200,"}) {
    CAPTURE(bad);
    CHECK_THAT(outcome("http", "status", std::string(bad)), ContainsSubstring("status code"));
  }
}

TEST_CASE("setters refuse what could never work, with a sentence") {
  using Text = std::string;
  CHECK_THAT(outcome("http", "method", Text("get")), ContainsSubstring("capitals"));
  CHECK(outcome("http", "method", Text("HEAD")).empty());
  CHECK_THAT(outcome("http", "body", Text("(")), ContainsSubstring("not a pattern RE2"));
  CHECK_THAT(outcome("http", "body_not", Text("a(?=b)")), ContainsSubstring("RE2"));
  CHECK_THAT(outcome("http", "header", TextMap{{"X-A", "["}}), ContainsSubstring("X-A: "));
  CHECK_THAT(outcome("http", "header", TextMap{{"X A", "."}}), ContainsSubstring("header name"));
  CHECK_THAT(outcome("http", "headers", TextMap{{"X", "a\r\nHost: b"}}),
             ContainsSubstring("line break"));
  CHECK_THAT(outcome("http", "path", Text("health")), ContainsSubstring("begin with"));
  CHECK_THAT(outcome("http", "path", Text("/a b")), ContainsSubstring("%NN"));
  CHECK(outcome("http", "path", Text("/a?b=c&d")).empty());
  CHECK_THAT(outcome("http", "host", Text("a\r\nb")), ContainsSubstring("Host header"));
  // What is refused is logged, and may hold a password.
  CHECK_THAT(outcome("http", "host", Text("me:hidden@b")), ContainsSubstring("holds a user"));
  CHECK_THAT(outcome("http", "host", Text("me:hidden@b")), !ContainsSubstring("hidden"));
  CHECK_THAT(outcome("http", "path", Text("http://me:hidden@b/")),
             ContainsSubstring("\"http://***@b/\" must begin with"));
  CHECK(outcome("http", "http_version", Text("1.1")).empty());
  CHECK(outcome("https", "http_version", Text("2")).empty());
  CHECK_THAT(outcome("http", "http_version", Text("3")), ContainsSubstring("\"1.1\", \"2\""));
  CHECK(outcome("http", "follow_redirects", false).empty());
  CHECK(outcome("http", "follow_redirects", true).empty());
  CHECK_THAT(outcome("http", "tls", Text("ssl")), ContainsSubstring("starttls"));
  CHECK_THAT(outcome("http", "server_name", Text("a b")), ContainsSubstring("host name"));
  CHECK(outcome("http", "server_name", Text("2001:db8::1")).empty());
  CHECK_THAT(outcome("http", "read_limit", std::uint64_t{1}), ContainsSubstring("out of range"));
  CHECK_THAT(outcome("http", "verify", Text("no")), ContainsSubstring("wrong type"));
  CHECK(outcome("smtp", "helo", Text("[192.0.2.1]")).empty());
  CHECK_THAT(outcome("smtp", "helo", Text("a b")), ContainsSubstring("address literal"));
  CHECK(outcome("smtp", "rcpt", Text("postmaster@example.com")).empty());
  for (const auto* bad :
       {"postmaster", "@example.com", "a b@example.com", "a@b>\r\nDATA", "<a@b>"}) {
    CHECK_THAT(outcome("smtp", "rcpt", Text(bad)), ContainsSubstring("no mailbox"));
  }
}

TEST_CASE("common keys land in the check") {
  CheckSpec check = fresh("smtp");
  REQUIRE(field("smtp", "tls").set(check, std::string("starttls")));
  REQUIRE(field("smtp", "verify").set(check, false));
  REQUIRE(field("smtp", "ca_file").set(check, std::string("/ca.pem")));
  REQUIRE(field("smtp", "cert_warn").set(check, net::Duration(std::chrono::hours(1))));
  REQUIRE(field("smtp", "read_limit").set(check, std::uint64_t{4096}));
  REQUIRE(field("smtp", "source").set(check, net::IpAddress::from_v4({127, 0, 0, 2})));
  CHECK(check.tls == TlsMode::starttls);
  CHECK_FALSE(check.tls_settings.verify);
  CHECK(check.tls_settings.ca_file == "/ca.pem");
  CHECK(check.cert_warn == std::chrono::hours(1));
  CHECK(check.read_limit == 4096);
  CHECK(check.source == net::IpAddress::from_v4({127, 0, 0, 2}));
}

TEST_CASE("tcp steps are read in order and refused with their number") {
  CheckSpec check = fresh("tcp");
  const std::vector<TextMap> steps{{{"reject", "^421"}},          {{"expect", "^220"}},
                                   {{"send", "STLS\\r\\n\\x41"}}, {{"starttls", "true"}},
                                   {{"send_hex", "16 03 01"}},    {{"expect_hex", "00ff"}}};
  REQUIRE(field("tcp", "steps").set(check, steps));
  const auto& read = std::get<TcpCheck>(check.protocol).steps;
  REQUIRE(read.size() == 6);
  CHECK(read[2] == TcpStep{TcpStepKind::send, "STLS\r\nA"});
  CHECK(read[4] == TcpStep{TcpStepKind::send, "\x16\x03\x01"});
  CHECK(read[5] == TcpStep{TcpStepKind::expect_bytes, std::string("\0\xff", 2)});
  CHECK(validate(*find_kind("tcp"), check).empty());

  const auto error = [](const TextMap& step) {
    return outcome("tcp", "steps", std::vector<TextMap>{{{"send", "a"}}, step});
  };
  CHECK_THAT(error({{"expect", "("}}), ContainsSubstring("step 2: expect: "));
  CHECK_THAT(error({{"send", "a"}, {"expect", "b"}}), ContainsSubstring("exactly one key"));
  CHECK_THAT(error({}), ContainsSubstring("exactly one key"));
  CHECK_THAT(error({{"wait", "1"}}), ContainsSubstring("is none of send"));
  CHECK_THAT(error({{"send_hex", "0"}}), ContainsSubstring("hexadecimal"));
  CHECK_THAT(error({{"send", "\\q"}}), ContainsSubstring("no escape"));
  CHECK_THAT(error({{"send", "a\\"}}), ContainsSubstring("lone backslash"));
  CHECK_THAT(error({{"send", ""}}), ContainsSubstring("empty"));
  CHECK_THAT(error({{"starttls", "false"}}), ContainsSubstring("left out"));
}

TEST_CASE("where all that came is searched again with each piece, less of it is read") {
  for (const auto* name : {"tcp", "redis", "ldap", "ssh", "smtp", "postgresql", "https"}) {
    CAPTURE(name);
    const Kind& kind = *find_kind(name);
    CheckSpec check = fresh(name);
    check.read_limit = 256 * 1024;
    CHECK(validate(kind, check).empty());
    ++check.read_limit;
    const bool searched = std::holds_alternative<TcpCheck>(kind.initial) ||
                          std::holds_alternative<PresetCheck>(kind.initial);
    CHECK(most_read(kind) == (searched ? 256U * 1024 : 16U * 1024 * 1024));
    CHECK(validate(kind, check).size() == (searched ? 1 : 0));
  }
  CheckSpec check = fresh("tcp");
  check.read_limit = 1024 * 1024;
  CHECK(
      validate(*find_kind("tcp"), check) ==
      std::vector<std::string>{
          "read_limit: 1048576 bytes are too many for type tcp, which searches all that came again "
          "with each piece; write at most \"256KiB\""});
}

TEST_CASE("whole-check rules name every problem") {
  CheckSpec check = fresh("https");
  check.tls = TlsMode::starttls;
  check.tls_settings.cert_file = "/c.pem";
  auto problems = validate(*find_kind("https"), check);
  REQUIRE(problems.size() == 2);
  CHECK_THAT(problems[0], ContainsSubstring("implicit"));
  CHECK_THAT(problems[1], ContainsSubstring("key_file"));

  check = fresh("smtps");
  check.tls = TlsMode::off;
  CHECK_THAT(validate(*find_kind("smtps"), check).at(0), ContainsSubstring("use type smtp"));

  check = fresh("smtp");
  check.tls = TlsMode::starttls;
  CHECK(validate(*find_kind("smtp"), check).empty());

  check = fresh("ftp");
  std::get<FtpCheck>(check.protocol).passive = true;
  CHECK_THAT(validate(*find_kind("ftp"), check).at(0), ContainsSubstring("logged in"));
  std::get<FtpCheck>(check.protocol).anonymous = true;
  CHECK(validate(*find_kind("ftp"), check).empty());
  std::get<FtpCheck>(check.protocol).login = *Login::parse("u\np", "f");
  CHECK_THAT(validate(*find_kind("ftp"), check).at(0), ContainsSubstring("exclude"));

  check = fresh("tcp");
  check.tls = TlsMode::starttls;
  CHECK_THAT(validate(*find_kind("tcp"), check).at(0), ContainsSubstring("starttls"));
  check.tls = TlsMode::implicit;
  std::get<TcpCheck>(check.protocol).steps = {{TcpStepKind::starttls, ""},
                                              {TcpStepKind::starttls, ""},
                                              {TcpStepKind::expect, "a"},
                                              {TcpStepKind::reject, "b"}};
  CHECK(validate(*find_kind("tcp"), check).size() == 3);
}

}  // namespace ronda::probes
