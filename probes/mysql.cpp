#include <memory>
#include <utility>

#include "probes/mysql_login.hpp"
#include "probes/octet_reader.hpp"
#include "probes/packet_dialogue.hpp"
#include "probes/protocols.hpp"

namespace ronda::probes {

namespace {

constexpr std::size_t kHeader = 4;  // a length of three octets and a number that counts up
constexpr std::uint32_t kLongPassword = 0x1;
constexpr std::uint32_t kProtocol41 = 0x200;
constexpr std::uint32_t kTls = 0x800;
constexpr std::uint32_t kSecureConnection = 0x8000;
constexpr std::uint32_t kPluginAuth = 0x8'0000;
constexpr std::uint32_t kLargestPacket = 1U << 24U;
constexpr char kUtf8 = 45;
constexpr const char* kNobody = "ronda";  // who asks where no login is given

std::string little(std::uint32_t number, int octets) {
  std::string text;
  for (; octets > 0; --octets, number >>= 8U) {
    text += static_cast<char>(number & 0xffU);
  }
  return text;
}

struct ServerError {
  std::uint32_t code = 0;
  std::string state{};
  std::string words{};
};

ServerError read_error(std::string_view packet) {
  OctetReader reader(packet.substr(1));
  ServerError error;
  error.code = reader.little(2);
  error.words = reader.rest();
  // Before the login there is no state.
  if (error.words.size() > 5 && error.words[0] == '#') {
    error.state = error.words.substr(1, 5);
    error.words.erase(0, 6);
  }
  return error;
}

std::string describe(const ServerError& error) {
  return std::to_string(error.code) + " \"" + printable(error.words, 140) + "\"";
}

// It knows us not, lets our host not in, or takes no such login.
bool is_about_us(const ServerError& error) {
  constexpr std::uint32_t kHostNotPrivileged = 1130;
  constexpr std::uint32_t kAccessDenied = 1045;
  constexpr std::uint32_t kNotSupportedAuthMode = 1251;
  return error.state.starts_with("28") || error.code == kHostNotPrivileged ||
         error.code == kAccessDenied || error.code == kNotSupportedAuthMode;
}

// What a plugin takes for an answer, if a wrong one, where it would take another size for a
// connection broken off; to leave after it counts for nothing. MariaDB asks users that it does not
// know by the plugin of one that it knows.
std::string wrong_answer(std::string_view plugin) {
  return plugin == "client_ed25519" ? std::string(64, '\0') : std::string();
}

// The client/server protocol of MySQL 4.1 and newer, and of MariaDB. A connection that is broken
// off before its login counts as an error against our host, and max_connect_errors of them in a row
// lock it out: so every greeting is answered, where there is no login, or no TLS for it, by one
// that fails, which does not count. (Measured with MariaDB 10.11, performance_schema.host_cache.)
// What cannot be answered is a certificate that we do not take.
class MysqlDialogue final : public PacketDialogue {
 public:
  explicit MysqlDialogue(const CheckSpec& check)
      : PacketDialogue(check.read_limit, false),
        login_(std::get<DatabaseCheck>(check.protocol).login),
        role_(std::get<DatabaseCheck>(check.protocol).role),
        wants_tls_(check.tls == TlsMode::starttls) {}

 private:
  enum class Stage : std::uint8_t { greeting, login, asking };

  std::optional<std::size_t> size_of(std::string_view octets) const override;
  void opened() override { expect("a greeting of MySQL"); }
  void upgraded() override { introduce(); }
  void heard(std::string_view packet) override;

  void greeted(std::string_view packet);
  void introduce();
  void hear_login(std::string_view packet);
  void switch_plugin(std::string_view packet);
  void hear_more(std::string_view packet);
  void logged_in();
  void answered(const std::string& detail, const std::string& farewell);
  void hear_role(std::string_view packet);
  void judge_error(const ServerError& error);
  std::string numbered(const std::string& content);
  std::string command(char code, const std::string& text);
  std::uint32_t wishes() const;
  std::string prove(std::string_view plugin, std::string_view salt) const;

  Login login_;
  Role role_;
  bool wants_tls_;
  Stage stage_ = Stage::greeting;
  unsigned number_ = 0;  // of the next packet, theirs or ours
  MysqlGreeting greeting_{};
  std::string refusal_{};  // what was wrong with it, told once we have left as nobody
  bool switched_ = false;
  bool said_password_ = false;
  int parts_ = 0;  // of the answer to our question
  std::string value_{};
};

std::optional<std::size_t> MysqlDialogue::size_of(std::string_view octets) const {
  if (octets.size() < kHeader) {
    return std::nullopt;
  }
  OctetReader reader(octets);
  const std::size_t length = reader.little(3);
  return reader.little(1) == (number_ & 0xffU) ? length + kHeader : 0;
}

void MysqlDialogue::heard(std::string_view packet) {
  ++number_;
  const std::string_view content = packet.substr(kHeader);
  if (content.empty()) {
    fail(Code::L7RSP, "an empty packet");
  } else if (content[0] == '\xff') {
    judge_error(read_error(content));
  } else if (stage_ == Stage::greeting) {
    greeted(content);
  } else if (stage_ == Stage::login) {
    hear_login(content);
  } else {
    hear_role(content);
  }
}

// Who denies us access is there.
void MysqlDialogue::judge_error(const ServerError& error) {
  const bool before_tls = wants_tls_ && !secured();
  if (!login_ && !before_tls && is_about_us(error)) {
    answered(
        (greeting_.server.empty() ? "speaks: " : greeting_.server + " speaks: ") + describe(error),
        {});
  } else {
    fail(Code::L7STS, describe(error));
  }
}

void MysqlDialogue::greeted(std::string_view packet) {
  const auto greeting = read_mysql_greeting(packet);
  if (!greeting) {
    fail(Code::L7RSP, "\"" + printable(packet, 100) + "\"");
    return;
  }
  greeting_ = *greeting;
  const std::uint32_t needed = kProtocol41 | kSecureConnection;
  if ((greeting_.capabilities & needed) != needed) {
    fail(Code::L7RSP, greeting_.server + ", which is older than 4.1");
  } else if (wants_tls_ && (greeting_.capabilities & kTls) == 0) {
    refusal_ = greeting_.server + ": TLS is not offered";
    login_ = {};
    wants_tls_ = false;
    introduce();
  } else if (wants_tls_) {
    send(numbered(little(wishes(), 4) + little(kLargestPacket, 4) + kUtf8 + std::string(23, '\0')));
    start_tls();
  } else {
    introduce();
  }
}

std::uint32_t MysqlDialogue::wishes() const {
  return kLongPassword | kProtocol41 | kSecureConnection | (greeting_.capabilities & kPluginAuth) |
         (wants_tls_ ? kTls : 0);
}

std::string MysqlDialogue::prove(std::string_view plugin, std::string_view salt) const {
  return login_ ? mysql_answer(plugin, login_.password(), salt) : std::string();
}

void MysqlDialogue::introduce() {
  stage_ = Stage::login;
  expect(login_ ? "OK to the login" : "a word about the login");
  const std::string plugin =
      speaks_mysql_plugin(greeting_.plugin) ? greeting_.plugin : kNativePassword;
  const std::string answer = prove(plugin, greeting_.salt);
  std::string text = little(wishes(), 4) + little(kLargestPacket, 4) + kUtf8 +
                     std::string(23, '\0') + (login_ ? login_.user() : kNobody) + '\0' +
                     static_cast<char>(answer.size()) + answer;
  if ((greeting_.capabilities & kPluginAuth) != 0) {
    text += plugin + '\0';
  }
  // By it and the salt a password could be tried.
  send(numbered(text), {answer});
}

void MysqlDialogue::hear_login(std::string_view packet) {
  switch (packet[0]) {
    case '\0':
      logged_in();
      return;
    case '\1':
      hear_more(packet.substr(1));
      return;
    case '\xfe':
      switch_plugin(packet.substr(1));
      return;
    default:
      fail(Code::L7RSP, "\"" + printable(packet, 100) + "\"");
      return;
  }
}

// The user wants another plugin than the greeting said.
void MysqlDialogue::switch_plugin(std::string_view packet) {
  OctetReader reader(packet);
  const std::string plugin(reader.until_nul());
  const std::string_view salt = reader.rest().substr(0, 20);
  const bool again = std::exchange(switched_, true);
  if (again || plugin.empty() || !reader.good()) {
    fail(Code::L7RSP, again ? "one more change of the login" : "a login of before 4.1");
  } else if (!speaks_mysql_plugin(plugin)) {
    const std::string wish = "a login by " + printable(plugin, 60);
    const std::string farewell = numbered(wrong_answer(plugin));
    if (login_) {
      fail(Code::L7STS,
           "a wish for " + wish + "; ronda has " + kNativePassword + " and " + kCachingSha2,
           farewell);
    } else {
      answered(greeting_.server + " speaks: wants " + wish, farewell);
    }
  } else {
    const std::string answer = prove(plugin, salt);
    greeting_.plugin = plugin;
    send(numbered(answer), {answer});
  }
}

// caching_sha2_password: 3 says that the answer was good, 4 that the server has to see the password
// itself, since it has not logged this user in since it began.
void MysqlDialogue::hear_more(std::string_view packet) {
  if (packet == "\3") {
    return;
  }
  if (packet != "\4" || std::exchange(said_password_, true) || greeting_.plugin != kCachingSha2) {
    fail(Code::L7RSP, "\"" + printable(packet, 100) + "\" in the login");
  } else if (!login_) {
    send(numbered(std::string(1, '\0')));
  } else if (secured()) {
    send(numbered(login_.password() + '\0'));
  } else {
    fail(Code::L7STS,
         "a wish for the password itself (caching_sha2_password, first login), which ronda says "
         "only under TLS",
         numbered(std::string(1, '\0')));
  }
}

void MysqlDialogue::logged_in() {
  constexpr char kQuit = 1;
  constexpr char kQuery = 3;
  if (role_ == Role::any || !refusal_.empty()) {
    answered(greeting_.server + " ready", command(kQuit, ""));
    return;
  }
  stage_ = Stage::asking;
  expect("0 from @@global.read_only");
  // super_read_only switches it on, too.
  send(command(kQuery, "SELECT @@global.read_only"));
}

void MysqlDialogue::answered(const std::string& detail, const std::string& farewell) {
  if (refusal_.empty()) {
    pass(detail, farewell);
    return;
  }
  expect("a greeting of MySQL");
  fail(Code::L7RSP, refusal_, farewell);
}

// A number of columns, one column, its end, one row, its end.
void MysqlDialogue::hear_role(std::string_view packet) {
  constexpr char kQuit = 1;
  const bool is_end = packet[0] == '\xfe' && packet.size() < 9;
  ++parts_;
  if (parts_ == 4 && !is_end) {
    OctetReader reader(packet);
    value_ = reader.take(reader.little(1));
    if (!reader.good() || reader.left() > 0) {
      fail(Code::L7RSP, "another row");
    }
    return;
  }
  const bool in_order = (parts_ == 1 && packet == "\1") || (parts_ == 2 && !is_end) ||
                        ((parts_ == 3 || parts_ == 5) && is_end);
  if (!in_order) {
    fail(Code::L7RSP, "another answer");
  } else if (parts_ == 5 && (value_ == "0" || value_ == "OFF")) {
    pass(greeting_.server + " ready, a primary", command(kQuit, ""));
  } else if (parts_ == 5) {
    fail(Code::L7STS, "\"" + printable(value_, 40) + "\": it is read-only", command(kQuit, ""));
  }
}

std::string MysqlDialogue::numbered(const std::string& content) {
  return little(static_cast<std::uint32_t>(content.size()), 3) +
         static_cast<char>(number_++ & 0xffU) + content;
}

std::string MysqlDialogue::command(char code, const std::string& text) {
  number_ = 0;
  return numbered(code + text);
}

}  // namespace

std::unique_ptr<Dialogue> mysql_dialogue(const CheckSpec& check) {
  return std::make_unique<MysqlDialogue>(check);
}

}  // namespace ronda::probes
