// The commands of the program, each a struct of what was asked on the command line and a function
// that does it and returns the exit code. One .cpp a command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/first/guess.hpp"
#include "net/address.hpp"
#include "net/time.hpp"

namespace ronda::agent {

constexpr int kExitUnknown = 3;     // Nagios: could not judge
constexpr int kExitUsage = 64;      // sysexits: EX_USAGE
constexpr int kExitBadConfig = 78;  // EX_CONFIG

struct ValidateCommand {
  std::filesystem::path config{};
  bool json = false;
};

// `check` and `plan`.
struct JudgeCommand {
  bool plan = false;  // never writes
  std::filesystem::path config{};
  std::vector<std::string> services{};  // ids; empty: all
  bool json = false;
  bool quiet = false;    // prints only changes and trouble
  bool verbose = false;  // log lines on stderr
  net::Duration lock_wait = std::chrono::seconds(60);
};

struct RunCommand {
  std::filesystem::path config{};
};

// How to find the daemon: an explicit socket wins over the config's.
struct DaemonAddress {
  std::filesystem::path config{};
  bool config_given = false;
  std::optional<std::filesystem::path> socket{};
};

struct StatusCommand {
  DaemonAddress daemon{};
  bool json = false;
};

struct ReloadCommand {
  DaemonAddress daemon{};
};

struct ReportCommand {
  DaemonAddress daemon{};
  std::string replica{};  // SERVICE/REPLICA, wildcards allowed
  std::string verdict{};  // pass, warn or fail
  std::string reason{};
};

struct DemoCommand {
  bool script = false;  // for documents and CI: no colour
};

struct DoctorCommand {
  std::filesystem::path config{};
  bool json = false;
  // A name at which a TXT record may come and go; empty: _ronda.ZONE in each zone.
  std::optional<std::string> write_test{};
  std::optional<std::uint16_t> name_server_port{};  // 53
};

// The arguments as they stand: they follow nsupdate's rules, not this program's.
struct NsupdateCommand {
  std::vector<std::string> arguments{};
};

struct TryCommand {
  std::string name{};
  std::optional<net::HostPort> server{};
  Wishes wishes{};
  bool json = false;
};

struct InitCommand {
  std::string zone{};
  std::optional<net::HostPort> server{};
  std::string key_file{};  // empty: none yet
  std::string key_name{};
  std::vector<std::string> names{};  // empty: every name of the zone
  Wishes wishes{};
  std::string output{};  // a file, "-" for stdout
};

struct ProbeCommand {
  std::filesystem::path config{};
  std::string check{};
  std::string target{};  // ADDRESS, ADDRESS:PORT or SERVICE/REPLICA
  bool explain = false;
  bool json = false;
};

struct SchemaCommand {};

using Command = std::variant<ValidateCommand, JudgeCommand, RunCommand, StatusCommand,
                             ReloadCommand, ReportCommand, DemoCommand, DoctorCommand,
                             NsupdateCommand, TryCommand, InitCommand, ProbeCommand, SchemaCommand>;

int execute(const ValidateCommand& command);
int execute(const JudgeCommand& command);
int execute(const RunCommand& command);
int execute(const StatusCommand& command);
int execute(const ReloadCommand& command);
int execute(const ReportCommand& command);
int execute(const DemoCommand& command);
int execute(const DoctorCommand& command);
int execute(const NsupdateCommand& command);
int execute(const TryCommand& command);
int execute(const InitCommand& command);
int execute(const ProbeCommand& command);
int execute(const SchemaCommand& command);

}  // namespace ronda::agent
