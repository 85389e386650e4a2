// ronda nsupdate where the way to the server matters: TLS, and servers that answer what nobody
// signed.
#include <atomic>
#include <thread>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/tsig.hpp"
#include "net/uv_loop.hpp"
#include "tests/e2e/site.hpp"
#include "tests/e2e/udp_relay.hpp"
#include "tests/integration/dnsupdate/scripted_server.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named_process.hpp"

using namespace ronda::test;
using namespace ronda;

namespace {

constexpr const char* kKey = "hmac-sha256:ronda:c2VjcmV0";

dnsupdate::Message reply_to(const dnsupdate::Bytes& asked, dnsupdate::Rcode rcode) {
  auto reply = dnsupdate::read_message(asked).value();
  reply.header.qr = true;
  reply.header.rcode = static_cast<std::uint8_t>(rcode);
  reply.answer.clear();
  reply.authority.clear();
  reply.additional.clear();
  return reply;
}

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
          return Performance{
              .messages = {dnsupdate::write_message(reply_to(asked, rcode)).value()}};
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

TEST_CASE("a server that speaks only UDP") {
  const Named named;
  const UdpRelay relay(named.port(), {});
  const std::string server = "server 127.0.0.1 " + relay.port() + "\n";
  const std::string update = "update add a.example.com 60 A 192.0.2.1\nsend\n";
  const Finished found = run_lines(server + update, {"-k", named.key_path()});
  INFO(found.errors);
  CHECK(found.code == 0);
  CHECK(found.errors == "");
  CHECK(run_lines(server + "zone example.com\n" + update + "del b.example.com\nsend\n",
                  {"-k", named.key_path()})
            .code == 0);
  CHECK(relay.updates() == 3);
  CHECK(named.lookup("a.example.com") == Addresses{"192.0.2.1"});
  const Finished stream =
      run_lines(server + "zone example.com\n" + update, {"-v", "-k", named.key_path()});
  CHECK(stream.code == 2);
  CHECK_THAT(stream.errors, ContainsSubstring("; Communication with 127.0.0.1#" + relay.port()));
  CHECK(stream.errors.find("unknown") == std::string::npos);  // nothing was sent
  CHECK(relay.updates() == 3);
}

TEST_CASE("forged replies are waited out over UDP, where nsupdate believes them") {
  const Named named;
  using dnsupdate::Bytes;
  using dnsupdate::Rcode;
  const auto unsigned_reply = [](Rcode rcode) {
    return [rcode](const Bytes& asked) {
      return std::vector<Bytes>{dnsupdate::write_message(reply_to(asked, rcode)).value()};
    };
  };
  const auto of_another_key = [](const Bytes& asked) {
    dnsupdate::TsigKey key{.name = dnsupdate::Name::parse("ronda").value()};
    key.secret = net::Secret(Bytes(32, std::byte{7}));
    const net::WallTime now = std::chrono::system_clock::now();
    const Bytes reply = dnsupdate::write_message(reply_to(asked, Rcode::REFUSED)).value();
    return std::vector<Bytes>{dnsupdate::tsig_sign(reply, key, now).octets};
  };
  const auto bad_key = [](const Bytes& asked) {
    // As named answers a key that it does not know: a TSIG record without a MAC.
    dnsupdate::Message reply = reply_to(asked, Rcode::NOTAUTH);
    dnsupdate::ResourceRecord tsig = dnsupdate::read_message(asked).value().additional.back();
    constexpr std::size_t kBehindAlgorithm = 13 + 8;  // "hmac-sha256", time, fudge
    tsig.rdata = tsig.rdata.substr(0, kBehindAlgorithm) + std::string(2, '\0') +
                 std::string(tsig.rdata.end() - 6, tsig.rdata.end() - 4) +
                 std::string("\0\x11\0\0", 4);
    reply.additional.push_back(tsig);
    return std::vector<Bytes>{dnsupdate::write_message(reply).value()};
  };
  const std::vector<std::pair<std::string, std::function<std::vector<Bytes>(const Bytes&)>>> all{
      {"unsigned NOERROR", unsigned_reply(Rcode::NOERROR)},
      {"unsigned SERVFAIL", unsigned_reply(Rcode::SERVFAIL)},
      {"unsigned REFUSED", unsigned_reply(Rcode::REFUSED)},
      {"another key's REFUSED", of_another_key},
      {"BADKEY", bad_key},
      {"garbage", [](const Bytes&) { return std::vector<Bytes>{Bytes(40, std::byte{0xff})}; }},
      {"nothing", [](const Bytes&) { return std::vector<Bytes>(); }}};
  // From 9.20 on it gives up at garbage, too.
  const Finished version = ronda::test::run({"nsupdate", "-V"});
  const bool old_nsupdate = (version.output + version.errors).starts_with("nsupdate 9.18");
  int number = 0;
  for (const auto& [what, forge] : all) {
    const UdpRelay relay(named.port(), {.before = forge});
    const std::string owner = "f" + std::to_string(++number);
    const auto script = [&](const std::string& name) {
      return "server 127.0.0.1 " + relay.port() + "\nzone example.com\nupdate add " + name +
             ".example.com 60 A 192.0.2.1\nsend\n";
    };
    const Finished run = run_lines(script(owner), {"-k", named.key_path()});
    INFO(what << ": " << run.errors);
    CHECK(run.code == 0);
    CHECK(run.errors == "");
    CHECK(relay.updates() == 1);
    CHECK(named.lookup(owner + ".example.com") == Addresses{"192.0.2.1"});
    RunOptions theirs;
    theirs.input = script("t" + owner);
    const bool fooled = what != "nothing" && (what != "garbage" || !old_nsupdate);
    CHECK(ronda::test::run({"nsupdate", "-k", named.key_path()}, theirs).code == (fooled ? 2 : 0));
    CHECK(named.lookup("t" + owner + ".example.com") == Addresses{"192.0.2.1"});
  }
}

TEST_CASE("a lost answer over UDP: the update goes once more") {
  const Named named;
  const auto send = [&](const UdpRelay& relay, const std::string& lines) {
    return run_lines("server 127.0.0.1 " + relay.port() + "\nzone example.com\n" + lines + "send\n",
                     {"-u", "1", "-r", "2", "-k", named.key_path()});
  };
  const UdpRelay one(named.port(), {.lost_replies = 1});
  const Finished plain = send(one, "update add g.example.com 60 A 192.0.2.1\n");
  INFO(plain.errors);
  CHECK(plain.code == 0);
  CHECK(one.updates() == 2);

  // The first copy was carried out; the prerequisite of the second does not hold any more.
  const UdpRelay two(named.port(), {.lost_replies = 1});
  const Finished guarded =
      send(two, "prereq nxdomain h.example.com\nupdate add h.example.com 60 A 192.0.2.1\n");
  CHECK(guarded.code == 2);
  CHECK_THAT(guarded.errors, ContainsSubstring("update failed: YXDOMAIN"));
  CHECK_THAT(guarded.errors, ContainsSubstring("; the outcome is unknown: "));
  CHECK(named.lookup("h.example.com") == Addresses{"192.0.2.1"});

  const UdpRelay none(named.port(), {.lost_replies = 9});
  const Finished silent = send(none, "update add i.example.com 60 A 192.0.2.1\n");
  CHECK(silent.code == 2);
  CHECK_THAT(silent.errors, ContainsSubstring("; the outcome is unknown: "));
  CHECK(none.updates() == 3);
}
