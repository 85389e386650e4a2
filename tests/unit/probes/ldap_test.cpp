#include "tests/unit/probes/packets.hpp"

namespace ronda::probes {
namespace {

CheckSpec check_of(const char* login = nullptr) {
  PresetCheck made{.preset = Preset::ldap};
  if (login != nullptr) {
    made.login = *Login::parse(login, "f");
  }
  return {.kind = "ldap", .protocol = made};
}

template <std::size_t size>
std::string heard(const char (&bytes)[size]) {
  return "<" + octets(bytes);
}

void expect_rows(const CheckSpec& check, const std::vector<PacketRow>& rows) {
  expect_packet_rows([&] { return ldap_dialogue(check); }, rows);
}

}  // namespace

TEST_CASE("ldap: events and actions") {
  const std::string bind = R"(>0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\x00\x80\x00)";
  const std::string unbind = R"(>0\x05\x02\x01\x02B\x00)";
  const std::string wanted = "expected success in BindResponse, got ";
  expect_rows(
      check_of(),
      {
          {"up",
           {"open", heard("0\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"), "end"},
           {bind, unbind, "pass L7OK: bound anonymously"}},
          {"lengths in five octets",
           {"open", heard("0\x84\0\0\0\x10\x02\x01\x01\x61\x84\0\0\0\x07\x0a\x01\0\x04\0\x04\0")},
           {bind, unbind, "pass L7OK: bound anonymously"}},
          {"anonymous binds forbidden",
           {"open", heard("0\x1f\x02\x01\x01\x61\x1a\x0a\x01\x30\x04\0\x04\x13"
                          "anonymous forbidden")},
           {bind, unbind,
            "fail L7STS: " + wanted +
                "result 48 (inappropriateAuthentication) \"anonymous forbidden\""}},
          {"its password policy, as Active Directory words it",
           {"open", heard("0\x15\x02\x01\x01\x61\x10\x0a\x01\x31\x04\0\x04\x09"
                          "data 52e\0")},
           {bind, unbind, "fail L7STS: " + wanted + "result 49 (invalidCredentials) \"data 52e\""}},
          {"a referral",
           {"open", heard("0\x1a\x02\x01\x01\x61\x15\x0a\x01\x0a\x04\0\x04\0\xa3\x0c\x04\x0a"
                          "ldap://b/c")},
           {bind, unbind, "fail L7STS: " + wanted + "result 10 (referral)"}},
          {"a rare result, and controls",
           {"open", heard("0\x0e\x02\x01\x01\x61\x07\x0a\x01\x47\x04\0\x04\0\xa0\0")},
           {bind, unbind, "fail L7STS: " + wanted + "result 71"}},
          {"a result of two octets",
           {"open", heard("0\x0d\x02\x01\x01\x61\x08\x0a\x02\x10\0\x04\0\x04\0")},
           {bind, unbind, "fail L7STS: " + wanted + "result 4096"}},
          {"a notice of disconnection",
           {"open", heard("0\x28\x02\x01\0\x78\x23\x0a\x01\x34\x04\0\x04\x04"
                          "busy\x8a\x16"
                          "1.3.6.1.4.1.1466.20036")},
           {bind, "close",
            "fail L7STS: " + wanted +
                "a notice of disconnection, result 52 (unavailable) \"busy\""}},
      });
  CHECK(play(*ldap_dialogue(check_of()), {"open", "<220 mail\r\n"}) ==
        Lines{bind, "close", "fail L7RSP: " + wanted + "\"220 mail\\x0d\\x0a\""});
  CHECK(play(*ldap_dialogue(check_of()), {"open", "<0000000000000000000000"}).back() ==
        "fail L7RSP: " + wanted + "\"0000000000000000000000\"");

  expect_rows(check_of("cn=a\npw\n"),
              {{"logged in",
                {"open", heard("0\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0")},
                {R"(>0\x12\x02\x01\x01`\x0d\x02\x01\x03\x04\x04cn=a\x80\x02pw)", unbind,
                 "pass L7OK: bound"}},
               {"wrong password",
                {"open", heard("0\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\0\x04\0")},
                {R"(>0\x12\x02\x01\x01`\x0d\x02\x01\x03\x04\x04cn=a\x80\x02pw)", unbind,
                 "fail L7STS: " + wanted + "result 49 (invalidCredentials)"}}});
}

TEST_CASE("ldap: what is malformed, or too long, fails at once") {
  const std::string wanted = "fail L7RSP: expected success in BindResponse, got ";
  const auto last = [](const std::string& events) {
    CheckSpec check = check_of();
    check.read_limit = 512;
    const std::string whole = play(*ldap_dialogue(check), {"open", events}).back();
    CHECK(play(*ldap_dialogue(check), in_single_bytes({"open", events})).back().substr(0, 20) ==
          whole.substr(0, 20));
    return whole;
  };
  const std::string one = heard("\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0").substr(1);
  for (const std::string& malformed :
       {heard("0\0") + one, heard("0\x0b") + one, heard("0\x0d") + one + "x", heard("0\x80") + one,
        heard("0\x85\0\0\0\0\x0c") + one, heard("0\x0c\x02\x01\x01\x61\x7f\x0a\x01\0\x04\0\x04\0"),
        heard("0\x0c\x02\x01\x01\x61\x06\x0a\x01\0\x04\0\x04\0"),
        heard("0\x0c\x02\x01\x01\x61\x07\x04\x01\0\x04\0\x04\0"),
        heard("0\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\x01"),
        heard("0\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x05\0"),
        heard("0\x0b\x02\x01\x01\x61\x06\x0a\0\x04\0\x04\0"),
        heard("0\x08\x02\x01\x01\x61\x03\x0a\x01\0"),
        heard("0\x0c\x02\x01\x01\x65\x07\x0a\x01\0\x04\0\x04\0"),
        heard("0\x0d\x02\x02\0\x01\x61\x07\x0a\x01\0\x04\0\x04\0"),
        heard("0\x0c\x02\x01\0\x61\x07\x0a\x01\0\x04\0\x04\0")}) {
    CAPTURE(printable(malformed));
    CHECK_THAT(last(malformed), Catch::Matchers::StartsWith(wanted));
  }
  CHECK(last(heard("0\x84\x80\0\0\0\x02\x01\x01\x61\x07")) ==
        wanted + R"("0\x84\x80\x00\x00\x00\x02\x01\x01a\x07" in the 512 bytes of read_limit)");
}

TEST_CASE("ldap: TLS on the usual port") {
  CheckSpec check = check_of("cn=a\npw\n");
  check.tls = TlsMode::starttls;
  const std::string ask = R"(>0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037)";
  const std::string bind = R"(>0\x12\x02\x01\x02`\x0d\x02\x01\x03\x04\x04cn=a\x80\x02pw)";
  const std::string unbind = R"(>0\x05\x02\x01\x03B\x00)";
  const std::string bound = heard("0\x0c\x02\x01\x02\x61\x07\x0a\x01\0\x04\0\x04\0");
  const std::string yes = heard("0\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0");
  const std::string wanted = "expected success to StartTLS, got ";
  expect_rows(
      check,
      {
          {"as OpenLDAP says it",
           {"open", yes, "upgraded", bound},
           {ask, "tls", bind, unbind, "pass L7OK: bound"}},
          {"with long lengths, words and the name of the response",
           {"open",
            heard("0\x84\0\0\0\x2b\x02\x01\x01\x78\x84\0\0\0\x22\x0a\x01\0\x04\0\x04\x03"
                  "yes\x8a\x16"
                  "1.3.6.1.4.1.1466.20037"),
            "upgraded", bound},
           {ask, "tls", bind, unbind, "pass L7OK: bound"}},
          {"not offered",
           {"open", heard("0\x12\x02\x01\x01\x78\x0d\x0a\x01\x02\x04\0\x04\x06no TLS")},
           {ask, R"(>0\x05\x02\x01\x02B\x00)",
            "fail L7STS: " + wanted + "result 2 (protocolError) \"no TLS\""}},
          {"a bind's response to it",
           {"open", heard("0\x0c\x02\x01\x01\x61")},
           {ask, "close", "fail L7RSP: " + wanted + R"("0\x0c\x02\x01\x01a")"}},
          {"of another message",
           {"open", heard("0\x0c\x02\x01\x02")},
           {ask, "close", "fail L7RSP: " + wanted + R"("0\x0c\x02\x01\x02")"}},
          {"a message that never becomes whole",
           {"open", heard("0\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04"), "end"},
           {ask, "close",
            "fail L7RSP: " + wanted +
                R"("0\x0c\x02\x01\x01x\x07\x0a\x01\x00\x04", connection closed)"}},
          {"bytes after the answer",
           {"open", yes, "<x"},
           {ask, "tls", "close", "fail L7RSP: bytes came before the TLS handshake, got \"x\""}},
      });
  CHECK(play(*ldap_dialogue(check), {"open", yes + "x"}) ==
        Lines{ask, "close", "fail L7RSP: bytes before the TLS handshake (injected?), got \"x\""});
}

}  // namespace ronda::probes
