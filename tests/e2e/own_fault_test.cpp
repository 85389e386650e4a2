// What is our own fault is unknown and never a failure of the replica: `ronda probe` with too few
// descriptors, without a network, and from an address that is not ours, before replicas that are
// well.
#include <string>

#include <unistd.h>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/nginx.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using Catch::Matchers::StartsWith;

namespace {

constexpr std::uint16_t kPlain = 28'651;
constexpr std::uint16_t kTls = 28'652;
constexpr std::uint16_t kPlainTwo = 28'653;
constexpr std::uint16_t kTlsTwo = 28'654;
const char* const kChecks[] = {"web", "secured", "two",      "secured-two",
                               "led", "connect", "handshake"};

// UBSan looks at virtual tables through a pipe of its own and ends a program that has no descriptor
// left for it: what ronda itself says at so few only the plain build can show.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

struct Replica {
  TempFolder folder{};
  Certificates certificates = make_certificates(folder / "tls", "DNS:www.example.test");
  Nginx one{
      {.address = loopback(1), .port = kPlain, .tls_port = kTls, .certificates = certificates}};
  Nginx two{{.address = loopback(1),
             .port = kPlainTwo,
             .tls_port = kTlsTwo,
             .certificates = certificates,
             .http2 = true}};
  std::string config = write_config("");

  // `more` stands in every check.
  std::string write_config(const std::string& more) const {
    const auto check = [&](const char* name, const char* type, std::uint16_t port,
                           const std::string& keys) {
      return "\"" + std::string(name) + "\": { \"type\": \"" + type +
             "\", \"port\": " + std::to_string(port) +
             R"(, "server_name": "www.example.test", "ca_file": )" + json_text(certificates.ca) +
             keys + more + " }";
    };
    const std::string path = R"(, "path": "/health")";
    const std::string http2 = path + R"(, "http_version": "2")";
    const std::string checks =
        check("web", "http", kPlain, path) + ",\n" + check("secured", "https", kTls, path) + ",\n" +
        check("two", "http", kPlainTwo, http2) + ",\n" +
        check("secured-two", "https", kTlsTwo, http2) + ",\n" +
        check("led", "http", kPlain, R"(, "path": "/secure", "follow_redirects": true)") + ",\n" +
        check("connect", "tcp", kPlain, "") + ",\n" + check("handshake", "tls", kTls, "");
    std::string names;
    for (const char* name : kChecks) {
      names += (names.empty() ? "\"" : ", \"") + std::string(name) + "\"";
    }
    return folder
        .write("ronda.json",
               R"({ "checks": { )" + checks +
                   R"( }, "services": [ { "name": "web", "type": "none", "checks": [)" + names +
                   R"(], "replicas": [")" + loopback(1) + "\"] } ] }")
        .string();
  }

  Finished probe(const Arguments& before, const char* check) const {
    Arguments all = before;
    const Arguments command{RONDA_BINARY, "probe", check, loopback(1), "-c", config};
    all.insert(all.end(), command.begin(), command.end());
    return run(all);
  }
};

}  // namespace

TEST_CASE("too few descriptors, however few, make no check fail") {
  const Replica replica;
  const std::string prlimit = require_program("prlimit", "util-linux");
  for (const char* check : kChecks) {
    CAPTURE(check);
    int unknown = 0;
    for (int limit = 4; limit <= 40; limit += kSanitized ? 12 : 1) {
      const Finished finished =
          replica.probe({prlimit, "--core=0", "--nofile=" + std::to_string(limit)}, check);
      INFO(limit << " descriptors: " << finished.code << " " << finished.output << finished.errors);
      // With very few the program, its libraries or its loop cannot even begin.
      const bool began = !finished.output.empty();
      CHECK((!began || finished.code == 0 || finished.code == 3));
      CHECK_THAT(finished.output, !ContainsSubstring("FAIL"));
      CHECK_THAT(finished.errors, !ContainsSubstring("please report it"));
      unknown += finished.output.starts_with("UNKNOWN SOCKERR") ? 1 : 0;
      if (limit == 40) {
        CHECK(finished.code == 0);
      }
    }
    CHECK((unknown > 0 || kSanitized));
  }
}

TEST_CASE("what there is too little of to begin at all is named, with what to do") {
  if (kSanitized) {
    return;
  }
  const Replica replica;
  Arguments words{require_program("prlimit", "util-linux"), "--core=0", "--nofile=8"};
  const Finished said = replica.probe(words, "connect");
  INFO(said.errors);
  CHECK(said.code == 3);
  CHECK_THAT(said.errors,
             ContainsSubstring("Too many open files") && ContainsSubstring("ulimit -n"));
  words.insert(words.end(), {RONDA_BINARY, "check", "--json", "-c", replica.config});
  const Finished as_json = run(words);
  CHECK(as_json.code == 3);
  CHECK_THAT(as_json.output, ContainsSubstring("\"errors\"") && ContainsSubstring("ulimit -n"));
}

TEST_CASE("without a network of our own no check fails") {
  const Replica replica;
  // Whoever is not root needs a user namespace for it.
  Arguments alone{require_program("unshare", "util-linux"), ::geteuid() == 0 ? "-n" : "-rn"};
  for (const char* check : kChecks) {
    CAPTURE(check);
    const Finished finished = replica.probe(alone, check);
    INFO(finished.errors);
    CHECK(finished.code == 3);
    CHECK_THAT(finished.output, StartsWith("UNKNOWN SOCKERR " + std::string(check)));
    CHECK_THAT(finished.output, ContainsSubstring("no route to that network from here"));
  }
}

TEST_CASE("from an address that is not ours no check fails") {
  const Replica replica;
  replica.write_config(R"(, "source": "192.0.2.250")");
  for (const char* check : kChecks) {
    CAPTURE(check);
    const Finished finished = replica.probe({}, check);
    INFO(finished.output << finished.errors);
    CHECK(finished.code == 3);
    CHECK_THAT(finished.output, StartsWith("UNKNOWN SOCKERR "));
  }
}
