// Where problems gather while a config is read, and how they become ConfigProblems: sorted by
// place, with line, column, pointer and the line of text. Holds no rule of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/node.hpp"
#include "agent/config/reader.hpp"

namespace ronda::agent {

// A key or value as sentences show it.
std::string in_quotes(std::string_view text);

class Problems {
 public:
  // The text outlives the collector.
  Problems(std::string file, std::string_view text);

  void error(Place place, const std::string& message);
  void warning(Place place, const std::string& message);
  bool empty() const { return error_count_ == 0; }

  // At most 100 and, when there were more, one that counts the rest.
  std::vector<ConfigProblem> take_errors(const Node& root);
  std::vector<std::string> take_warnings();

  // "line 12, column 5", for a sentence that names a second place.
  std::string describe(Place place) const;

 private:
  struct Position {
    std::size_t line = 1;
    std::size_t column = 1;
  };
  Position position(std::size_t offset) const;
  ConfigProblem locate(const Finding& finding, const Node& root) const;

  std::string file_;
  std::string_view text_;
  std::vector<std::size_t> line_starts_{};
  std::vector<Finding> errors_{};
  std::vector<Finding> warnings_{};
  std::size_t error_count_ = 0;
  std::size_t warning_count_ = 0;
};

}  // namespace ronda::agent
