// What `ronda init` writes: a config with comments that only watches, and for BIND the key and the
// policy that let this config, and nothing more, be written. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/first/guess.hpp"
#include "agent/first/survey.hpp"
#include "dnsupdate/wire/name.hpp"

namespace ronda::agent {

struct DraftService {
  FoundOwner owner{};
  Guess check{};
};

struct Draft {
  dnsupdate::Name zone{};
  std::string primary{};
  std::string primary_how{};  // "given with --server"
  std::string key_file{};
  std::string key_name = "ronda";
  bool name_key = false;   // the file holds several: the config says which
  bool key_made = false;   // the file is there
  std::string settings{};  // of this run, to be repeated: "example.com --server ..."
  std::vector<DraftService> services{};
};

std::string config_text(const Draft& draft);
std::string policy_text(const Draft& draft);

// As a JSON string, quotes included.
std::string to_json_text(std::string_view text);
// A word of named.conf, quoted where it has to be.
std::string to_named_word(const dnsupdate::Name& name);

}  // namespace ronda::agent
