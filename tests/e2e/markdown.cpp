#include "tests/e2e/markdown.hpp"

#include <sstream>
#include <stdexcept>

#include "tests/support/bed/temp_folder.hpp"

namespace ronda::test {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::vector<CodeBlock> code_blocks(const std::filesystem::path& page) {
  std::vector<CodeBlock> blocks;
  bool inside = false;
  for (const std::string& line : lines_of(read_file(page))) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (inside) {
        blocks.push_back({.language = line.substr(3), .text = {}});
      }
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  if (inside || blocks.empty()) {
    throw std::runtime_error(page.string() + ": no code blocks, or one that does not end");
  }
  return blocks;
}

std::string replace_all(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t place = text.find(what); place != std::string::npos;
       place = text.find(what, place + with.size())) {
    text.replace(place, what.size(), with);
  }
  return text;
}

}  // namespace ronda::test
