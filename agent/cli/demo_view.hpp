// How the demo's audience sees the DNS: the A records of the demo's name, asked of its named by
// `dig` where that is installed, else by our own client.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "net/child_process.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"

namespace ronda::agent {

class DemoView {
 public:
  using Answer = std::vector<std::string>;  // sorted; empty: none, or named does not answer

  DemoView(net::Loop& loop, net::Random& random, const ZoneConfig& zone, net::Endpoint server,
           const std::string& name);
  // Calls back once, never inside this call. One question at a time.
  void ask(std::function<void(Answer)> on_answer);
  std::string command() const { return command_; }  // what to show as having been asked

 private:
  bool ask_dig();
  void ask_client();
  void finish(Answer answer);
  net::Loop& loop_;
  dnsupdate::Client client_;
  dnsupdate::RrsetKey key_{};
  std::vector<std::string> arguments_{};
  std::string command_{};
  std::unique_ptr<net::ChildProcess> dig_{};
  net::Handle question_{};
  std::function<void(Answer)> on_answer_{};
};

}  // namespace ronda::agent
