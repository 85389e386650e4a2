// What servers write into their logs of visits by ronda: nothing that looks like an error, also
// where the command ends with the visit.
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>

#include <unistd.h>

#include "tests/e2e/site.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/bed/postfix.hpp"
#include "tests/support/bed/unpacked.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;

namespace {

constexpr std::uint16_t kPort = 28'661;
constexpr std::uint16_t kPassivePort = 28'670;
constexpr int kVisits = 4;

// One replica that a daemon visits once, and whoever is told to by hand.
std::string config_text(const std::string& check) {
  return R"({ "checks": { "door": { )" + check +
         R"( } }, "defaults": { "interval": "10m", "fast_interval": "100ms", "rise": 2 },)" +
         R"( "services": [ { "name": "door", "type": "none", "checks": ["door"], "replicas": [")" +
         loopback(1) + "\"] } ] }";
}

std::string over_tls(const char* type, const Certificates& certificates) {
  return R"("type": ")" + std::string(type) + R"(", "port": )" + std::to_string(kPort) +
         R"(, "server_name": "www.example.test", "tls": "starttls", "ca_file": )" +
         json_text(certificates.ca);
}

int count_of(const std::string& text, std::string_view word) {
  int count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

void has_no_complaint(const std::string& log) {
  CHECK_FALSE(log.empty());
  for (const char* word : {"rror", "nexpected", "roken pipe", "reset", "lost connection", "imeout",
                           "arning", "fatal", "SSL_"}) {
    CHECK_THAT(log, !ContainsSubstring(word));
  }
}

// By `probe`, by `check` and by `run`. `ended` counts in a log who has gone after a QUIT.
template <typename Ended>
void visit(const TempFolder& folder, const Ended& ended) {
  const std::string config = (folder / "ronda.json").string();
  for (int visits = 0; visits < kVisits; ++visits) {
    const Finished probed = run_ronda({"probe", "door", loopback(1), "-c", config});
    CHECK_THAT(probed.output, StartsWith("PASS L7OK door "));
    const Finished checked = run_ronda({"check", "-c", config});
    INFO(checked.output << checked.errors);
    CHECK(checked.code == 0);
  }
  const int before = ended();
  ProcessOptions options;
  options.output = folder / "run.out";
  options.errors = folder / "run.err";
  const auto daemon = start_ronda({"run", "-c", config}, options);
  CHECK(eventually(20s, [&] { return ended() > before; }));
  daemon->signal(SIGTERM);
  CHECK(daemon->wait().code == 0);
}

}  // namespace

TEST_CASE("goodbye: an FTP server over TLS has nothing to complain of") {
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "DNS:www.example.test");
  folder.write("ronda.json", config_text(over_tls("ftp", certificates)));
  SECTION("ProFTPD") {
    Proftpd server(loopback(1), kPort, kPassivePort, certificates);
    visit(folder, [&] { return count_of(server.command_log(), "QUIT 221"); });
    server.stop();
    has_no_complaint(server.trouble_log() + server.log());
  }
  SECTION("vsftpd") {
    Vsftpd server(loopback(1), kPort, kPassivePort, certificates);
    visit(folder, [&] { return count_of(server.protocol_log(), "\"221 "); });
    server.stop();
    has_no_complaint(server.protocol_log() + server.log());
  }
}

TEST_CASE("goodbye: a mail server over TLS has nothing to complain of") {
  if (::geteuid() != 0) {
    WARN("Postfix needs root: run this test as root to see it");
    return;
  }
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "DNS:www.example.test");
  folder.write("ronda.json", config_text(over_tls("smtp", certificates)));
  Postfix server(loopback(1), kPort, certificates);
  visit(folder, [&] { return count_of(server.log(), " quit=1 "); });
  server.stop();
  has_no_complaint(server.log());
}

TEST_CASE("goodbye: a server that is silent to it delays no report, and the end by half a second") {
  const TempFolder folder;
  const std::filesystem::path output = folder / "out";
  ScriptedServer server(
      [&](Peer& peer) {
        peer.write("220 ready\r\n");
        const std::string last = peer.line();
        peer.rest();
        server.note(last + ", and the report: " + read_file(output));
      },
      loopback(1));
  folder.write("ronda.json",
               config_text(R"("type": "ftp", "port": )" + std::to_string(server.endpoint().port)));
  const std::string config = (folder / "ronda.json").string();
  for (const Arguments& command :
       {Arguments{"probe", "door", loopback(1), "-c", config}, Arguments{"check", "-c", config}}) {
    CAPTURE(command.front());
    const std::size_t before = server.notes().size();
    ProcessOptions options;
    options.output = output;
    std::filesystem::remove(output);
    const auto started = std::chrono::steady_clock::now();
    CHECK(start_ronda(command, options)->wait().code == 0);
    CHECK(std::chrono::steady_clock::now() - started > 500ms);
    REQUIRE(eventually(20s, [&] { return server.notes().size() > before; }));
    CHECK_THAT(server.notes().back(), StartsWith("QUIT, and the report: "));
    CHECK_THAT(server.notes().back(), ContainsSubstring(": 220 ready"));
  }
}
