// Sends COUNT additions of one record each to a primary in one of several ways and prints how many
// seconds they took and how many were acknowledged. The script `compare` calls it beside nsupdate
// and dnsperf.
//   bench_update ADDRESS PORT KEY_FILE ZONE PREFIX COUNT MODE
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/update/update_request.hpp"
#include "dnsupdate/wire/key_file.hpp"
#include "net/random.hpp"
#include "net/uv_loop.hpp"

namespace {

using namespace ronda;
using namespace ronda::dnsupdate;

struct Job {
  ClientSettings settings{};
  std::string prefix{};
  int count = 0;
  std::string mode{};
};

RrsetChange addition(const Job& job, int number) {
  RrsetChange change;
  change.observed.key = {
      Name::parse(job.prefix + std::to_string(number) + "." + job.settings.zone.to_string())
          .value(),
      RrType::A};
  change.wanted = change.observed;
  change.wanted.ttl = 60;
  change.wanted.insert(Rdata::parse(RrType::A, "192.0.2.1").value());
  return change;
}

// As nsupdate's "update add": no prerequisites.
Message bare_update(const Job& job, int first, int count) {
  std::vector<RrsetChange> changes;
  for (int i = 0; i < count; ++i) {
    changes.push_back(addition(job, first + i));
  }
  Message message = update_message(job.settings.zone, changes);
  message.answer.clear();
  return message;
}

bool acknowledged(const Answer& answer) {
  return answer && answer->message.rcode() == Rcode::NOERROR;
}

// Runs `start` and the loop until `finished` was called; returns how often it was with true.
class Run {
 public:
  explicit Run(net::UvLoop& loop, int expected) : loop_(loop), missing_(expected) {}
  void finished(bool good) {
    good_ += good ? 1 : 0;
    if (--missing_ == 0) {
      loop_.stop();
    }
  }
  int wait() {
    loop_.run();
    return good_;
  }

 private:
  net::UvLoop& loop_;
  int missing_;
  int good_ = 0;
};

// UPDATE messages alone, `window` of them at a time.
int exchange_updates(const Job& job, net::UvLoop& loop, net::Random& random, std::size_t window) {
  ClientSettings settings = job.settings;
  settings.in_flight_limit = window;
  Exchange exchange(loop, random, settings);
  Run run(loop, job.count);
  std::vector<net::Handle> handles;
  int next = 0;
  const std::function<void()> ask = [&] {
    handles.push_back(exchange.ask(bare_update(job, next++, 1), [&](const Answer& answer) {
      if (next < job.count) {
        ask();
      }
      run.finished(acknowledged(answer));
    }));
  };
  for (std::size_t i = 0; i < window && next < job.count; ++i) {
    ask();
  }
  return run.wait();
}

int exchange_batch(const Job& job, net::UvLoop& loop, net::Random& random) {
  Exchange exchange(loop, random, job.settings);
  Run run(loop, 1);
  const net::Handle handle =
      exchange.ask(bare_update(job, 0, job.count),
                   [&](const Answer& answer) { run.finished(acknowledged(answer)); });
  return run.wait() * job.count;
}

// Whole updates: conditions, UPDATE, read-back. `window` calls at a time of `size` changes each.
int client_updates(const Job& job, net::UvLoop& loop, net::Random& random, int window, int size) {
  Client client(loop, random, job.settings);
  Run run(loop, job.count);
  std::vector<net::Handle> handles;
  int next = 0;
  const std::function<void()> update = [&] {
    std::vector<RrsetChange> changes;
    for (int i = 0; i < size; ++i) {
      changes.push_back(addition(job, next++));
    }
    handles.push_back(client.update(changes, [&](const UpdateReport& report) {
      if (next < job.count) {
        update();
      }
      for (const RrsetOutcome& rrset : report.rrsets) {
        run.finished(rrset.outcome.kind == OutcomeKind::applied);
      }
    }));
  };
  for (int i = 0; i < window && next < job.count; ++i) {
    update();
  }
  return run.wait();
}

int carry_out(const Job& job, net::UvLoop& loop, net::Random& random) {
  if (job.mode == "update-1") {
    return exchange_updates(job, loop, random, 1);
  }
  if (job.mode == "update-32") {
    return exchange_updates(job, loop, random, 32);
  }
  if (job.mode == "update-batch") {
    return exchange_batch(job, loop, random);
  }
  if (job.mode == "client-1") {
    return client_updates(job, loop, random, 1, 1);
  }
  if (job.mode == "client-32") {
    return client_updates(job, loop, random, 32, 1);
  }
  if (job.mode == "client-batch") {
    return client_updates(job, loop, random, 1, job.count);
  }
  throw std::invalid_argument(
      "modes: update-1 update-32 update-batch client-1 client-32 "
      "client-batch");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 8) {
    std::cerr << "usage: bench_update ADDRESS PORT KEY_FILE ZONE PREFIX COUNT MODE\n";
    return 64;
  }
  std::ifstream file(argv[3]);
  const std::string key_text{std::istreambuf_iterator<char>(file), {}};
  Job job{.prefix = argv[5], .count = std::stoi(argv[6]), .mode = argv[7]};
  job.settings.zone = Name::parse(argv[4]).value();
  job.settings.servers = {{.ip = net::IpAddress::parse(argv[1]).value(),
                           .port = static_cast<std::uint16_t>(std::stoi(argv[2]))}};
  job.settings.key = parse_key_file(key_text).value().front();
  job.settings.timeout = std::chrono::seconds(30);
  net::UvLoop loop;
  net::SystemRandom random;
  const auto start = std::chrono::steady_clock::now();
  const int good = carry_out(job, loop, random);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << took.count() << " " << good << "\n";
  return good == job.count ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 64;
}
