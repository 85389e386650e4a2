// `ronda init`: reads a zone, or single names of it, and writes a first config for the names with
// addresses to spare; prints what BIND's primary needs to let it be carried out. Exit codes: 0
// written, 1 not, 64 wrong usage.
#include <algorithm>
#include <csignal>
#include <expected>
#include <filesystem>
#include <optional>
#include <utility>

#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/key_reader.hpp"
#include "agent/first/draft.hpp"
#include "agent/first/new_file.hpp"
#include "agent/first/scout.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::Name;
using dnsupdate::RrType;

constexpr int kExitNotWritten = 1;
constexpr const char* kUsualKey = "/etc/bind/ronda.key";
// A knock takes a second at most and many go side by side; beyond this the labels must do.
constexpr std::size_t kKnockedAddresses = 1000;

struct Failure {
  std::string sentence{};
  int code = kExitNotWritten;
};
using Trouble = std::optional<Failure>;  // nothing: go on

class Init {
 public:
  explicit Init(const InitCommand& command) : command_(command) {}

  std::expected<Draft, Failure> make() {
    for (const auto step : {&Init::read_arguments, &Init::find_zone, &Init::read_zone}) {
      if (Trouble trouble = (this->*step)()) {
        return std::unexpected(*std::move(trouble));
      }
    }
    return draft();
  }

 private:
  Trouble read_arguments();
  Trouble find_zone();
  Trouble read_zone();
  Trouble read_names(Survey& survey, const std::vector<Name>& names);
  Draft draft();
  std::string settings_text() const;

  const InitCommand& command_;
  Scout scout_{};
  Name zone_{};
  std::vector<Name> names_{};
  dnsupdate::TsigKeyPtr key_{};
  Whereabouts place_{};
  std::vector<FoundOwner> owners_{};
};

Trouble Init::read_arguments() {
  auto zone = Name::parse(command_.zone);
  if (!zone) {
    return Failure{zone.error(), kExitUsage};
  }
  zone_ = *std::move(zone);
  for (const std::string& text : command_.names) {
    auto name = name_in_zone(text, zone_);
    if (!name) {
      return Failure{name.error(), kExitUsage};
    }
    names_.push_back(*std::move(name));
  }
  if (command_.output != "-") {
    if (const auto free = may_write_new(command_.output); !free) {
      return Failure{free.error()};
    }
  }
  if (command_.key_file.empty()) {
    return std::nullopt;
  }
  auto key = read_key(command_.key_file, command_.key_name);
  if (!key) {
    return Failure{key.error().sentence};
  }
  key_ = *std::move(key);
  if (const std::string weak = weakness(*key_); !weak.empty()) {
    talk(weak);
  }
  return std::nullopt;
}

Trouble Init::find_zone() {
  auto place = scout_.locate(zone_, command_.server, key_);
  if (!place) {
    return Failure{place.error()};
  }
  place_ = *std::move(place);
  if (place_.zone != zone_) {
    return Failure{"\"" + zone_.to_string() + "\" is no zone of its own at " +
                   place_.servers.front().to_string() + ": it lies in the zone \"" +
                   place_.zone.to_string() + "\"; run: ronda init " + place_.zone.to_string()};
  }
  return std::nullopt;
}

Trouble Init::read_zone() {
  Survey survey(zone_);
  Trouble trouble;
  if (!names_.empty()) {
    for (const Name& name : names_) {
      survey.want(name);
    }
    trouble = read_names(survey, names_);
  } else if (const auto whole = scout_.transfer(place_, key_, survey); !whole) {
    if (!whole.error().refused) {
      return Failure{whole.error().detail + "; name what to read with --name"};
    }
    talk(whole.error().detail +
         "; asked for the usual names only (www, mail, ftp ...): name others with --name");
    survey = Survey(zone_);
    trouble = read_names(survey, usual_names(zone_));
  }
  if (trouble) {
    return trouble;
  }
  SurveyReport report = survey.finish();
  for (const std::string& note : report.notes) {
    talk(note);
  }
  if (report.owners.empty()) {
    return Failure{"found no name in \"" + zone_.to_string() +
                   "\" with two addresses of one family, so there is nothing to watch over; name "
                   "one with --name NAME"};
  }
  owners_ = std::move(report.owners);
  return std::nullopt;
}

Trouble Init::read_names(Survey& survey, const std::vector<Name>& names) {
  std::vector<dnsupdate::RrsetKey> keys;
  for (const Name& name : names) {
    keys.push_back({name, RrType::A});
    keys.push_back({name, RrType::AAAA});
  }
  const auto results = scout_.read(place_, key_, keys);
  for (std::size_t i = 0; i < results.size(); ++i) {
    using dnsupdate::ReadFaultKind;
    if (results[i]) {
      survey.add(*results[i]);
    } else if (const dnsupdate::ReadFault& fault = results[i].error();
               fault.kind != ReadFaultKind::alias && fault.kind != ReadFaultKind::referral) {
      return Failure{fault.detail};
    } else if (keys[i].type == RrType::A) {
      talk("left out: " + fault.detail);
    }
  }
  return std::nullopt;
}

Draft Init::draft() {
  std::vector<net::IpAddress> all;
  for (const FoundOwner& owner : owners_) {
    all.insert(all.end(), owner.addresses.begin(), owner.addresses.end());
  }
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  if (all.size() > kKnockedAddresses) {
    talk("more than " + std::to_string(kKnockedAddresses) +
         " addresses: what to probe is guessed from the names alone");
    all.clear();
  }
  const auto open = scout_.knock(all, ports_to_try(command_.wishes));

  Draft made;
  made.zone = zone_;
  made.primary = to_string(place_.primary);
  made.primary_how = place_.how;
  made.key_made = key_ != nullptr;
  made.key_file =
      key_ ? std::filesystem::absolute(command_.key_file).lexically_normal().string() : kUsualKey;
  made.key_name = key_ ? key_->name.to_string() : "ronda";
  made.name_key = !command_.key_name.empty();
  made.settings = settings_text();
  for (FoundOwner& owner : owners_) {
    Guess guess = guess_check(owner.owner, owner.role, command_.wishes,
                              all.empty() ? PortsSeen{} : count_open(owner.addresses, open));
    made.services.push_back({.owner = std::move(owner), .check = std::move(guess)});
  }
  return made;
}

std::string Init::settings_text() const {
  std::string text = zone_.to_string();
  if (command_.server) {
    text += " --server " + to_string(*command_.server);
  }
  for (const Name& name : names_) {
    text += " --name " + name.to_string();
  }
  return text;
}

std::string count_text(std::size_t services) {
  return services == 1 ? "1 service" : std::to_string(services) + " services";
}

}  // namespace

int execute(const InitCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto draft = Init(command).make();
  if (!draft) {
    talk(draft.error().sentence);
    return draft.error().code;
  }
  const std::string policy = policy_text(*draft);
  if (command.output == "-") {
    say(config_text(*draft));
    talk_plain(policy);
    return 0;
  }
  if (const auto written = write_new(command.output, config_text(*draft)); !written) {
    talk(written.error());
    return kExitNotWritten;
  }
  talk("wrote " + command.output + ": " + count_text(draft->services.size()) +
       " in observe mode; look through it, then: ronda validate -c " + command.output);
  say(policy);
  return 0;
}

}  // namespace ronda::agent
