// Feeds every file of a corpus folder to every target, whatever it was collected for, and its
// beginnings as well: a cheap memory of all that ever went wrong.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/check_text.hpp"
#include "tests/fuzz/targets.hpp"

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void feed(std::string_view text) {
  // A copy of exactly this length: reading past it is seen by the sanitizers.
  const auto octets = std::as_bytes(std::span(text));
  const std::vector<std::byte> input(octets.begin(), octets.end());
  ronda::fuzz::message(input);
  ronda::fuzz::name(input);
  ronda::fuzz::rdata(input);
  ronda::fuzz::tsig_verify(input);
  ronda::fuzz::key_file(input);
  ronda::fuzz::config(input);
  ronda::fuzz::nsupdate(input);
  ronda::fuzz::http_judge(input);
  ronda::fuzz::dialogue(input);
  ronda::fuzz::report(input);
}

// A seed whose check is refused, because a key got another name, exercises nothing any more.
bool is_idle(const std::filesystem::path& seed, std::string_view text) {
  const std::string target = seed.parent_path().filename().string();
  return (target == "dialogue" || target == "http_judge") &&
         !ronda::fuzz::read_check(std::as_bytes(std::span(text)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_replay CORPUS_FOLDER\n";
    return EXIT_FAILURE;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const std::string text = read_file(entry.path());
    for (std::size_t length = 0; length < text.size(); length += 1 + text.size() / 64) {
      feed(std::string_view(text).substr(0, length));
    }
    feed(text);
    if (is_idle(entry.path(), text)) {
      std::cerr << entry.path().string() << ": is no check that a config may have\n";
      return EXIT_FAILURE;
    }
    ++files;
  }
  std::cout << files << " files\n";
  return files == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
