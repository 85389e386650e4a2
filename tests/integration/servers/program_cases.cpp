// The program itself before every server: what `ronda check`, `run`, `doctor`, `init`, `try` and
// `nsupdate` make of a zone, with two replicas on loopback and one record made by hand.
#include <memory>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "net/client_socket.hpp"
#include "net/descriptor.hpp"
#include "tests/integration/servers/bench_of_cases.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/bed/process.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using nlohmann::json;

constexpr const char* kReplicas[] = {"127.0.0.2", "127.0.0.3"};

// Takes connections as long as it is open: the kernel does, nobody answers.
class Door {
 public:
  Door(const char* address, std::uint16_t port)
      : place_{net::IpAddress::parse(address).value(), port} {}

  void open() {
    socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int again = 1;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &again, sizeof(again));
    const net::SocketAddress address = net::to_socket_address(place_);
    if (::bind(socket_.get(), address.get(), address.length) != 0 ||
        ::listen(socket_.get(), 1000) != 0) {
      throw std::runtime_error("cannot listen on " + place_.to_string());
    }
  }
  void close() { socket_.reset(); }

 private:
  net::Endpoint place_;
  net::Descriptor socket_{};
};

// Two replicas that live, and a config for their name.
class Watch {
 public:
  Watch(CaseBench& bench, const std::string& label)
      : bench_(bench),
        label_(label),
        owner_(label + ".example.com"),
        port_(find_free_port(kReplicas[0])),
        first_(kReplicas[0], port_),
        second_(kReplicas[1], port_) {
    first_.open();
    second_.open();
    write_config("example.com", bench.key());
  }

  void write_config(const std::string& zone, const ServerKey& key) const {
    const std::string& folder = bench_.place().folder;
    const std::string key_file = bench_.write_key(key);
    write_file(config(), R"({ "zones": [{ "zone": ")" + zone + R"(", "primary": ")" +
                             bench_.server() + R"(", "key_file": ")" + key_file +
                             R"(", "reconcile": "1s" }],
  "defaults": { "interval": "500ms", "fast_interval": "100ms", "timeout": "500ms", "fall": 2,
    "rise": 2, "grace": "2s" },
  "control": { "socket": ")" +
                             folder + R"(/control.sock" }, "state_dir": ")" + folder +
                             R"(/state",
  "services": [{ "name": ")" +
                             label_ + "." + zone + R"(", "checks": [{ "type": "tcp", "port": )" +
                             std::to_string(port_) + R"( }], "replicas": [")" + kReplicas[0] +
                             R"(", ")" + kReplicas[1] + R"("] }] })");
  }

  Door& first() { return first_; }
  Door& second() { return second_; }
  std::string config() const { return bench_.place().folder + "/" + owner_ + ".json"; }
  std::string published() const { return join(bench_.lookup(owner_)); }

  // "1 applied +1: 127.0.0.3": exit code, outcome, how far the serial went, what is published.
  std::string check() const {
    const std::uint64_t before = bench_.serial();
    const Finished finished = run({RONDA_BINARY, "check", "-c", config(), "--json"});
    const json report = json::parse(finished.output, nullptr, false);
    if (!report.is_object() || report.at("services").empty()) {
      return "no report: " +
             (report.is_object() ? report.dump() : finished.output + finished.errors);
    }
    const json& update = report.at("services").at(0).at("update");
    return std::to_string(finished.code) + " " + update.at("outcome").get<std::string>() + " +" +
           std::to_string(bench_.serial() - before) + ": " + published();
  }
  // Waits until this is published, or says what is.
  std::string becomes(const std::string& wanted) const {
    return eventually(std::chrono::seconds(20), [&] { return published() == wanted; })
               ? wanted
               : "not " + wanted + " but " + published();
  }

 private:
  CaseBench& bench_;
  std::string label_;
  std::string owner_;
  std::uint16_t port_;
  Door first_;
  Door second_;
};

std::string check(CaseBench& bench) {
  Watch watch(bench, "guarded");
  std::string said = watch.check();
  watch.first().close();
  said += "; one dead " + watch.check();
  said += "; again " + watch.check();
  watch.second().close();
  said += "; both dead " + watch.check();
  watch.first().open();
  watch.second().open();
  return said + "; both back " + watch.check();
}

std::string daemon(CaseBench& bench) {
  Watch watch(bench, "watched");
  const std::uint64_t before = bench.serial();
  Process process({RONDA_BINARY, "run", "-c", watch.config()},
                  {.errors = bench.place().folder + "/daemon.log"});
  watch.second().close();
  std::string said = watch.becomes("127.0.0.2 192.0.2.77");
  watch.second().open();
  said += "; " + watch.becomes("127.0.0.2 127.0.0.3 192.0.2.77");
  const Ended ended = process.stop();
  return said + "; +" + std::to_string(bench.serial() - before) + ", exit " +
         std::to_string(ended.code);
}

std::string doctor(CaseBench& bench, const Watch& watch, const std::vector<std::string>& more) {
  const std::uint64_t before = bench.serial();
  std::vector<std::string> command{RONDA_BINARY,
                                   "doctor",
                                   "-c",
                                   watch.config(),
                                   "--json",
                                   "--ns-port",
                                   std::to_string(bench.place().port)};
  command.insert(command.end(), more.begin(), more.end());
  const Finished finished = run(command);
  const json report = json::parse(finished.output, nullptr, false);
  if (!report.is_object()) {
    return "no report: " + (report.is_object() ? report.dump() : finished.output + finished.errors);
  }
  std::string grade;
  std::string said = std::to_string(finished.code);
  for (const json& finding : report.at("findings")) {
    if (finding.at("grade") != grade) {
      grade = finding.at("grade");
      said += " " + grade + ":";
    }
    said += " " + finding.at("topic").get<std::string>();
  }
  return said + "; +" + std::to_string(bench.serial() - before);
}

std::string doctor(CaseBench& bench) {
  return doctor(bench, Watch(bench, "guarded"), {});
}

std::string doctor_that_writes(CaseBench& bench) {
  return doctor(bench, Watch(bench, "guarded"), {"--write-test"});
}

std::string doctor_with_key(CaseBench& bench, const ServerKey& key) {
  const Watch watch(bench, "guarded");
  watch.write_config("example.com", key);
  return doctor(bench, watch, {});
}

std::string doctor_of_zone(CaseBench& bench) {
  const Watch watch(bench, "guarded");
  watch.write_config("example.net", bench.key());
  return doctor(bench, watch, {});
}

std::string init(CaseBench& bench) {
  const std::string file = bench.place().folder + "/drafted.json";
  const Finished made =
      run({RONDA_BINARY, "init", "example.com", "--server", bench.server(), "-k", bench.key_path(),
           "--type", "http", "--port", "80", "--path", "/", "-o", file});
  const std::size_t start = made.errors.find("drafted.json: ");
  const Finished valid = run({RONDA_BINARY, "validate", "-c", file});
  return std::to_string(made.code) + " " +
         (start == std::string::npos
              ? made.errors
              : made.errors.substr(start + 14, made.errors.find(" in ", start) - start - 14)) +
         ", validate " + std::to_string(valid.code);
}

std::string attempt(CaseBench& bench) {
  const Watch watch(bench, "guarded");
  const Finished finished =
      run({RONDA_BINARY, "try", "ns.example.com", "--server", bench.server(), "--type", "tcp",
           "--port", std::to_string(bench.place().port), "--json"});
  const json report = json::parse(finished.output, nullptr, false);
  if (!report.is_object()) {
    return "no report: " + (report.is_object() ? report.dump() : finished.output + finished.errors);
  }
  const json& replica = report.at("services").at(0).at("replicas").at(0);
  return std::to_string(finished.code) + " " + replica.at("address").get<std::string>() + " " +
         replica.at("state").get<std::string>();
}

std::string nsupdate(CaseBench& bench) {
  const std::string head =
      "server " + bench.place().address + " " + std::to_string(bench.place().port) + "\n";
  const auto script = [&](const std::string& text) {
    return run({RONDA_BINARY, "nsupdate", "-k", bench.key_path()}, {.input = head + text});
  };
  const Finished added = script(
      "prereq nxdomain script.example.com\nupdate add script.example.com 60 A 192.0.2.1\n"
      "update add script.example.com 60 TXT \"by hand\"\nsend\n");
  std::string said = std::to_string(added.code) + " " + join(bench.lookup("script.example.com"));
  const Finished denied =
      script("prereq nxdomain script.example.com\nupdate delete script.example.com\nsend\n");
  said +=
      "; " + std::to_string(denied.code) + " " + denied.errors.substr(0, denied.errors.find('\n'));
  const Finished removed =
      script("update delete script.example.com A\nupdate delete script.example.com TXT\nsend\n");
  return said + "; " + std::to_string(removed.code) + " " +
         join(bench.lookup("script.example.com"));
}

}  // namespace

std::vector<ServerCase> program_cases() {
  return {
      {"ronda check", check,
       "0 unchanged +0: 127.0.0.2 127.0.0.3 192.0.2.77; "
       "one dead 1 applied +1: 127.0.0.3 192.0.2.77; "
       "again 1 unchanged +0: 127.0.0.3 192.0.2.77; "
       "both dead 2 unchanged +0: 127.0.0.3 192.0.2.77; "
       "both back 0 applied +1: 127.0.0.2 127.0.0.3 192.0.2.77"},
      {"ronda run", daemon, "127.0.0.2 192.0.2.77; 127.0.0.2 127.0.0.3 192.0.2.77; +2, exit 0"},
      {"ronda doctor", doctor, "0 ok: key clock updates skip: journal ok: version policy; +0"},
      {"ronda doctor --write-test", doctor_that_writes,
       "0 ok: key clock updates journal version policy; +2"},
      {"ronda doctor: an unknown key",
       [](CaseBench& bench) {
         return doctor_with_key(bench, {.name = "stranger", .secret = random_base64(48)});
       },
       "2 bad: key; +0"},
      {"ronda doctor: a wrong secret",
       [](CaseBench& bench) {
         return doctor_with_key(bench, {.name = "ronda", .secret = random_base64(48)});
       },
       "2 bad: key; +0"},
      {"ronda doctor: a key that may change nothing",
       [](CaseBench& bench) { return doctor_with_key(bench, bench.keys().back()); },
       "2 ok: key clock updates skip: journal ok: version bad: policy; +0",
       {{"Knot", "2 bad: key; +0"}, {"PowerDNS", "2 ok: key clock bad: updates ok: version; +0"}}},
      {"ronda doctor: a zone the server does not have",
       doctor_of_zone,
       "2 ok: key clock bad: zone; +0",
       {{"Knot", "2 bad: key; +0"}}},
      {"ronda init -k", init, "0 17 services, validate 0"},
      {"ronda try", attempt, "0 127.0.0.1 up"},
      {"ronda nsupdate", nsupdate, "0 192.0.2.1; 2 update failed: YXDOMAIN; 0 nothing"},
  };
}

}  // namespace ronda::test
