// The command line of `ronda nsupdate`, in the manner of getopt and with the letters of nsupdate
// 9.18 and 9.20: "-dv", "-p53", "-p 53". Pure.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agent/cli/arguments.hpp"
#include "net/time.hpp"

namespace ronda::agent {

struct NsupdateOptions {
  bool v4_only = false;
  bool v6_only = false;
  int debug = 0;
  bool interactive = false;  // -i: prompts and goes on after errors
  bool local_only = false;   // -l
  bool tcp_only = false;     // -v: never UDP, and one attempt of `timeout`
  std::string key_text{};    // -y
  std::string key_file{};    // -k
  std::string resolv_conf = "/etc/resolv.conf";
  std::string input{};          // empty: standard input
  std::uint32_t timeout = 300;  // seconds, 0: none
  std::uint32_t udp_timeout = 3;
  std::uint32_t udp_retries = 3;
  bool tls = false;
  bool tls_verify = true;
  std::string tls_ca_file{};
  std::string tls_cert_file{};
  std::string tls_key_file{};
  std::string tls_host{};
  std::uint16_t port = 53;  // with TLS 853

  net::Duration patience() const;      // for one question and its answer
  net::Duration resend_every() const;  // over UDP
};

std::variant<NsupdateOptions, Leave> parse_nsupdate_options(
    const std::vector<std::string>& arguments);

}  // namespace ronda::agent
