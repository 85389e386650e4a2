// ronda nsupdate where the way to the server matters: TLS, and servers that answer what nobody
// signed.
#include <atomic>
#include <thread>

#include "dnsupdate/wire/message.hpp"
#include "net/uv_loop.hpp"
#include "tests/e2e/site.hpp"
#include "tests/integration/dnsupdate/scripted_server.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named_process.hpp"

using namespace ronda::test;
using namespace ronda;

namespace {

constexpr const char* kKey = "hmac-sha256:ronda:c2VjcmV0";

// Answers every UPDATE with `rcode` and no signature, in a thread of its own.
class Forger {
 public:
  explicit Forger(dnsupdate::Rcode rcode) : thread_([this, rcode] { serve(rcode); }) {
    while (port_ == 0) {
      std::this_thread::yield();
    }
  }
  ~Forger() {
    done_ = true;
    thread_.join();
  }
  Forger(const Forger&) = delete;
  Forger& operator=(const Forger&) = delete;

  std::string port() const { return std::to_string(port_); }

 private:
  void serve(dnsupdate::Rcode rcode) {
    net::UvLoop loop;
    const ScriptedServer server(
        loop, ScriptedServer::Script([rcode](const dnsupdate::Bytes& asked) {
          auto reply = dnsupdate::read_message(asked).value();
          reply.header.qr = true;
          reply.header.rcode = static_cast<std::uint8_t>(rcode);
          reply.additional.clear();
          reply.authority.clear();
          return Performance{.messages = {dnsupdate::write_message(reply).value()}};
        }));
    port_ = server.port();
    net::Handle timer;
    const std::function<void()> look = [&] {
      if (done_) {
        loop.stop();
        return;
      }
      timer = loop.at(loop.now() + std::chrono::milliseconds(10), look);
    };
    look();
    loop.run();
    timer.reset();
  }

  std::atomic<std::uint16_t> port_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

Finished run_lines(const std::string& lines, const Arguments& options) {
  Arguments arguments{"nsupdate"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  RunOptions run;
  run.input = lines;
  return run_ronda(arguments, run);
}

}  // namespace

TEST_CASE("success that nobody signed is no success") {
  const Forger forger(dnsupdate::Rcode::NOERROR);
  const Finished run = run_lines("server 127.0.0.1 " + forger.port() +
                                     "\nzone example.com\nadd a.example.com 60 A 192.0.2.1\nsend\n"
                                     "answer\n",
                                 {"-y", kKey});
  INFO(run.errors);
  CHECK(run.code == 2);
  CHECK(run.output == "");
  CHECK_THAT(run.errors, ContainsSubstring("; TSIG error with server: "));
  CHECK_THAT(run.errors, ContainsSubstring("; the outcome is unknown: "));
  CHECK(run.errors.find("update failed") == std::string::npos);
}

TEST_CASE("a refusal that nobody signed leaves the outcome open") {
  const Forger forger(dnsupdate::Rcode::REFUSED);
  const Finished run = run_lines("server 127.0.0.1 " + forger.port() +
                                     "\nzone example.com\nadd a.example.com 60 A 192.0.2.1\nsend\n",
                                 {"-y", kKey});
  INFO(run.errors);
  CHECK(run.code == 2);
  CHECK_THAT(run.errors, ContainsSubstring("update failed: REFUSED"));
  CHECK_THAT(run.errors, ContainsSubstring("; the outcome is unknown: "));
}

TEST_CASE("updates over TLS, and no clear text where the certificate is not good") {
  const TempFolder folder;
  const Certificates certificates =
      make_certificates(folder.path(), "DNS:ns.example.com,IP:127.0.0.1");
  const std::uint16_t port = find_free_port("127.0.0.1");
  NamedOptions options;
  options.options = "listen-on port " + std::to_string(port) + " tls ours { 127.0.0.1; };";
  options.statements = "tls ours { cert-file \"" + certificates.certificate.string() +
                       "\"; key-file \"" + certificates.key.string() + "\"; };";
  const Named named(options);
  const auto send = [&](const std::string& owner, Arguments more) {
    more.insert(more.end(), {"-k", named.key_path(), "-p", std::to_string(port)});
    return run_lines(
        "server 127.0.0.1\nupdate add " + owner + ".example.com 60 A 192.0.2.1\nsend\n", more);
  };
  const Finished good = send("a", {"-S", "-A", certificates.ca.string()});
  INFO(good.errors);
  CHECK(good.code == 0);
  CHECK(send("b", {"-S", "-A", certificates.ca.string(), "-H", "ns.example.com"}).code == 0);
  CHECK(send("c", {"-O"}).code == 0);
  CHECK(named.lookup("a.example.com") == Addresses{"192.0.2.1"});
  CHECK(named.lookup("c.example.com") == Addresses{"192.0.2.1"});
  const std::uint64_t updates = named.update_count();
  CHECK(send("d", {"-S"}).code != 0);
  CHECK(send("d", {"-A", certificates.ca.string(), "-H", "other.example.com"}).code != 0);
  CHECK(send("d", {}).code != 0);  // plain DNS towards a TLS port
  CHECK(named.update_count() == updates);
}
