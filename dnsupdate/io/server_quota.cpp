#include "dnsupdate/io/server_quota.hpp"

#include <list>
#include <map>
#include <utility>

namespace ronda::dnsupdate {

class ServerQuota::Desks : public std::enable_shared_from_this<ServerQuota::Desks> {
 public:
  using Callback = std::shared_ptr<std::function<void()>>;

  explicit Desks(std::size_t limit) : limit_(limit) {}

  bool take(const net::Endpoint& server) {
    Desk& desk = desks_[server];
    if (desk.taken >= limit_) {
      return false;
    }
    ++desk.taken;
    return true;
  }

  // One who is woken may not want the place any more: then the next one gets it.
  void give_back(const net::Endpoint& server) {
    --desks_[server].taken;
    while (desks_[server].taken < limit_ && !desks_[server].waiting.empty()) {
      const Callback next = desks_[server].waiting.front();
      desks_[server].waiting.pop_front();
      (*next)();
    }
    const Desk& desk = desks_[server];
    if (desk.taken == 0 && desk.waiting.empty()) {
      desks_.erase(server);
    }
  }

  void enter(const net::Endpoint& server, const Callback& callback) {
    desks_[server].waiting.push_back(callback);
  }
  void leave(const net::Endpoint& server, const Callback& callback) {
    const auto desk = desks_.find(server);
    if (desk != desks_.end()) {
      desk->second.waiting.remove(callback);
    }
  }

 private:
  struct Desk {
    std::size_t taken = 0;
    std::list<Callback> waiting{};
  };

  std::size_t limit_;
  std::map<net::Endpoint, Desk> desks_{};
};

ServerQuota::ServerQuota(std::size_t limit) : desks_(std::make_shared<Desks>(limit)) {}

ServerQuota::Place ServerQuota::take(const net::Endpoint& server) {
  if (!desks_->take(server)) {
    return nullptr;
  }
  return {desks_.get(), [desks = desks_, server](Desks*) { desks->give_back(server); }};
}

net::Handle ServerQuota::wait(const net::Endpoint& server, std::function<void()> on_free) {
  class Waiting final : public net::Cancellable {
   public:
    Waiting(std::shared_ptr<Desks> desks, const net::Endpoint& server, Desks::Callback callback)
        : desks_(std::move(desks)), server_(server), callback_(std::move(callback)) {
      desks_->enter(server_, callback_);
    }
    ~Waiting() override { desks_->leave(server_, callback_); }

   private:
    std::shared_ptr<Desks> desks_;
    net::Endpoint server_;
    Desks::Callback callback_;
  };
  return std::make_unique<Waiting>(desks_, server,
                                   std::make_shared<std::function<void()>>(std::move(on_free)));
}

}  // namespace ronda::dnsupdate
