// The shared checks by name, and the lists of checks that services and replicas write: names of
// shared ones or checks standing inline.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/check_reader.hpp"
#include "agent/config/node.hpp"
#include "agent/config/problems.hpp"

namespace ronda::agent {

class CheckBook {
 public:
  // `checks` is the value of the top key; nullptr when absent. All outlive the book.
  CheckBook(const Node* checks, CheckReader& reader, Problems& problems);

  struct List {
    std::vector<const ReadCheck*> checks{};  // owned by the book
    bool sound = true;                       // false: an item could not be read, and was reported
  };
  List resolve(std::span<const Node> items);
  // `kind`, or with a number behind it where a shared check or one of `taken` is called so.
  std::string free_name(const std::string& kind, std::span<const std::string> taken) const;
  // What no service uses, each with a warning.
  std::vector<MemberCheck> take_unused();

 private:
  struct Shared {
    Place place{};
    std::optional<ReadCheck> check{};
    bool used = false;
  };
  const ReadCheck* find(const Node& item);

  CheckReader& reader_;
  Problems& problems_;
  std::map<std::string, Shared, std::less<>> shared_{};
  std::vector<std::string_view> names_{};
  std::deque<ReadCheck> inline_{};
};

}  // namespace ronda::agent
