// The same servers asked by ronda and by monitoring-plugins: up, down, silent, wrong, and with each
// certificate that may be met. Both say the same, or the row names why not; docs/checks.md shows
// the table that comes out.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

#include "probes/kinds.hpp"
#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/apache.hpp"
#include "tests/support/bed/backends.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/dovecot.hpp"
#include "tests/support/bed/mariadb.hpp"
#include "tests/support/bed/nginx.hpp"
#include "tests/support/bed/node_exporter.hpp"
#include "tests/support/bed/postfix.hpp"
#include "tests/support/bed/postgresql.hpp"
#include "tests/support/bed/unpacked.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"

namespace ronda::probes {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::Arguments;
using test::brief;
using test::Certificates;

constexpr std::uint16_t kPort = 28'520;
constexpr const char* kName = "www.example.test";
constexpr const char* kPlugins = "/usr/lib/nagios/plugins/";
constexpr const char* kNoPlugin = "";

// What each plugin cannot see.
constexpr const char* kSeesNoName = "looks at the dates alone";
constexpr const char* kOnlyWarns = "warns of a strange greeting";

std::string word_of(int nagios_code) {
  constexpr const char* kWords[] = {"pass", "warn", "fail", "unknown"};
  return nagios_code >= 0 && nagios_code < 4 ? kWords[nagios_code] : "?";
}

struct Row {
  std::string server{};
  std::string state{};
  std::string kind{};
  std::string ours{};
  std::string plugin{};
  std::string theirs{};
  std::string why{};
};

std::string line_of(const Row& row) {
  return "| " + row.server + " | " + row.state + " | `" + row.kind + "` " + row.ours + " | " +
         (row.plugin.empty() ? "none" : "`" + row.plugin + "` " + row.theirs) +
         (row.why.empty() ? "" : ": " + row.why) + " |";
}

// The certificates under one name, which a server reads again when it starts again.
class Variants {
 public:
  // Good for `address`, too: some plugins know no other name.
  Variants(const fs::path& folder, const std::string& address)
      : good_(test::make_certificates(folder / "good", names(address))),
        expired_(test::make_certificates(folder / "expired", names(address), -1)),
        other_(test::make_certificates(folder / "other", "DNS:other.example.test")),
        live_{folder / "live/ca.crt", folder / "live/server.crt", folder / "live/server.key"} {
    fs::create_directories(folder / "live");
    use(good_);
  }
  const Certificates& live() const { return live_; }
  const Certificates& good() const { return good_; }
  const Certificates& expired() const { return expired_; }
  const Certificates& other_name() const { return other_; }
  void use(const Certificates& certificates) const {
    const auto copy = fs::copy_options::overwrite_existing;
    fs::copy_file(certificates.ca, live_.ca, copy);
    fs::copy_file(certificates.certificate, live_.certificate, copy);
    fs::copy_file(certificates.key, live_.key, copy);
  }

 private:
  static std::string names(const std::string& address) {
    return std::string("DNS:") + kName + ",IP:" + address;
  }

  Certificates good_;
  Certificates expired_;
  Certificates other_;
  Certificates live_;
};

struct Secured {
  CheckSpec check{};
  std::uint16_t port = 0;
  std::string plugin{};
  Arguments arguments{};
  bool dates_only = true;  // the plugin looks at nothing but the dates
};

struct Bench {
  test::TempFolder folder{};
  std::string host = test::own_address();
  Variants variants{folder.path() / "tls", host};
  test::Prober prober{};
  std::vector<Row> rows{};

  // Stands for any server of another protocol.
  test::Dropbear stranger{host, kPort};

  CheckSpec check(const char* kind, TlsMode tls) const {
    CheckSpec made = test::make_check(kind, find_kind(kind)->initial, tls);
    made.tls_settings.ca_file = variants.live().ca.string();
    made.timeout = 20s;  // none of those that answer is to fail for its time
    return made;
  }
  CheckSpec check(const char* kind) const { return check(kind, find_kind(kind)->default_tls); }

  std::string ask_plugin(const std::string& plugin, std::uint16_t port, const Arguments& more) {
    if (plugin.empty()) {
      return "";
    }
    const fs::path program = kPlugins + plugin;
    if (!fs::exists(program)) {
      throw std::runtime_error(program.string() +
                               " is missing: apt-get install monitoring-plugins-standard");
    }
    const bool is_database = plugin == "check_pgsql" || plugin == "check_mysql";
    Arguments command{program.string(), is_database ? "-P" : "-p", std::to_string(port)};
    if (plugin != "check_mysql") {
      command.insert(command.end(), {"-t", "20"});
    }
    if (plugin != "check_curl" && plugin != "check_http") {
      command.insert(command.end(), {"-H", host});
    }
    command.insert(command.end(), more.begin(), more.end());
    const test::Finished finished = test::run(command);
    UNSCOPED_INFO(finished.output << finished.errors);
    return word_of(finished.code);
  }

  // `why`: of a plugin that says something else.
  void compare(const std::string& server, const std::string& state, const CheckSpec& check,
               std::uint16_t port, const std::string& expected, const std::string& plugin,
               const Arguments& arguments, const std::string& why = "") {
    const ProbeResult result = prober.verdict_of(check, test::endpoint(host, port));
    Row row{.server = server,
            .state = state,
            .kind = check.kind,
            .ours = to_string(result.verdict),
            .plugin = plugin,
            .theirs = ask_plugin(plugin, port, arguments),
            .why = why};
    INFO(line_of(row) << "\n" << brief(result));
    CHECK(row.ours == expected);
    if (!plugin.empty()) {
      CHECK((row.theirs == row.ours) == why.empty());
    }
    rows.push_back(std::move(row));
  }

  // A server that stands still, one that has ended, and another one's door.
  void compare_down(const std::string& name, test::Server& server, const CheckSpec& check,
                    std::uint16_t port, const std::string& plugin, Arguments arguments,
                    const std::string& why = "") {
    server.pause();
    CheckSpec impatient = check;
    impatient.timeout = 500ms;
    Arguments in_haste = arguments;
    if (plugin != "check_mysql") {
      in_haste.insert(in_haste.end(), {"-t", "1"});
    }
    compare(name, "silent", impatient, port, "fail", plugin, in_haste, why);
    compare_stopped(name, server, check, port, plugin, arguments);
  }

  void compare_stopped(const std::string& name, test::Server& server, const CheckSpec& check,
                       std::uint16_t port, const std::string& plugin, const Arguments& arguments) {
    server.stop();
    compare(name, "down", check, port, "fail", plugin, arguments);
    server.start();
  }

  // What a server says under TLS, each door with each certificate. It runs with the good one before
  // and after.
  void compare_tls(const std::string& name, test::Server& server,
                   const std::vector<Secured>& doors) {
    compare_each(name, "good", "pass", doors, variants.live());
    compare_each(name, "unknown CA", "fail", doors, variants.expired());
    for (const auto& [state, certificates] : {std::pair{"expired", &variants.expired()},
                                              std::pair{"wrong name", &variants.other_name()}}) {
      server.stop();
      variants.use(*certificates);
      server.start();
      compare_each(name, state, "fail", doors, variants.live());
    }
    server.stop();
    variants.use(variants.good());
    server.start();
  }

  void compare_each(const std::string& name, const std::string& state, const std::string& expected,
                    const std::vector<Secured>& doors, const Certificates& trusted) {
    for (const Secured& door : doors) {
      CheckSpec check = door.check;
      check.tls_settings.ca_file = trusted.ca.string();
      const bool unseen = state == "unknown CA" || state == "wrong name";
      const std::string why = unseen && door.dates_only && !door.plugin.empty() ? kSeesNoName : "";
      compare(name, (check.tls == TlsMode::starttls ? "STARTTLS, " : "TLS, ") + state, check,
              door.port, expected, door.plugin, with_ca(door.arguments, trusted), why);
    }
  }

  Arguments with_ca(Arguments arguments, const Certificates& certificates) const {
    for (std::string& argument : arguments) {
      argument = argument == variants.live().ca ? certificates.ca.string() : argument;
    }
    return arguments;
  }
};

bool may_run() {
  if (::geteuid() != 0) {
    WARN("Postfix, Exim and Dovecot need root: run this test as root to see it");
    return false;
  }
  return true;
}

// Its TLS port is the one after `port`.
template <typename Web>
void web(Bench& bench, const std::string& name, Web& server, std::uint16_t port) {
  CheckSpec plain = bench.check("http");
  std::get<HttpCheck>(plain.protocol).path = "/health";
  const Arguments arguments{"-H", kName, "-I", bench.host, "-u", "/health"};
  bench.compare(name, "up", plain, port, "pass", "check_http", arguments);
  server.set_healthy(false);
  bench.compare(name, "404", plain, port, "fail", "check_http", arguments, "a 4xx is WARNING");
  server.set_healthy(true);
  bench.compare(name, "no HTTP at all", plain, kPort, "fail", "check_http", arguments);
  bench.compare_down(name, server, plain, port, "check_http", arguments);
  CheckSpec secure = bench.check("https");
  secure.protocol = plain.protocol;
  bench.compare_tls(name, server,
                    {{secure,
                      static_cast<std::uint16_t>(port + 1),
                      "check_curl",
                      {"-H", kName, "-I", bench.host, "-u", "/health", "-S", "-D", "--ca-cert",
                       bench.variants.live().ca.string()},
                      false}});
}

template <typename Mail>
void mail(Bench& bench, const std::string& name, std::uint16_t port) {
  Mail server(bench.host, port, bench.variants.live());
  const CheckSpec plain = bench.check("smtp");
  bench.compare(name, "up", plain, port, "pass", "check_smtp", {});
  // What Postfix has of children goes on to answer while its master stands still.
  if constexpr (std::is_same_v<Mail, test::Postfix>) {
    bench.compare_stopped(name, server, plain, port, "check_smtp", {});
  } else {
    bench.compare_down(name, server, plain, port, "check_smtp", {});
  }
  bench.compare_tls(
      name, server,
      {{bench.check("smtp", TlsMode::starttls), port, "check_smtp", {"-S", "-D", "1"}}});
}

void mailbox(Bench& bench) {
  const std::uint16_t first = kPort + 10;
  test::Dovecot dovecot(bench.host, first, bench.variants.live());
  struct Door {
    const char* kind;
    const char* plugin;
    const char* secure_kind;
    const char* secure_plugin;
    std::uint16_t port;
  };
  const Door doors[] = {
      {"imap", "check_imap", "imaps", "check_simap", first},
      {"pop3", "check_pop", "pop3s", "check_spop", static_cast<std::uint16_t>(first + 2)}};
  std::vector<Secured> secured;
  for (const Door& door : doors) {
    const CheckSpec plain = bench.check(door.kind);
    bench.compare("Dovecot", "up", plain, door.port, "pass", door.plugin, {});
    bench.compare_down("Dovecot", dovecot, plain, door.port, door.plugin, {});
    secured.push_back({bench.check(door.secure_kind),
                       static_cast<std::uint16_t>(door.port + 1),
                       door.secure_plugin,
                       {"-D", "1"}});
  }
  bench.compare_tls("Dovecot", dovecot, secured);
}

void exporter(Bench& bench) {
  const std::uint16_t port = kPort + 90;
  const Arguments arguments{"-H", kName, "-I", bench.host, "-u", "/metrics"};
  {
    test::NodeExporter exporter(bench.host, port);
    CheckSpec plain = bench.check("http");
    std::get<HttpCheck>(plain.protocol).path = "/metrics";
    bench.compare("node_exporter", "up", plain, port, "pass", "check_http", arguments);
    bench.compare_down("node_exporter", exporter, plain, port, "check_http", arguments);
  }
  test::NodeExporter exporter(bench.host, port, &bench.variants.live());
  CheckSpec secure = bench.check("https");
  std::get<HttpCheck>(secure.protocol).path = "/metrics";
  Arguments over_tls = arguments;
  over_tls.insert(over_tls.end(), {"-S", "-D", "--ca-cert", bench.variants.live().ca.string()});
  bench.compare_tls("node_exporter", exporter, {{secure, port, "check_curl", over_tls, false}});
}

void name_server(Bench& bench) {
  test::Named named({.zone = "example.test"});
  CheckSpec check = bench.check("dns");
  auto& dns = std::get<DnsCheck>(check.protocol);
  dns.name = "example.test";
  const auto asked = [](const char* name) { return Arguments{"-l", name, "-T", "SOA"}; };
  // named listens on addresses of the interface only.
  const std::string host = std::exchange(bench.host, named.address());
  bench.compare("BIND", "up", check, named.port(), "pass", "check_dig", asked("example.test"));
  dns.name = "elsewhere.test";
  bench.compare("BIND", "a zone it has not", check, named.port(), "fail", "check_dig",
                asked("elsewhere.test"));
  dns.name = "example.test";
  named.pause();
  CheckSpec impatient = check;
  impatient.timeout = 500ms;
  Arguments in_haste = asked("example.test");
  in_haste.insert(in_haste.end(), {"-t", "1"});
  bench.compare("BIND", "silent", impatient, named.port(), "fail", "check_dig", in_haste);
  named.kill();
  bench.compare("BIND", "down", check, named.port(), "fail", "check_dig", asked("example.test"),
                "no answer is WARNING");
  bench.host = host;
}

template <typename Ftp>
void files(Bench& bench, const std::string& name, std::uint16_t port, std::uint16_t passive_port) {
  Ftp server(bench.host, port, passive_port, bench.variants.live());
  CheckSpec plain = bench.check("ftp");
  bench.compare(name, "up", plain, port, "pass", "check_ftp", {});
  auto& ftp = std::get<FtpCheck>(plain.protocol);
  ftp.anonymous = true;
  ftp.passive = true;
  bench.compare(name, "login and a passive port", plain, port, "pass", kNoPlugin, {});
  bench.compare_down(name, server, bench.check("ftp"), port, "check_ftp", {});
  bench.compare_tls(name, server, {{bench.check("ftp", TlsMode::starttls), port, kNoPlugin}});
}

void strangers(Bench& bench) {
  const std::pair<const char*, const char*> kinds[] = {
      {"smtp", "check_smtp"}, {"ftp", "check_ftp"}, {"imap", "check_imap"}, {"pop3", "check_pop"}};
  for (const auto& [kind, plugin] : kinds) {
    bench.compare("Dropbear", "another protocol", bench.check(kind), kPort, "fail", plugin, {},
                  kOnlyWarns);
  }
  bench.compare("Dropbear", "up", bench.check("ssh"), kPort, "pass", "check_ssh", {});
  bench.compare_down("Dropbear", bench.stranger, bench.check("ssh"), kPort, "check_ssh", {});
}

void stores(Bench& bench) {
  const std::uint16_t port = kPort + 30;
  {
    test::Redis redis(bench.host, port, test::Entry::free, bench.variants.live());
    const Arguments ping{"-E", "-s", "PING\\r\\n", "-e", "+PONG"};
    bench.compare("Redis", "up", bench.check("redis"), port, "pass", "check_tcp", ping);
    bench.compare_down("Redis", redis, bench.check("redis"), port, "check_tcp", ping);
    Arguments secure = ping;
    secure.insert(secure.end(), {"-S", "-D", "1"});
    bench.compare_tls("Redis", redis,
                      {{bench.check("redis", TlsMode::implicit),
                        static_cast<std::uint16_t>(port + 1), "check_tcp", secure}});
  }
  {
    test::Redis redis(bench.host, port, test::Entry::login, bench.variants.live());
    bench.compare("Redis", "password wanted", bench.check("redis"), port, "fail", "check_tcp",
                  {"-E", "-s", "PING\\r\\n", "-e", "+PONG", "-M", "crit"});
  }
  {
    test::Memcached memcached(bench.host, port, bench.variants.live());
    const Arguments version{"-E", "-s", "version\\r\\n", "-e", "VERSION"};
    bench.compare("memcached", "up", bench.check("memcached"), port, "pass", "check_tcp", version);
    bench.compare_down("memcached", memcached, bench.check("memcached"), port, "check_tcp",
                       version);
  }
  {
    test::Slapd slapd(bench.host, port, test::Entry::free, bench.variants.live());
    const Arguments base{"-b", "", "-3"};
    bench.compare("OpenLDAP", "up", bench.check("ldap"), port, "pass", "check_ldap", base);
    bench.compare_down("OpenLDAP", slapd, bench.check("ldap"), port, "check_ldap", base);
    bench.compare_tls("OpenLDAP", slapd,
                      {{bench.check("ldap", TlsMode::implicit),
                        static_cast<std::uint16_t>(port + 1), kNoPlugin}});
  }
  test::Mosquitto mosquitto(bench.host, port, test::Entry::free, bench.variants.live());
  const CheckSpec mqtt = bench.check("mqtt");
  bench.compare("Mosquitto", "up", mqtt, port, "pass", "check_tcp", {});
  bench.compare_down("Mosquitto", mosquitto, mqtt, port, "check_tcp", {}, "connects, no more");
  bench.compare_tls("Mosquitto", mosquitto,
                    {{bench.check("mqtt", TlsMode::implicit),
                      static_cast<std::uint16_t>(port + 1),
                      "check_tcp",
                      {"-S", "-D", "1"}}});
}

void databases(Bench& bench) {
  const std::uint16_t port = kPort + 80;
  const auto with_login = [&](const char* kind, const char* login) {
    CheckSpec check = bench.check(kind);
    std::get<DatabaseCheck>(check.protocol).login = *Login::parse(login, "f");
    return check;
  };
  // They copy their certificate when they are set up: one server for each.
  struct Secure {
    const char* state;
    const Certificates& served;
    const Certificates& trusted;
    const char* expected;
  };
  const Variants& with = bench.variants;
  const Secure secure[] = {{"STARTTLS, good", with.good(), with.good(), "pass"},
                           {"STARTTLS, unknown CA", with.good(), with.expired(), "fail"},
                           {"STARTTLS, expired", with.expired(), with.expired(), "fail"},
                           {"STARTTLS, wrong name", with.other_name(), with.other_name(), "fail"}};
  const auto over_tls = [](CheckSpec check, const Certificates& trusted) {
    check.tls = TlsMode::starttls;
    check.tls_settings.ca_file = trusted.ca.string();
    return check;
  };
  {
    test::Postgresql server(bench.host, port, {});
    const CheckSpec check = with_login("postgresql", "probe\nsecret-word\n");
    const Arguments login{"-l", "probe", "-p", "secret-word", "-d", "postgres"};
    bench.compare("PostgreSQL", "up", check, port, "pass", "check_pgsql", login);
    bench.compare("PostgreSQL", "wrong password", with_login("postgresql", "probe\nother-word\n"),
                  port, "fail", "check_pgsql",
                  {"-l", "probe", "-p", "other-word", "-d", "postgres"});
    bench.compare_down("PostgreSQL", server, check, port, "check_pgsql", login);
    for (const Secure& one : secure) {
      const test::Postgresql secured(bench.host, port + 1, {.certificates = &one.served});
      Arguments verified = login;
      verified.insert(verified.end(),
                      {"-o", "sslmode=verify-full sslrootcert=" + one.trusted.ca.string()});
      bench.compare("PostgreSQL", one.state, over_tls(check, one.trusted), port + 1, one.expected,
                    "check_pgsql", verified);
    }
  }
  test::Mariadb server(bench.host, port);
  const CheckSpec check = with_login("mysql", "probe\nsecret-word\n");
  const Arguments login{"-u", "probe", "-p", "secret-word"};
  bench.compare("MariaDB", "up", check, port, "pass", "check_mysql", login);
  bench.compare("MariaDB", "wrong password", with_login("mysql", "probe\nother-word\n"), port,
                "fail", "check_mysql", {"-u", "probe", "-p", "other-word"});
  bench.compare_stopped("MariaDB", server, check, port, "check_mysql", login);
  for (const Secure& one : secure) {
    const test::Mariadb secured(bench.host, port + 1, &one.served);
    Arguments verified = login;
    verified.insert(verified.end(), {"-l", "-C", one.trusted.ca.string()});
    const bool unseen = one.state == std::string("STARTTLS, wrong name");
    bench.compare("MariaDB", one.state, over_tls(check, one.trusted), port + 1, one.expected,
                  "check_mysql", verified, unseen ? "looks at no name" : "");
  }
}

}  // namespace

TEST_CASE("peers: monitoring-plugins say the same of the same servers") {
  if (!may_run()) {
    return;
  }
  Bench bench;
  test::Nginx nginx({.address = bench.host,
                     .port = kPort + 1,
                     .tls_port = kPort + 2,
                     .certificates = bench.variants.live()});
  web(bench, "nginx", nginx, kPort + 1);
  test::Apache apache(bench.host, kPort + 70, bench.variants.live());
  web(bench, "Apache", apache, kPort + 70);
  mail<test::Postfix>(bench, "Postfix", kPort + 3);
  mail<test::Exim>(bench, "Exim", kPort + 7);
  mailbox(bench);
  files<test::Vsftpd>(bench, "vsftpd", kPort + 5, kPort + 50);
  files<test::Proftpd>(bench, "ProFTPD", kPort + 6, kPort + 60);
  exporter(bench);
  name_server(bench);
  strangers(bench);
  stores(bench);
  databases(bench);

  std::ifstream file(std::string(RONDA_SOURCE_FOLDER) + "/docs/checks.md");
  std::set<std::string> page;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| ") && line.find(" | `") != std::string::npos) {
      page.insert(line);
    }
  }
  for (const Row& row : bench.rows) {
    std::cout << line_of(row) << "\n";
    CHECK(page.erase(line_of(row)) == 1);
  }
  // What no server said any more.
  for (const std::string& line : page) {
    FAIL_CHECK(line);
  }
}

}  // namespace ronda::probes
