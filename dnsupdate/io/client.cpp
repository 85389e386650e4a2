#include "dnsupdate/io/client.hpp"

#include <utility>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/io/read_work.hpp"
#include "dnsupdate/io/update_work.hpp"

namespace ronda::dnsupdate {

struct Client::State {
  net::Loop& loop;
  UpdateContext context;
  Exchange exchange;
  std::shared_ptr<WorkQueue> queue = std::make_shared<WorkQueue>();
};

Client::Client(net::Loop& loop, net::Random& random, ClientSettings settings)
    : state_(new State{.loop = loop,
                       .context = {.zone = settings.zone},
                       .exchange = Exchange(loop, random, settings)}) {
  state_->context.diagnosis = state_->exchange.context();
}

Client::~Client() = default;

net::Handle Client::read(std::vector<RrsetKey> keys,
                         std::function<void(std::vector<ReadResult>)> on_done) {
  return std::make_unique<ReadWork>(state_->loop, state_->exchange, std::move(keys),
                                    std::move(on_done));
}

net::Handle Client::update(std::vector<RrsetChange> changes,
                           std::function<void(UpdateReport)> on_done) {
  UpdateContext context = state_->context;
  context.diagnosis = state_->exchange.context();
  return std::make_unique<UpdateWork>(state_->loop, state_->exchange, state_->queue,
                                      std::move(context), std::move(changes), std::move(on_done));
}

}  // namespace ronda::dnsupdate
