// One call of Client::read under way: a query for each key, and the results in the order of the
// keys.
#pragma once

#include <functional>
#include <vector>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "net/loop.hpp"

namespace ronda::dnsupdate {

class ReadWork final : public net::Cancellable {
 public:
  using OnDone = std::function<void(std::vector<ReadResult>)>;

  // The exchange is borrowed; results come back later, never from inside the constructor.
  ReadWork(net::Loop& loop, Exchange& exchange, std::vector<RrsetKey> keys, OnDone on_done);

 private:
  void finish();

  DiagnosisContext context_;
  std::vector<RrsetKey> keys_;
  std::size_t missing_;
  OnDone on_done_;
  std::vector<ReadResult> results_{};
  std::vector<net::Handle> handles_{};
};

}  // namespace ronda::dnsupdate
