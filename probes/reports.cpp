#include "probes/reports.hpp"

#include <utility>

namespace ronda::probes {

namespace {

constexpr std::size_t kFileLimit = std::size_t{1} << 20;

}  // namespace

struct Reports::Reading {
  std::map<std::uint64_t, OnFile> waiting{};
  std::uint64_t last_waiter = 0;
  net::Handle file{};
};

const Report& Reports::tell(const std::string& service, const std::string& replica, Word word,
                            net::SteadyTime now) {
  Report& report = told_[{service, replica}];
  report = {.word = std::move(word), .at = now, .number = ++last_number_};
  return report;
}

const Report* Reports::find(const std::string& service, const std::string& replica) const {
  const auto found = told_.find({service, replica});
  return found == told_.end() ? nullptr : &found->second;
}

net::Handle Reports::read(net::Loop& loop, const std::string& path, OnFile on_file) {
  // Waits for one reading, which goes on without it.
  class Waiter final : public net::Cancellable {
   public:
    Waiter(const std::shared_ptr<Reading>& reading, std::uint64_t number)
        : reading_(reading), number_(number) {}
    ~Waiter() override {
      if (const auto reading = reading_.lock()) {
        reading->waiting.erase(number_);
      }
    }

   private:
    std::weak_ptr<Reading> reading_;
    std::uint64_t number_;
  };

  std::shared_ptr<Reading>& place = readings_[path];
  if (!place) {
    place = std::make_shared<Reading>();
    place->file = net::read_apart(loop, path, kFileLimit, [this, path](const auto& outcome) {
      // Out of the list first: who asks from now on gets a fresh reading.
      const std::shared_ptr<Reading> done = std::move(readings_.extract(path).mapped());
      while (!done->waiting.empty()) {
        const OnFile told = std::move(done->waiting.extract(done->waiting.begin()).mapped());
        told(outcome);
      }
    });
  }
  const std::uint64_t number = ++place->last_waiter;
  place->waiting.emplace(number, std::move(on_file));
  return std::make_unique<Waiter>(place, number);
}

}  // namespace ronda::probes
