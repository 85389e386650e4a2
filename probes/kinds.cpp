#include "probes/kinds.hpp"

#include <algorithm>
#include <array>

#include "probes/pattern.hpp"
#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

namespace {

constexpr auto kMethods = std::to_array<std::string_view>({"GET", "HEAD", "OPTIONS", "POST"});
constexpr auto kHttpVersions = std::to_array<std::string_view>({"1.1", "2"});
constexpr auto kRoles = std::to_array<std::string_view>({"any", "primary"});
constexpr auto kTransports = std::to_array<std::string_view>({"udp", "tcp", "tls"});
constexpr auto kExitCodes = std::to_array<std::string_view>({"nagios", "mon"});

constexpr Field word_of(Field field, std::span<const std::string_view> words) {
  field.words = words;
  return field;
}

constexpr auto kCommonFields = std::to_array<Field>({
    {"tls", FieldType::text, kTyped<set_tls>},
    {"server_name", FieldType::text, kTyped<set_server_name>},
    {"verify", FieldType::flag, kTyped<keep_tls<&net::TlsSettings::verify>>},
    {"ca_file", FieldType::path, kTyped<keep_tls<&net::TlsSettings::ca_file>>},
    {"cert_file", FieldType::path, kTyped<keep_tls<&net::TlsSettings::cert_file>>},
    {"key_file", FieldType::path, kTyped<keep_tls<&net::TlsSettings::key_file>>},
    {"cert_warn", FieldType::duration, kTyped<set_cert_warn>},
    {"read_limit", FieldType::size, kTyped<set_read_limit>},
    {"source", FieldType::address, kTyped<set_source>},
});

constexpr auto kHttpFields = std::to_array<Field>({
    word_of({"method", FieldType::text, kTyped<set_method>}, kMethods),
    {"path", FieldType::text, kTyped<set_path>},
    {"host", FieldType::text, kTyped<set_host>},
    {"headers", FieldType::text_map, kTyped<set_headers>},
    {"status", FieldType::status_list, kTyped<set_status>},
    {"body", FieldType::pattern, kTyped<set_body>},
    {"body_not", FieldType::pattern, kTyped<set_body_not>},
    {"header", FieldType::text_map, kTyped<set_header>},
    {"header_not", FieldType::text_map, kTyped<set_header_not>},
    word_of({"http_version", FieldType::text, kTyped<set_http_version>}, kHttpVersions),
    {"follow_redirects", FieldType::flag, kTyped<keep<HttpCheck, &HttpCheck::follow_redirects>>},
    {"basic_auth_file", FieldType::login, kTyped<set_basic_auth>},
    {"drain_status", FieldType::status_list, kTyped<set_drain_status>},
});

constexpr auto kSmtpFields = std::to_array<Field>({
    {"helo", FieldType::text, kTyped<set_helo>},
    {"login_file", FieldType::login, kTyped<keep<SmtpCheck, &SmtpCheck::login>>},
    {"rcpt", FieldType::text, kTyped<set_rcpt>},
});

constexpr auto kFtpFields = std::to_array<Field>({
    {"anonymous", FieldType::flag, kTyped<keep<FtpCheck, &FtpCheck::anonymous>>},
    {"passive", FieldType::flag, kTyped<keep<FtpCheck, &FtpCheck::passive>>},
    {"login_file", FieldType::login, kTyped<keep<FtpCheck, &FtpCheck::login>>},
});

constexpr auto kImapFields = std::to_array<Field>({
    {"login_file", FieldType::login, kTyped<keep<ImapCheck, &ImapCheck::login>>},
});

constexpr auto kPop3Fields = std::to_array<Field>({
    {"login_file", FieldType::login, kTyped<keep<Pop3Check, &Pop3Check::login>>},
});

constexpr auto kPresetLoginFields = std::to_array<Field>({
    {"login_file", FieldType::login, kTyped<keep<PresetCheck, &PresetCheck::login>>},
});

constexpr auto kDatabaseFields = std::to_array<Field>({
    {"login_file", FieldType::login, kTyped<keep<DatabaseCheck, &DatabaseCheck::login>>},
    word_of({"role", FieldType::text, kTyped<set_role>}, kRoles),
});

constexpr auto kTcpFields = std::to_array<Field>({
    {"steps", FieldType::steps, kTyped<set_steps>},
});

constexpr auto kDnsFields = std::to_array<Field>({
    {"name", FieldType::text, kTyped<set_dns_name>},
    {"qtype", FieldType::text, kTyped<set_qtype>},
    word_of({"transport", FieldType::text, kTyped<set_transport>}, kTransports),
    {"rcode", FieldType::text, kTyped<set_rcode>},
    {"authoritative", FieldType::flag, kTyped<keep<DnsCheck, &DnsCheck::authoritative>>},
    {"answer", FieldType::pattern, kTyped<set_answer>},
    {"serial_lag", FieldType::count, kTyped<set_serial_lag>},
});

constexpr auto kExecFields = std::to_array<Field>({
    {.key = "argv", .type = FieldType::command, .set = kTyped<set_argv>, .required = true},
    word_of({"exit_codes", FieldType::text, kTyped<set_exit_codes>}, kExitCodes),
});

constexpr auto kPassiveFields = std::to_array<Field>({
    {"file", FieldType::later_path, kTyped<keep<PassiveCheck, &PassiveCheck::file>>},
    {"expires", FieldType::duration, kTyped<set_expires>},
});

constexpr auto kAgentFields = std::to_array<Field>({
    {"send", FieldType::text, kTyped<set_agent_send>},
});

constexpr auto kNodeExporterFields = std::to_array<Field>({
    {"path", FieldType::text, kTyped<set_path>},
    {"basic_auth_file", FieldType::login, kTyped<set_basic_auth>},
});

constexpr auto kNumberFields = std::to_array<Field>({
    {.key = "url", .type = FieldType::text, .set = kTyped<set_number_url>, .required = true},
    {"pointer", FieldType::text, kTyped<set_pointer>},
    {"basic_auth_file", FieldType::login, kTyped<set_basic_auth>},
});

Kind plain(std::string_view name, std::uint16_t port, Protocol initial,
           std::span<const Field> fields, bool starttls, bool implicit_tls = true) {
  return {.name = name,
          .default_port = port,
          .default_tls = TlsMode::off,
          .starttls = starttls,
          .implicit_tls = implicit_tls,
          .initial = std::move(initial),
          .fields = fields};
}

Kind secured(std::string_view name, std::uint16_t port, Protocol initial,
             std::span<const Field> fields) {
  return {.name = name,
          .default_port = port,
          .default_tls = TlsMode::implicit,
          .starttls = false,
          .implicit_tls = true,
          .initial = std::move(initial),
          .fields = fields};
}

// Has an encryption of its own.
Kind bare(std::string_view name, std::uint16_t port, Protocol initial) {
  return {.name = name, .default_port = port, .initial = std::move(initial)};
}

Kind program(std::string_view name, Protocol initial, std::span<const Field> fields) {
  return {.name = name,
          .initial = std::move(initial),
          .fields = fields,
          .needs_port = false,
          .runs_program = true};
}

std::vector<Kind> make_kinds() {
  return {
      plain("http", 80, HttpCheck{}, kHttpFields, false),
      secured("https", 443, HttpCheck{}, kHttpFields),
      plain("smtp", 25, SmtpCheck{}, kSmtpFields, true),
      secured("smtps", 465, SmtpCheck{}, kSmtpFields),
      plain("lmtp", 24, SmtpCheck{.lmtp = true}, kSmtpFields, true),
      plain("ftp", 21, FtpCheck{}, kFtpFields, true),
      secured("ftps", 990, FtpCheck{}, kFtpFields),
      plain("imap", 143, ImapCheck{}, kImapFields, true),
      secured("imaps", 993, ImapCheck{}, kImapFields),
      plain("pop3", 110, Pop3Check{}, kPop3Fields, true),
      secured("pop3s", 995, Pop3Check{}, kPop3Fields),
      plain("tcp", 0, TcpCheck{}, kTcpFields, true),
      plain("redis", 6379, PresetCheck{.preset = Preset::redis}, kPresetLoginFields, false),
      plain("memcached", 11211, PresetCheck{.preset = Preset::memcached}, {}, false),
      plain("postgresql", 5432, DatabaseCheck{.database = Database::postgresql}, kDatabaseFields,
            true, false),
      plain("mysql", 3306, DatabaseCheck{.database = Database::mysql}, kDatabaseFields, true,
            false),
      plain("ldap", 389, PresetCheck{.preset = Preset::ldap}, kPresetLoginFields, true),
      plain("mqtt", 1883, PresetCheck{.preset = Preset::mqtt}, kPresetLoginFields, false),
      bare("ssh", 22, PresetCheck{.preset = Preset::ssh}),
      plain("sip", 5060, PresetCheck{.preset = Preset::sip}, {}, false),
      plain("dns", 53, DnsCheck{}, kDnsFields, false),
      secured("tls", 443, TcpCheck{}, {}),
      program("exec", ExecCheck{}, kExecFields),
      {.name = "passive", .initial = PassiveCheck{}, .fields = kPassiveFields, .needs_port = false},
      {.name = "icmp", .initial = IcmpCheck{}, .needs_port = false},
  };
}

std::vector<Kind> make_load_kinds() {
  Kind exporter = plain("node_exporter", 9100,
                        HttpCheck{.path = "/metrics", .reading = {.as = ReadAs::metrics}},
                        kNodeExporterFields, false);
  exporter.read_limit = std::size_t{2} * 1024 * 1024;  // a large host tells 500 KiB
  return {plain("agent", 0, AgentCheck{}, kAgentFields, false), std::move(exporter),
          plain("number", 80, HttpCheck{.reading = {.as = ReadAs::number}}, kNumberFields, false)};
}

void check_tls_mode(const Kind& kind, const CheckSpec& check, std::vector<std::string>& problems) {
  const std::string type(kind.name);
  if (check.tls == TlsMode::starttls && !kind.starttls) {
    problems.push_back("tls: type " + type + " has no starttls" +
                       (kind.implicit_tls ? ", write \"implicit\"" : ""));
  }
  if (check.tls == TlsMode::implicit && !kind.implicit_tls) {
    problems.push_back("tls: type " + type + " has no implicit TLS");
  }
  if (check.tls == TlsMode::off && kind.default_tls == TlsMode::implicit) {
    const std::string without = type == "tls" ? "tcp" : type.substr(0, type.size() - 1);
    problems.push_back("tls: type " + type + " always speaks TLS, use type " + without +
                       " without it");
  }
}

void check_read_limit(const Kind& kind, const CheckSpec& check,
                      std::vector<std::string>& problems) {
  if (check.read_limit > most_read(kind)) {
    problems.push_back("read_limit: " + std::to_string(check.read_limit) +
                       " bytes are too many for type " + std::string(kind.name) +
                       ", which searches all that came again with each piece; write at most "
                       "\"256KiB\"");
  }
}

void check_statuses(const HttpCheck& http, std::vector<std::string>& problems) {
  for (const auto& drained : http.drain_status) {
    const auto both = std::ranges::find_if(http.status, [&](const auto& range) {
      return range.first <= drained.second && drained.first <= range.second;
    });
    if (both != http.status.end()) {
      problems.push_back("drain_status: " + std::to_string(std::max(drained.first, both->first)) +
                         " is in \"status\", too: a replica answering so would be healthy and "
                         "drained at once");
      return;
    }
  }
}

// What a pattern costs where an answer is made for it. Only of a body and a tcp step read_limit is
// the measure: headers have a bound of their own, as a DNS message has.
void check_cost(const CheckSpec& check, std::vector<std::string>& problems) {
  constexpr std::size_t kBounded = std::size_t{64} * 1024;
  const auto look = [&](const std::string& place, const std::string& pattern, bool limited) {
    const std::string slow =
        pattern.empty() ? "" : Pattern(pattern).slowness(limited ? check.read_limit : kBounded);
    if (!slow.empty()) {
      problems.push_back(place + in_quotes(pattern) + " " + slow +
                         (limited ? ", or lower read_limit" : ""));
    }
  };
  if (const auto* http = std::get_if<HttpCheck>(&check.protocol)) {
    look("body: ", http->body, true);
    look("body_not: ", http->body_not, true);
    for (const auto& [name, pattern] : http->header) {
      look("header: " + name + ": ", pattern, false);
    }
    for (const auto& [name, pattern] : http->header_not) {
      look("header_not: " + name + ": ", pattern, false);
    }
  }
  if (const auto* tcp = std::get_if<TcpCheck>(&check.protocol)) {
    for (const TcpStep& step : tcp->steps) {
      if (step.kind == TcpStepKind::expect || step.kind == TcpStepKind::reject) {
        look("steps: ", step.text, true);
      }
    }
  }
  if (const auto* dns = std::get_if<DnsCheck>(&check.protocol)) {
    look("answer: ", dns->answer, false);
  }
}

void check_http(const HttpCheck& http, std::vector<std::string>& problems) {
  check_statuses(http, problems);
  if (http.method == "HEAD" && !(http.body.empty() && http.body_not.empty())) {
    problems.push_back(std::string(http.body.empty() ? "body_not" : "body") +
                       ": the answer to HEAD has no body; leave it out, or write \"method\": "
                       "\"GET\"");
  }
  const auto redirect = std::ranges::find_if(http.drain_status, [](const auto& range) {
    return range.first < 400 && range.second >= 300;
  });
  if (http.follow_redirects && redirect != http.drain_status.end()) {
    problems.push_back("drain_status: " + std::to_string(std::max(redirect->first, 300)) +
                       " is a redirect, which follow_redirects follows; leave one of them out");
  }
}

void check_steps(const CheckSpec& check, const TcpCheck& tcp, std::vector<std::string>& problems) {
  const auto upgrades = std::ranges::count(tcp.steps, TcpStepKind::starttls, &TcpStep::kind);
  if (upgrades > 1) {
    problems.emplace_back("steps: only one starttls step is possible");
  }
  if (upgrades > 0 && check.tls == TlsMode::implicit) {
    problems.emplace_back("steps: a starttls step cannot follow \"tls\": \"implicit\"");
  }
  if (upgrades == 0 && check.tls == TlsMode::starttls) {
    problems.emplace_back("steps: \"tls\": \"starttls\" needs a {\"starttls\": true} step");
  }
  const auto is_expect = [](const TcpStep& step) {
    return step.kind == TcpStepKind::expect || step.kind == TcpStepKind::expect_bytes;
  };
  for (auto step = tcp.steps.begin(); step != tcp.steps.end(); ++step) {
    if (step->kind == TcpStepKind::reject &&
        std::find_if(step, tcp.steps.end(), is_expect) == tcp.steps.end()) {
      problems.emplace_back("steps: a reject step needs an expect step after it");
      break;
    }
  }
}

void check_ftp(const FtpCheck& ftp, std::vector<std::string>& problems) {
  if (ftp.anonymous && ftp.login) {
    problems.emplace_back("anonymous and login_file exclude each other");
  }
  if (ftp.passive && !ftp.anonymous && !ftp.login) {
    problems.emplace_back(
        "passive: a server opens a port only to one who has logged in; add \"anonymous\": true or "
        "a login_file");
  }
}

void check_database(const DatabaseCheck& database, std::vector<std::string>& problems) {
  if (database.role == Role::primary && !database.login) {
    problems.emplace_back(
        "role: a server tells \"primary\" only to one who has logged in; add a login_file with a "
        "user made for it, which needs no rights");
  }
}

void check_dns(const CheckSpec& check, const DnsCheck& dns, std::vector<std::string>& problems) {
  constexpr std::uint16_t kSoa = 6;
  if ((check.tls == TlsMode::implicit) != (dns.transport == DnsTransport::tls)) {
    problems.emplace_back("tls: a dns check over TLS is written as \"transport\": \"tls\"");
  }
  if (dns.serial_lag && (dns.qtype != kSoa || dns.rcode != 0)) {
    problems.emplace_back(
        "serial_lag: only the SOA has a serial; leave qtype and rcode as they are, or make this "
        "two checks");
  }
}

}  // namespace

std::uint16_t default_port(const Kind& kind, const CheckSpec& check) {
  constexpr std::uint16_t kDnsOverTls = 853;
  const auto* dns = std::get_if<DnsCheck>(&check.protocol);
  return dns != nullptr && dns->transport == DnsTransport::tls ? kDnsOverTls : kind.default_port;
}

// Dialogues of steps search all that came again with each piece: a peer that sends and sends holds
// up the loop for as long as that takes.
std::size_t most_read(const Kind& kind) {
  const bool steps = std::holds_alternative<TcpCheck>(kind.initial) ||
                     std::holds_alternative<PresetCheck>(kind.initial);
  return steps ? std::size_t{256} * 1024 : std::size_t{16} * 1024 * 1024;
}

std::span<const Kind> kinds() {
  static const std::vector<Kind> table = make_kinds();
  return table;
}

std::span<const Kind> load_kinds() {
  static const std::vector<Kind> table = make_load_kinds();
  return table;
}

const Kind* find_kind(std::string_view name) {
  const auto all = kinds();
  const auto found = std::ranges::find(all, name, &Kind::name);
  return found == all.end() ? nullptr : &*found;
}

std::span<const Field> common_fields() {
  return kCommonFields;
}

std::string_view why_useless(const Kind& kind, std::string_view key) {
  if (std::holds_alternative<ExecCheck>(kind.initial)) {
    return key == "port" ? ""
                         : "an exec check opens no connection itself; tell the program by an "
                           "argument in \"argv\"";
  }
  if (std::holds_alternative<PassiveCheck>(kind.initial)) {
    return "a passive check opens no connection: it is told";
  }
  const bool echo = std::holds_alternative<IcmpCheck>(kind.initial);
  return echo && key != "source" ? "an icmp check opens no connection: there is only an echo" : "";
}

std::vector<std::string_view> tls_words(const Kind& kind) {
  std::vector<std::string_view> words;
  if (kind.default_tls == TlsMode::off) {
    words.emplace_back("off");
  }
  if (kind.starttls) {
    words.emplace_back("starttls");
  }
  if (kind.implicit_tls) {
    words.emplace_back("implicit");
  }
  return words;
}

std::vector<std::string> validate(const Kind& kind, const CheckSpec& check) {
  std::vector<std::string> problems;
  check_tls_mode(kind, check, problems);
  check_read_limit(kind, check, problems);
  if (check.tls_settings.cert_file.empty() != check.tls_settings.key_file.empty()) {
    problems.emplace_back("cert_file and key_file go together, one of them is missing");
  }
  if (const auto* http = std::get_if<HttpCheck>(&check.protocol)) {
    check_http(*http, problems);
  }
  check_cost(check, problems);
  if (const auto* tcp = std::get_if<TcpCheck>(&check.protocol)) {
    check_steps(check, *tcp, problems);
  }
  if (const auto* ftp = std::get_if<FtpCheck>(&check.protocol)) {
    check_ftp(*ftp, problems);
  }
  if (const auto* database = std::get_if<DatabaseCheck>(&check.protocol)) {
    check_database(*database, problems);
  }
  if (const auto* dns = std::get_if<DnsCheck>(&check.protocol)) {
    check_dns(check, *dns, problems);
  }
  return problems;
}

}  // namespace ronda::probes
