// The fenced code blocks of a Markdown page, for tests that run what the page says. Not a Markdown
// parser: a fence stands at the start of a line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ronda::test {

struct CodeBlock {
  std::string language{};  // what stands after the opening fence
  std::string text{};
};

std::vector<CodeBlock> code_blocks(const std::filesystem::path& page);
std::vector<std::string> lines_of(const std::string& text);
std::string replace_all(std::string text, const std::string& what, const std::string& with);

}  // namespace ronda::test
