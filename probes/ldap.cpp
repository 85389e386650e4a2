#include <array>
#include <memory>
#include <utility>

#include "probes/octet_reader.hpp"
#include "probes/packet_dialogue.hpp"
#include "probes/protocols.hpp"

namespace ronda::probes {

namespace {

constexpr char kSequence = '\x30';
constexpr char kInteger = '\x02';
constexpr char kOctets = '\x04';
constexpr char kEnumerated = '\x0a';
constexpr char kControls = '\xa0';
constexpr char kBindRequest = '\x60';
constexpr char kBindResponse = '\x61';
constexpr char kUnbindRequest = '\x42';
constexpr char kSimple = '\x80';
constexpr char kExtendedRequest = '\x77';
constexpr char kExtendedResponse = '\x78';
constexpr char kRequestName = '\x80';
constexpr const char* kStartTls = "1.3.6.1.4.1.1466.20037";  // RFC 4511 4.14
constexpr std::string_view kVersion("\x02\x01\x03", 3);

// RFC 4511 5.1: lengths in definite form; up to 65535 is far more than a Login holds.
std::string element(char tag, const std::string& content) {
  const std::size_t size = content.size();
  std::string text(1, tag);
  if (size > 0xff) {
    text += '\x82';
    text += static_cast<char>(size >> 8);
  } else if (size > 0x7f) {
    text += '\x81';
  }
  text += static_cast<char>(size & 0xff);
  return text + content;
}

bool is_length(char first) {
  const auto form = static_cast<unsigned char>(first);
  return form < 0x80 || (form > 0x80 && form <= 0x84);
}

// Some servers write every length in five octets.
std::size_t take_length(OctetReader& reader) {
  const std::uint32_t first = reader.big(1);
  return first < 0x80 ? first : reader.big(first - 0x80);
}

// The content of the element that begins here; nothing, and the reader is bad, where it is another.
std::string_view take_element(OctetReader& reader, char tag) {
  const std::string_view found = reader.take(1);
  const std::string_view form = OctetReader(reader).take(1);
  if (found != std::string_view(&tag, 1) || form.empty() || !is_length(form[0])) {
    return reader.take(reader.left() + 1);
  }
  return reader.take(take_length(reader));
}

struct Answer {
  bool is_notice = false;  // RFC 4511 4.4.1: the server's own word before it closes, messageID 0
  std::uint32_t result = 0;
  std::string words{};
};

// LDAPResult (4.1.9) in a message whose head is known. What may follow, as a referral, does not
// matter.
std::optional<Answer> read_answer(std::string_view packet) {
  OctetReader whole(packet);
  OctetReader message(take_element(whole, kSequence));
  const std::string_view id = take_element(message, kInteger);
  OctetReader operation(message);
  const std::string_view tag = operation.take(1);
  OctetReader result(tag.empty() ? tag : take_element(message, tag[0]));
  const std::string_view code = take_element(result, kEnumerated);
  take_element(result, kOctets);  // matchedDN
  const std::string_view words = take_element(result, kOctets);
  const bool has_end = message.left() == 0 || message.take(1)[0] == kControls;
  if (!message.good() || !result.good() || !has_end || code.empty() || code.size() > 4) {
    return std::nullopt;
  }
  return Answer{.is_notice = id == std::string_view("\0", 1),
                .result = OctetReader(code).big(code.size()),
                // Active Directory's end with a NUL.
                .words = std::string(words.substr(0, words.find_last_not_of('\0') + 1))};
}

// RFC 4511 A.1: what a bind, or the way to TLS, ends with.
constexpr auto kResults = std::to_array<std::pair<std::uint32_t, const char*>>({
    {1, "operationsError"},
    {2, "protocolError"},
    {3, "timeLimitExceeded"},
    {7, "authMethodNotSupported"},
    {8, "strongerAuthRequired"},
    {10, "referral"},
    {11, "adminLimitExceeded"},
    {13, "confidentialityRequired"},
    {14, "saslBindInProgress"},
    {19, "constraintViolation"},
    {32, "noSuchObject"},
    {34, "invalidDNSyntax"},
    {48, "inappropriateAuthentication"},
    {49, "invalidCredentials"},
    {50, "insufficientAccessRights"},
    {51, "busy"},
    {52, "unavailable"},
    {53, "unwillingToPerform"},
    {80, "other"},
});

std::string describe(const Answer& answer) {
  std::string text = "result " + std::to_string(answer.result);
  for (const auto& [code, name] : kResults) {
    if (code == answer.result) {
      text += std::string(" (") + name + ")";
    }
  }
  return answer.words.empty() ? text : text + " \"" + printable(answer.words, 120) + "\"";
}

// A simple bind (RFC 4511 4.2), anonymous with neither name nor password, and an unbind (4.3);
// before them the way to TLS where it is asked for.
class LdapDialogue final : public PacketDialogue {
 public:
  explicit LdapDialogue(const CheckSpec& check)
      : PacketDialogue(check.read_limit, check.tls == TlsMode::implicit),
        login_(std::get<PresetCheck>(check.protocol).login),
        wants_tls_(check.tls == TlsMode::starttls) {}

 private:
  std::optional<std::size_t> size_of(std::string_view octets) const override;
  void opened() override;
  void upgraded() override { bind(); }
  void heard(std::string_view packet) override;

  void bind();
  void ask(char operation, const std::string& content, char response);
  std::string next(char operation, const std::string& content);

  Login login_;
  bool wants_tls_;
  char id_ = 0;        // of what we said last
  char response_ = 0;  // the tag of what has to come
};

// Nothing but a response to what we said, or a notice: at the octet that shows it.
std::optional<std::size_t> LdapDialogue::size_of(std::string_view octets) const {
  if ((!octets.empty() && octets[0] != kSequence) || (octets.size() > 1 && !is_length(octets[1]))) {
    return 0;
  }
  OctetReader reader(octets);
  reader.take(1);
  const std::size_t size = take_length(reader);
  if (!reader.good()) {
    return std::nullopt;
  }
  const std::size_t whole = octets.size() - reader.left() + size;
  const std::string_view come = reader.rest();
  const auto may_become = [&](char id, char operation) {
    const std::string head{kInteger, '\x01', id, operation};
    return come.substr(0, head.size()) == std::string_view(head).substr(0, come.size());
  };
  return may_become(id_, response_) || may_become('\0', kExtendedResponse) ? whole : 0;
}

void LdapDialogue::opened() {
  if (!wants_tls_) {
    bind();
    return;
  }
  expect("success to StartTLS");
  ask(kExtendedRequest, element(kRequestName, kStartTls), kExtendedResponse);
}

void LdapDialogue::bind() {
  expect("success in BindResponse");
  ask(kBindRequest,
      std::string(kVersion) + element(kOctets, login_ ? login_.user() : "") +
          element(kSimple, login_ ? login_.password() : ""),
      kBindResponse);
}

void LdapDialogue::heard(std::string_view packet) {
  const auto answer = read_answer(packet);
  if (!answer) {
    fail(Code::L7RSP, "\"" + printable(packet, 100) + "\"");
  } else if (answer->is_notice) {
    fail(Code::L7STS, "a notice of disconnection, " + describe(*answer));
  } else if (answer->result != 0) {
    fail(Code::L7STS, describe(*answer), next(kUnbindRequest, ""));
  } else if (response_ == kExtendedResponse) {
    start_tls();
  } else {
    pass(login_ ? "bound" : "bound anonymously", next(kUnbindRequest, ""));
  }
}

void LdapDialogue::ask(char operation, const std::string& content, char response) {
  response_ = response;
  send(next(operation, content));
}

std::string LdapDialogue::next(char operation, const std::string& content) {
  return element(kSequence, element(kInteger, std::string(1, ++id_)) + element(operation, content));
}

}  // namespace

std::unique_ptr<Dialogue> ldap_dialogue(const CheckSpec& check) {
  return std::make_unique<LdapDialogue>(check);
}

}  // namespace ronda::probes
