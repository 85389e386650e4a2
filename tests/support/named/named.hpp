// A real BIND primary for tests: the named of this machine, 9.18 or 9.20, on loopback in a folder
// of its own, with one zone, one TSIG key and a statistics channel. It is no model of a server:
// what it answers is what BIND answers. Everything throws std::runtime_error with a sentence;
// without the Debian package bind9 it does too, so a test fails instead of being skipped.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace ronda::test {

struct NamedOptions {
  std::string zone = "example.com";
  // The zone file. Empty: $TTL 60, SOA with serial 1, NS ns, ns A 127.0.0.1, and nothing else.
  std::string zone_text{};
  // Statements inside the zone block, as who may change what. The key is called key_name.
  std::string zone_options = "update-policy { grant ronda zonesub ANY; };";
  std::string options{};     // more statements inside options { }
  std::string statements{};  // more statements at the top level: keys, zones, views
  // Statements of the view that the zone is in; empty: there are no views.
  std::string view{};
  // More files in its folder, by name: zones that `statements` speak of.
  std::map<std::string, std::string> files{};
  bool recursion = false;
  bool control = false;  // a control channel, for rndc()
  std::string key_name = "ronda";
  std::string algorithm = "hmac-sha256";
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                  // 0: a free one in 20001 to 32767
  std::vector<std::string> environment{};  // "NAME=value", added to the test's own
};

// "9.18": the release of the named under test, where releases differ.
std::string named_series();

class Named {
 public:
  explicit Named(NamedOptions options = {});  // starts it and waits until it answers
  ~Named();                                   // kills it and removes the folder
  Named(const Named&) = delete;
  Named& operator=(const Named&) = delete;

  void start();   // again, on the same port and with the zone as it was left
  void stop();    // SIGTERM, in good order
  void kill();    // SIGKILL: nothing is said to anybody
  void pause();   // SIGSTOP: connections stay, answers do not come
  void resume();  // SIGCONT
  bool running() const { return process_ > 0; }

  const std::string& address() const { return options_.address; }
  std::uint16_t port() const { return port_; }
  std::string server() const;  // "127.0.0.1:25301"
  const std::string& folder() const { return folder_; }
  std::string key_path() const { return folder_ + "/" + options_.key_name + ".key"; }
  // A key file with another secret or another name, for tests of what goes wrong.
  std::string write_key(const std::string& file, const std::string& key_name) const;
  std::string log() const;  // everything named said so far

  // Runs rndc (Debian package bind9-utils) and returns what it says; throws when it fails.
  std::string rndc(const std::vector<std::string>& words) const;
  // Changes named.conf and has it read again; needs `control`. The zone files stay as they are.
  void reconfigure(const std::function<void(NamedOptions&)>& change);
  // The main zone's journal; empty before the first change.
  std::string journal_path() const { return folder_ + "/zone.db.jnl"; }

  // UPDATE messages received since the start, whatever became of them.
  std::uint64_t update_count() const;
  // UPDATE messages carried out since the start, also those that changed nothing.
  std::uint64_t update_done_count() const;
  // The answer of `dig +short`, sorted; empty when there is none.
  std::vector<std::string> lookup(const std::string& name, const std::string& type = "A") const;
  std::uint64_t serial() const;  // of the zone's SOA

 private:
  std::uint16_t find_another_port() const;
  void write_files() const;
  void write_configuration() const;
  std::uint64_t statistic(const std::string& section, const std::string& name) const;
  std::string controls_text() const;
  void wait_until_ready(std::size_t log_offset);

  NamedOptions options_;
  std::string folder_{};
  std::uint16_t port_ = 0;
  std::uint16_t statistics_port_ = 0;
  std::uint16_t control_port_ = 0;
  pid_t process_ = -1;
};

}  // namespace ronda::test
