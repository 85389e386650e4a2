#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "net/digest.hpp"
#include "probes/octet_reader.hpp"
#include "probes/packet_dialogue.hpp"
#include "probes/protocols.hpp"
#include "probes/scram.hpp"

namespace ronda::probes {

namespace {

constexpr std::uint32_t kVersion = 3U << 16U;
constexpr std::uint32_t kTlsRequest = 80'877'103;  // in the place of a version
constexpr const char* kNobody = "ronda";           // who asks where no login is given
// initdb makes it "for use by users, utilities and third party applications".
constexpr const char* kDatabase = "postgres";
constexpr std::size_t kHeader = 5;  // a type and a length, which counts itself but not the type
// A longer message that claims to be an error is the bare text of a server from before 7.4, or of
// one that cannot fork.
constexpr std::size_t kLongestError = 30'000;

std::string big(std::uint32_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU);
  }
  return text;
}

std::string counted(const std::string& content) {
  return big(static_cast<std::uint32_t>(content.size())) + content;
}

std::string with_size(const std::string& content) {
  return big(static_cast<std::uint32_t>(content.size() + 4)) + content;
}

std::string message(char type, const std::string& content) {
  return type + with_size(content);
}

std::string text_of(std::string_view text) {
  return std::string(text) + '\0';
}

const std::string& terminate() {
  static const std::string message_x = message('X', "");
  return message_x;
}

std::string startup(const std::string& user) {
  return with_size(big(kVersion) + text_of("user") + text_of(user) + text_of("database") +
                   text_of(kDatabase) + text_of("application_name") + text_of("ronda") + '\0');
}

struct ServerError {
  std::string code{};  // SQLSTATE
  std::string words{};
};

ServerError read_error(std::string_view content) {
  ServerError error;
  OctetReader reader(content);
  while (reader.good() && reader.left() > 1) {
    const std::string_view field = reader.take(1);
    const std::string_view text = reader.until_nul();
    if (field == "C") {
      error.code = text;
    } else if (field == "M") {
      error.words = text;
    }
  }
  return error;
}

std::string describe(const ServerError& error) {
  return (error.code.empty() ? "" : error.code + " ") + "\"" + printable(error.words, 140) + "\"";
}

const char* name_of_method(std::uint32_t method) {
  switch (method) {
    case 2:
      return "Kerberos V5";
    case 3:
      return "a password";
    case 5:
      return "MD5";
    case 7:
    case 8:
      return "GSSAPI";
    case 9:
      return "SSPI";
    case 10:
      return "SASL";
    default:
      return "another method";
  }
}

// PostgreSQL's protocol 3.0, documentation chapter "Frontend/Backend Protocol".
class PostgresqlDialogue final : public PacketDialogue {
 public:
  PostgresqlDialogue(const CheckSpec& check, std::string unique)
      : PacketDialogue(check.read_limit, check.tls == TlsMode::implicit),
        login_(std::get<DatabaseCheck>(check.protocol).login),
        role_(std::get<DatabaseCheck>(check.protocol).role),
        wants_tls_(check.tls == TlsMode::starttls),
        unique_(std::move(unique)) {}

 private:
  enum class Stage : std::uint8_t { tls, login, proving, verifying, verified, settling, asking };

  std::optional<std::size_t> size_of(std::string_view octets) const override;
  void opened() override;
  void upgraded() override { introduce(); }
  void heard(std::string_view packet) override;

  void introduce();
  void judge_error(std::string_view content);
  void authenticate(OctetReader reader);
  void answer_md5(std::string_view salt);
  void begin_scram(OctetReader reader);
  void continue_scram(std::uint32_t method, std::string_view text);
  void settle(char type, std::string_view content);
  void hear_role(char type, std::string_view content);
  void finish_ready(const std::string& more);
  void unexpected(char type) { fail(Code::L7RSP, std::string("a message of type '") + type + "'"); }

  Login login_;
  Role role_;
  bool wants_tls_;
  std::string unique_;
  Stage stage_ = Stage::login;
  std::optional<ScramClient> scram_{};
  bool asked_for_password_ = false;
  std::string version_{};
  std::string row_{};
};

std::optional<std::size_t> PostgresqlDialogue::size_of(std::string_view octets) const {
  if (octets.empty()) {
    return std::nullopt;
  }
  if (stage_ == Stage::tls && (octets[0] == 'S' || octets[0] == 'N')) {
    return 1;
  }
  if (std::string_view("RENvSKZTDC").find(octets[0]) == std::string_view::npos) {
    return 0;
  }
  if (octets.size() < kHeader) {
    return std::nullopt;
  }
  const std::size_t length = OctetReader(octets.substr(1)).big(4);
  const bool is_bare_text = octets[0] == 'E' && length > kLongestError;
  return length < 4 || is_bare_text ? 0 : length + 1;
}

void PostgresqlDialogue::opened() {
  if (!wants_tls_) {
    introduce();
    return;
  }
  stage_ = Stage::tls;
  expect("S to SSLRequest");
  send(with_size(big(kTlsRequest)));
}

void PostgresqlDialogue::introduce() {
  stage_ = Stage::login;
  expect(login_ ? "AuthenticationOk" : "a request for a login");
  send(startup(login_ ? login_.user() : kNobody));
}

void PostgresqlDialogue::heard(std::string_view packet) {
  const char type = packet[0];
  if (stage_ == Stage::tls && type == 'S') {
    start_tls();
    return;
  }
  if (stage_ == Stage::tls && type == 'N') {
    fail(Code::L7RSP, "N: TLS is not offered");
    return;
  }
  const std::string_view content = packet.substr(kHeader);
  if (type == 'E') {
    judge_error(content);
    return;
  }
  if (type == 'N' || (type == 'v' && stage_ == Stage::login)) {
    return;  // a notice; an older minor version of the protocol
  }
  switch (stage_) {
    case Stage::tls:
      unexpected(type);
      return;
    case Stage::login:
    case Stage::proving:
    case Stage::verifying:
    case Stage::verified:
      if (type == 'R') {
        authenticate(OctetReader(content));
      } else {
        unexpected(type);
      }
      return;
    case Stage::settling:
      settle(type, content);
      return;
    case Stage::asking:
      hear_role(type, content);
      return;
  }
}

// Who refuses an unknown user, or our host, is alive and speaks; pg_isready sees it so too. What a
// server says that starts up, shuts down or is full is of another class.
void PostgresqlDialogue::judge_error(std::string_view content) {
  const ServerError error = read_error(content);
  const bool is_about_us = error.code.starts_with("28") || error.code == "3D000";
  if (!login_ && stage_ != Stage::tls && is_about_us) {
    pass("speaks: " + describe(error), {});
  } else {
    fail(Code::L7STS, describe(error));
  }
}

void PostgresqlDialogue::authenticate(OctetReader reader) {
  const std::uint32_t method = reader.big(4);
  const std::string_view salt = method == 5 ? reader.take(4) : std::string_view();
  if (!reader.good()) {
    fail(Code::L7RSP, "a request for a login cut short");
    return;
  }
  if (!login_ && method != 0) {
    // At this point it takes no farewell but a password or the end of the connection.
    pass(std::string("speaks: wants a login by ") + name_of_method(method), {});
  } else if (stage_ != Stage::login && method != 0) {
    continue_scram(method, reader.rest());
  } else if (method == 0 && (stage_ == Stage::login || stage_ == Stage::verified)) {
    stage_ = Stage::settling;
    expect("ReadyForQuery");
  } else if (method == 0) {
    fail(Code::L7RSP, "it without a proof that this server knows the password");
  } else if (std::exchange(asked_for_password_, true)) {
    fail(Code::L7RSP, "one more request for a login");
  } else if (method == 3 && secured()) {
    send(message('p', text_of(login_.password())));
  } else if (method == 3) {
    // Who asks may be somebody in between.
    fail(Code::L7STS, "a wish for the password in clear text, which ronda says only under TLS");
  } else if (method == 5) {
    answer_md5(salt);
  } else if (method == 10) {
    begin_scram(reader);
  } else {
    fail(Code::L7STS, std::string("a wish for a login by ") + name_of_method(method) +
                          "; ronda has password, md5 and scram-sha-256");
  }
}

void PostgresqlDialogue::answer_md5(std::string_view salt) {
  const std::string stored = net::md5(login_.password() + login_.user());
  if (stored.empty()) {
    unable(
        "it wants the login by MD5, which this system's OpenSSL refuses; give that user "
        "scram-sha-256");
    return;
  }
  const std::string answer = "md5" + net::in_hex(net::md5(net::in_hex(stored) + std::string(salt)));
  send(message('p', text_of(answer)), {answer});
}

void PostgresqlDialogue::begin_scram(OctetReader reader) {
  constexpr std::string_view kMechanism = "SCRAM-SHA-256";
  bool offered = false;
  for (auto name = reader.until_nul(); !name.empty(); name = reader.until_nul()) {
    offered = offered || name == kMechanism;
  }
  if (!reader.good() || !offered) {
    fail(Code::L7STS, "a wish for SASL without SCRAM-SHA-256");
    return;
  }
  stage_ = Stage::proving;
  // The name is the one of the startup message; the server looks at no other.
  scram_.emplace("", login_.password(), unique_);
  const std::string first = scram_->first();
  // Without our nonce nobody who reads the rest can try passwords on it.
  send(message('p', text_of(kMechanism) + counted(first)), {unique_});
}

// Each step once: the first costs us the rounds that the server asks for.
void PostgresqlDialogue::continue_scram(std::uint32_t method, std::string_view text) {
  if (stage_ == Stage::proving && method == 11) {
    const auto answer = scram_->answer(text);
    if (answer) {
      stage_ = Stage::verifying;
      send(message('p', *answer), scram_->proofs());
    } else {
      fail(Code::L7RSP, answer.error());
    }
  } else if (stage_ == Stage::verifying && method == 12) {
    const auto verified = scram_->verify(text);
    if (verified) {
      stage_ = Stage::verified;
    } else {
      fail(Code::L7RSP, verified.error());
    }
  } else {
    fail(Code::L7RSP, "a step of the login out of turn");
  }
}

// Between the login and the first query.
void PostgresqlDialogue::settle(char type, std::string_view content) {
  if (type == 'S') {
    OctetReader reader(content);
    const std::string_view name = reader.until_nul();
    const std::string_view value = reader.until_nul();
    if (name == "server_version" && reader.good()) {
      version_ = value;
    }
  } else if (type == 'Z' && role_ == Role::primary) {
    stage_ = Stage::asking;
    expect("f from pg_is_in_recovery()");
    send(message('Q', text_of("SELECT pg_catalog.pg_is_in_recovery()")));
  } else if (type == 'Z') {
    finish_ready("");
  } else if (type != 'K') {
    unexpected(type);
  }
}

void PostgresqlDialogue::hear_role(char type, std::string_view content) {
  if (type == 'D' && row_.empty()) {
    OctetReader reader(content);
    const bool one_column = reader.big(2) == 1 && reader.big(4) == 1;
    row_ = reader.take(1);
    if (!one_column || !reader.good() || reader.left() > 0) {
      fail(Code::L7RSP, "another row");
    }
  } else if (type == 'Z' && row_ == "f") {
    finish_ready(", a primary");
  } else if (type == 'Z' && row_ == "t") {
    fail(Code::L7STS, "t: a standby", terminate());
  } else if (type == 'Z') {
    fail(Code::L7RSP, "\"" + printable(row_) + "\"", terminate());
  } else if (type != 'T' && type != 'C' && type != 'S') {
    unexpected(type);
  }
}

void PostgresqlDialogue::finish_ready(const std::string& more) {
  pass((version_.empty() ? "ready" : "PostgreSQL " + printable(version_, 60) + " ready") + more,
       terminate());
}

}  // namespace

std::unique_ptr<Dialogue> postgresql_dialogue(const CheckSpec& check, std::string unique) {
  return std::make_unique<PostgresqlDialogue>(check, std::move(unique));
}

}  // namespace ronda::probes
