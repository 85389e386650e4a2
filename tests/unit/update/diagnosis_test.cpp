#include "dnsupdate/update/diagnosis.hpp"

#include <cerrno>

#include "tests/support/catch.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using std::chrono::seconds;

const DiagnosisContext kContext{.server = "192.0.2.53:53",
                                .zone = "example.com",
                                .key_name = "ronda",
                                .algorithm = "hmac-sha256"};

TEST_CASE("a sentence names cause and cure") {
  struct Row {
    Rcode rcode;
    std::optional<TsigError> error;
    std::optional<seconds> skew;
    std::vector<std::string> words;
  };
  const std::vector<Row> rows = {
      {Rcode::NOTAUTH, TsigError::BADKEY, {}, {"\"ronda\"", "hmac-sha256", "named.conf"}},
      {Rcode::NOTAUTH, TsigError::BADSIG, {}, {"\"ronda\"", "secret", "copy"}},
      {Rcode::NOTAUTH, TsigError::BADTIME, seconds(301), {"301 s ahead of", "NTP"}},
      {Rcode::NOTAUTH, TsigError::BADTIME, seconds(-7200), {"7200 s behind", "NTP"}},
      {Rcode::NOTAUTH, TsigError::BADTIME, {}, {"more than 300 s", "NTP"}},
      {Rcode::NOTAUTH, TsigError::BADTRUNC, {}, {"BADTRUNC"}},
      {Rcode::NOTAUTH, {}, {}, {"not the primary of zone \"example.com\"", "view"}},
      {Rcode::REFUSED, {}, {}, {"update-policy", "\"ronda\"", "rndc thaw"}},
      {Rcode::SERVFAIL, {}, {}, {"journal", "max-records-per-type"}},
      {Rcode::NXRRSET, {}, {}, {"another writer"}},
      {Rcode::NOTZONE, {}, {}, {"outside zone"}},
      {Rcode::NOTIMP, {}, {}, {"NOTIMP"}},
      {Rcode::FORMERR, {}, {}, {"FORMERR"}},
      {Rcode{23}, {}, {}, {"RCODE23"}},
  };
  for (const Row& row : rows) {
    const std::string text = diagnose_reply(kContext, row.rcode, row.error, row.skew);
    INFO(text);
    CHECK_THAT(text, ContainsSubstring("192.0.2.53:53") || ContainsSubstring("example.com"));
    for (const std::string& word : row.words) {
      CHECK_THAT(text, ContainsSubstring(word));
    }
  }
  CHECK(diagnose_reply(kContext, Rcode::NOERROR).empty());
}

TEST_CASE("no reply, or one that proves nothing") {
  const auto fault = [](net::Phase phase, int error) {
    return diagnose_fault(kContext, {.phase = phase, .error = error, .text = "the cause"});
  };
  CHECK(fault(net::Phase::connect, ECONNREFUSED) ==
        "connection to 192.0.2.53:53 refused: is named running and listening there?");
  CHECK_THAT(fault(net::Phase::connect, ETIMEDOUT), ContainsSubstring("firewall"));
  CHECK_THAT(fault(net::Phase::receive, ECONNRESET), ContainsSubstring("broke (the cause)"));
  CHECK_THAT(diagnose_fault(kContext, {.phase = net::Phase::open,
                                       .error = EMFILE,
                                       .origin = net::Origin::ours,
                                       .text = "too many open files"}),
             ContainsSubstring("this host") && ContainsSubstring("too many open files"));
  CHECK_THAT(diagnose_timeout(kContext, seconds(2)), ContainsSubstring("within 2s"));
  CHECK_THAT(diagnose_unauthenticated(kContext, Rcode::REFUSED, std::nullopt, "no signature"),
             ContainsSubstring("REFUSED") && ContainsSubstring("no signature"));
  CHECK(diagnose_unauthenticated(kContext, Rcode::NOTAUTH, TsigError::BADKEY, "x") ==
        diagnose_reply(kContext, Rcode::NOTAUTH, TsigError::BADKEY));
}

}  // namespace
}  // namespace ronda::test
