#include "dnsupdate/io/zone_finder.hpp"

#include <memory>
#include <utility>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/io/zone_answer.hpp"
#include "dnsupdate/update/diagnosis.hpp"

namespace ronda::dnsupdate {
namespace {

using OnDone = std::function<void(std::expected<FoundZone, std::string>)>;

ClientSettings client_settings(const FinderSettings& settings) {
  ClientSettings made;
  made.servers = {settings.server};
  made.key = settings.key;
  made.transport = settings.transport;
  made.tls = settings.tls;
  made.source = settings.source;
  made.timeout = settings.timeout;
  return made;
}

class ZoneSearch final : public net::Cancellable {
 public:
  ZoneSearch(net::Loop& loop, net::Random& random, const FinderSettings& settings, Name owner,
             OnDone on_done)
      : recursive_(settings.recursive),
        exchange_(loop, random, client_settings(settings)),
        owner_(std::move(owner)),
        asked_(owner_),
        on_done_(std::move(on_done)) {
    ask();
  }

 private:
  void ask() {
    question_ = exchange_.ask(zone_question(asked_, recursive_),
                              [this](const Answer& answer) { take(answer); });
  }

  // The callback may drop this object: nothing is touched after finish().
  void take(const Answer& answer) {
    const DiagnosisContext& context = exchange_.context();
    if (!answer) {
      finish(std::unexpected(answer.error().detail));
      return;
    }
    if (answer->tsig_error) {
      finish(std::unexpected(
          diagnose_reply(context, answer->message.rcode(), answer->tsig_error, answer->skew)));
      return;
    }
    ZoneAnswer judged = judge_zone_answer(asked_, answer->message, recursive_, context.server);
    if (auto* found = std::get_if<FoundZone>(&judged)) {
      finish(std::move(*found));
    } else if (auto* failed = std::get_if<SearchFailed>(&judged)) {
      finish(std::unexpected(std::move(failed->why)));
    } else if (asked_.is_root()) {
      finish(std::unexpected(context.server + " names no zone for \"" + owner_.to_string() +
                             "\" or any name above it: " +
                             (recursive_ ? "does the name belong to a zone at all?"
                                         : "it is not the primary of this name's zone")));
    } else {
      asked_ = asked_.parent();
      ask();
    }
  }

  void finish(std::expected<FoundZone, std::string> result) {
    const auto on_done = std::exchange(on_done_, {});
    on_done(std::move(result));
  }

  bool recursive_;
  Exchange exchange_;
  Name owner_;
  Name asked_;
  OnDone on_done_;
  net::Handle question_{};
};

}  // namespace

net::Handle find_zone(net::Loop& loop, net::Random& random, const FinderSettings& settings,
                      const Name& owner, OnDone on_done) {
  return std::make_unique<ZoneSearch>(loop, random, settings, owner, std::move(on_done));
}

}  // namespace ronda::dnsupdate
