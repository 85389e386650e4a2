#include "net/file_read.hpp"

#include <fstream>

#include <sys/stat.h>

#include "tests/integration/net/run_loop.hpp"
#include "tests/integration/net/temporary_directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/held_file.hpp"

using namespace ronda::net;
using namespace ronda::test;
using namespace std::chrono_literals;

namespace {

std::string read(const std::string& path, std::size_t limit = 100) {
  UvLoop loop;
  std::string told = "nothing";
  const Handle reading = read_apart(loop, path, limit, [&](const FileOutcome& file) {
    told = file ? "text: " + file->text : file.error();
    loop.stop();
  });
  REQUIRE(told == "nothing");
  REQUIRE(run(loop));
  return told;
}

}  // namespace

TEST_CASE("a file is read apart, whole, and only if it is a file") {
  const TemporaryDirectory folder;
  const std::string path = folder / "words";
  std::ofstream(path) << "web1 pass\n";
  CHECK(read(path) == "text: web1 pass\n");
  CHECK(read(path, 10) == "text: web1 pass\n");
  CHECK(read(path, 9) == "it is larger than 9 octets");
  CHECK(read(folder / "none") == "No such file or directory");
  CHECK(read(folder / "words/x") == "Not a directory");
  CHECK(read("/") == "it is no regular file");
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(read(folder / "fifo") == "it is no regular file");
  CHECK(read("/dev/zero") == "it is no regular file");
  std::ofstream(path).close();
  CHECK(read(path) == "text: ");
}

TEST_CASE("a file tells when it was written, and that another took its name") {
  const TemporaryDirectory folder;
  const std::string path = folder / "words";
  UvLoop loop;
  std::vector<FileContent> seen;
  for (int i = 0; i < 2; ++i) {
    std::ofstream(folder / "new") << "x";
    std::filesystem::rename(folder / "new", path);
    const Handle reading = read_apart(loop, path, 100, [&](const FileOutcome& file) {
      seen.push_back(file.value());
      loop.stop();
    });
    REQUIRE(run(loop));
  }
  CHECK(seen[0].modified <= seen[1].modified);
  CHECK(loop.wall_now() - seen[1].modified < 10s);
}

TEST_CASE("a file that does not answer holds nobody, and may be left behind") {
  const TemporaryDirectory folder;
  const std::string path = folder / "words";
  HeldFile held(path, "web1 pass\n");
  UvLoop loop;
  bool told = false;
  Handle reading = read_apart(loop, path, 100, [&](const FileOutcome&) { told = true; });
  // Dropped while the thread is stuck; it ends by itself once the file answers.
  const Handle later = loop.at(loop.now() + 100ms, [&] {
    reading.reset();
    held.let_go();
    loop.stop();
  });
  REQUIRE(run(loop));
  CHECK_FALSE(told);
}
