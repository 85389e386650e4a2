// The snapshot as the JSON that `check --json`, `plan --json`, `status --json` and the control
// socket give out ("schema": 1). Strings in, strings out: no other file needs the JSON library for
// it. Bytes that are not UTF-8 are replaced, never an error.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/ops/snapshot.hpp"

namespace ronda::agent {

std::string to_json(const Snapshot& snapshot);
// With `facts` under the key "try".
std::string to_json(const Snapshot& snapshot,
                    const std::vector<std::pair<std::string, std::string>>& facts);
// The same document for a run that could not begin: no services.
std::string failure_json(WriteMode mode, const std::vector<std::string>& errors, int exit = 3);
// Of a command that came to nothing.
std::string failure_json(int exit, const std::vector<std::string>& errors);

// What the control socket's client reads back.
std::optional<int> exit_of_status(std::string_view json);
std::vector<std::string> errors_of(std::string_view json);
std::string errors_json(const std::vector<std::string>& errors);
// The replicas that a report reached.
std::string told_json(const std::vector<std::string>& replicas);
std::vector<std::string> told_of(std::string_view json);

}  // namespace ronda::agent
