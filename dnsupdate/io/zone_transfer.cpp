#include "dnsupdate/io/zone_transfer.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "dnsupdate/wire/frame_reader.hpp"
#include "net/tcp_stream.hpp"

namespace ronda::dnsupdate {
namespace {

using OnRecords = std::function<void(std::vector<ResourceRecord>)>;
using OnDone = std::function<void(std::expected<void, TransferFault>)>;

class Transfer final : public net::Cancellable {
 public:
  Transfer(net::Loop& loop, net::Random& random, TransferSettings settings, OnRecords on_records,
           OnDone on_done)
      : loop_(loop),
        random_(random),
        settings_(std::move(settings)),
        on_records_(std::move(on_records)),
        on_done_(std::move(on_done)) {
    deadline_ = loop_.at(loop_.now() + settings_.patience, [this] {
      fail("the transfer from " + context().server + " takes longer than " +
           net::format_duration(settings_.patience) + " and was given up");
    });
    wakeup_ = loop_.at(loop_.now(), [this] { connect(); });
  }

 private:
  DiagnosisContext context() const {
    return {.server = settings_.servers[server_].to_string(),
            .zone = settings_.zone.to_string(),
            .key_name = settings_.key ? settings_.key->name.to_string() : "",
            .reading = true};
  }

  void connect() {
    connected_ = false;
    reader_.emplace(settings_.zone, settings_.key, context(), settings_.limits);
    wait();
    auto stream =
        net::TcpStream::connect(loop_, settings_.servers[server_], settings_.source,
                                [this](const net::StreamEvent& event) { on_event(event); });
    if (stream) {
      stream_ = *std::move(stream);
    } else {
      no_connection(diagnose_fault(context(), stream.error()));
    }
  }

  void wait() {
    silence_ = loop_.at(loop_.now() + settings_.timeout, [this] {
      const std::string why = diagnose_timeout(context(), settings_.timeout);
      connected_ ? fail(why) : no_connection(why);
    });
  }

  // On the next turn: the stream that failed may be on the stack.
  void no_connection(const std::string& why) {
    silence_.reset();
    wakeup_ = loop_.at(loop_.now(), [this, why] {
      stream_.reset();
      if (++server_ < settings_.servers.size()) {
        connect();
      } else {
        --server_;
        fail(why);
      }
    });
  }

  void on_event(const net::StreamEvent& event) {
    if (std::holds_alternative<net::Connected>(event)) {
      connected_ = true;
      wait();
      stream_->send(frame(reader_->ask(random_.u16(), loop_.wall_now())));
    } else if (const auto* received = std::get_if<net::Received>(&event)) {
      wait();
      take(received->bytes);
    } else if (const auto* fault = std::get_if<net::Fault>(&event)) {
      const std::string why = diagnose_fault(context(), *fault);
      connected_ ? fail(why) : no_connection(why);
    } else if (std::holds_alternative<net::Closed>(event)) {
      fail(context().server + " closed the connection before the end of zone \"" +
           settings_.zone.to_string() + "\"");
    }
  }

  void take(std::span<const std::byte> octets) {
    frames_.append(octets);
    while (const auto message = frames_.next()) {
      auto records = reader_->take(*message, loop_.wall_now());
      if (!records) {
        finish(std::unexpected(std::move(records).error()));
        return;
      }
      if (!records->empty()) {
        on_records_(*std::move(records));
      }
      if (reader_->done()) {
        finish({});
        return;
      }
    }
  }

  void fail(const std::string& why) { finish(std::unexpected(TransferFault{.detail = why})); }

  // The callback may drop this object.
  void finish(std::expected<void, TransferFault> result) {
    stream_.reset();
    silence_.reset();
    deadline_.reset();
    const auto on_done = std::exchange(on_done_, {});
    on_done(std::move(result));
  }

  net::Loop& loop_;
  net::Random& random_;
  TransferSettings settings_;
  OnRecords on_records_;
  OnDone on_done_;
  std::size_t server_ = 0;
  bool connected_ = false;
  std::optional<TransferReader> reader_{};
  std::unique_ptr<net::TcpStream> stream_{};
  FrameReader frames_{};
  net::Handle silence_{};
  net::Handle deadline_{};
  net::Handle wakeup_{};
};

}  // namespace

net::Handle transfer_zone(net::Loop& loop, net::Random& random, const TransferSettings& settings,
                          OnRecords on_records, OnDone on_done) {
  return std::make_unique<Transfer>(loop, random, settings, std::move(on_records),
                                    std::move(on_done));
}

}  // namespace ronda::dnsupdate
