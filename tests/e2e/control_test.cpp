// The control socket from outside: crowds, closed doors, long words, and a config that is being
// mended meanwhile.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;

namespace {

// A daemon with one replica that is judged by words.
class Listener {
 public:
  Listener() {
    write_config(R"("fall": 1 )");
    // Nobody has said a word about the replica: unknown, and that from the daemon.
    REQUIRE(eventually(
        20s, [&] { return ask({"status"}).output.find("www.example.test") != std::string::npos; }));
  }

  void write_config(const std::string& more) const {
    folder_.write("ronda.json",
                  R"({ "control": { "socket": )" + json_text(socket()) +
                      R"( }, "checks": { "told": { "type": "passive", )" + more +
                      R"( } }, "services": [ { "name": "www.example.test", "type": "none",
                      "checks": ["told"], "replicas": [ { "name": "one", "address": "127.0.0.1" } ]
                      } ] })");
  }
  Arguments command(Arguments words) const {
    words.insert(words.end(), {"-c", (folder_ / "ronda.json").string()});
    return words;
  }
  Finished ask(const Arguments& words) const { return run_ronda(command(words)); }
  std::filesystem::path socket() const { return folder_ / "control.sock"; }
  const TempFolder& folder() const { return folder_; }
  Process& process() { return *process_; }

 private:
  std::unique_ptr<Process> begin() const {
    write_config(R"("fall": 1 )");
    ProcessOptions options;
    options.errors = folder_ / "run.err";
    return start_ronda(command({"run"}), options);
  }

  TempFolder folder_{};
  std::unique_ptr<Process> process_ = begin();
};

// Connections without a word, until one is refused for want of room.
class Crowd {
 public:
  Crowd(const std::filesystem::path& socket, int most) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    for (int i = 0; i < most; ++i) {
      const int one = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      members_.push_back(one);
      if (::connect(one, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        full_ = true;
        return;
      }
    }
  }
  ~Crowd() { leave(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  bool full() const { return full_; }
  void leave() {
    for (const int member : members_) {
      ::close(member);
    }
    members_.clear();
  }

 private:
  std::vector<int> members_{};
  bool full_ = false;
};

}  // namespace

TEST_CASE("a crowd on the control socket that has gone again has silenced it for nobody") {
  const Listener listener;
  Crowd crowd(listener.socket(), 70);
  // The daemon has taken as many as it takes when the others wait.
  CHECK(eventually(20s, [&] { return Crowd(listener.socket(), 70).full(); }));
  crowd.leave();
  const Finished status = run_ronda(listener.command({"status"}), {.limit = 10s});
  INFO(status.output << status.errors);
  CHECK_THAT(status.output, ContainsSubstring("www.example.test"));
}

TEST_CASE("who finds no room at a daemon that is busy for a moment tries again") {
  Listener listener;
  listener.process().pause();
  {
    const Crowd crowd(listener.socket(), 200);
    REQUIRE(crowd.full());
    const Finished refused = listener.ask({"report", "www.example.test/one", "pass"});
    CHECK(refused.code == 3);
    CHECK_THAT(refused.errors, ContainsSubstring("is asked by too many at once: try again later"));
    Errand errand({RONDA_BINARY, "report", "www.example.test/one", "pass", "-c",
                   (listener.folder() / "ronda.json").string()});
    listener.process().signal(SIGCONT);
    const Finished told = errand.finish();
    INFO(told.errors);
    CHECK(told.code == 0);
  }
}

TEST_CASE("who may not write to the socket is told who may") {
  const Listener listener;
  std::filesystem::permissions(listener.folder() / ".", std::filesystem::perms(0711));
  std::filesystem::permissions(listener.folder() / "ronda.json", std::filesystem::perms(0644));
  if (::geteuid() != 0) {
    FAIL("run this test as root: it asks as somebody else");
  }
  const std::string setpriv = require_program("setpriv", "util-linux");
  // The program itself may lie where nobody but root can go.
  const std::filesystem::path program = listener.folder() / "ronda";
  std::filesystem::copy_file(RONDA_BINARY, program);
  Arguments ask{setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", program.string()};
  const Arguments words = listener.command({"report", "www.example.test/one", "pass"});
  ask.insert(ask.end(), words.begin(), words.end());
  const Finished outside = run(ask);
  CHECK(outside.code == 3);
  CHECK_THAT(outside.errors,
             ContainsSubstring("cannot be asked: only the user root and the group root may write"));
}

TEST_CASE("of a word with a long reason what is kept of it is told") {
  const Listener listener;
  const Finished told = listener.ask({"report", "www.example.test/one", "fail", "--reason",
                                      "full " + std::string(40'000, '\xff')});
  INFO(told.errors);
  CHECK(told.code == 0);
  CHECK_THAT(listener.ask({"status", "--json"}).output,
             ContainsSubstring("reported fail: full \\\\xff"));
}

TEST_CASE(
    "while the config is being mended its daemon can be asked, and says what is wrong with it") {
  const Listener listener;
  listener.write_config(R"("fal": 1)");
  CHECK(listener.ask({"report", "www.example.test/one", "pass"}).code == 0);
  CHECK_THAT(listener.ask({"status"}).output, ContainsSubstring("www.example.test"));
  const Finished reload = listener.ask({"reload"});
  CHECK(reload.code != 0);
  CHECK_THAT(reload.errors, ContainsSubstring("\"fal\""));
}
