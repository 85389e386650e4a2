// A web server of one sentence, for the demo: answers every request with 200 "ok" and closes. On
// the loop, so that it can be stopped and started in the middle of the play.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace ronda::agent {

class DemoReplica {
 public:
  // Port 0 takes a free one. The error is a sentence.
  static std::expected<std::unique_ptr<DemoReplica>, std::string> listen(net::Loop& loop,
                                                                         net::Endpoint endpoint);
  ~DemoReplica();
  DemoReplica(const DemoReplica&) = delete;
  DemoReplica& operator=(const DemoReplica&) = delete;

  net::Endpoint endpoint() const { return endpoint_; }

 private:
  struct Visitor {
    std::unique_ptr<net::Watch> watch{};
    std::string received{};
  };
  explicit DemoReplica(net::Loop& loop) : loop_(loop) {}
  void welcome();
  void serve(int descriptor);
  net::Loop& loop_;
  net::Endpoint endpoint_{};
  int descriptor_ = -1;
  std::unique_ptr<net::Watch> watch_{};
  std::map<int, Visitor> visitors_{};
};

}  // namespace ronda::agent
