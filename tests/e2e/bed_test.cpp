#include <string>

#include <unistd.h>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/bed/nginx.hpp"
#include "tests/support/bed/postfix.hpp"
#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"
#include "tests/support/bed/terminal.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;

TEST_CASE("a program that is missing is named with its package") {
  CHECK_THROWS_WITH(require_program("no-such-program", "no-such-package"),
                    ContainsSubstring("apt-get install no-such-package"));
}

TEST_CASE("run keeps what a program said and how it ended") {
  RunOptions options;
  options.input = "hello\n";
  const Finished finished = run({"sh", "-c", "cat; echo oops >&2; exit 3"}, options);
  CHECK(finished.code == 3);
  CHECK(finished.output == "hello\n");
  CHECK(finished.errors == "oops\n");
  CHECK(run({"sh", "-c", "kill -9 $$"}).end == Ended{-1, 9});
}

TEST_CASE("a server that is stopped refuses connections and comes back on the same port") {
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "IP:127.0.0.1");
  Nginx nginx({"127.0.0.1", 21001, 21002, certificates});
  CHECK(accepts("127.0.0.1", 21002));
  nginx.stop();
  CHECK_FALSE(accepts("127.0.0.1", 21001));
  CHECK_FALSE(listens("127.0.0.1", 21002));
  nginx.start();
  CHECK(accepts("127.0.0.1", 21001));
  CHECK(listens("127.0.0.1", 21002));
  CHECK_FALSE(listens("127.0.0.2", 21002));
}

TEST_CASE("whoever listens on every address, or on one of IPv6, is seen") {
  const Nginx anywhere({.address = "0.0.0.0", .port = 21005});
  CHECK(listens("127.0.0.9", 21005));
  const Nginx six({.address = "::1", .port = 21005});
  CHECK(listens("::1", 21005));
  CHECK_FALSE(listens("::2", 21005));
}

TEST_CASE("a port that somebody else has is not taken for the server's own") {
  const Nginx first({.port = 21006});
  CHECK_THROWS_WITH((Nginx{{.port = 21006}}), ContainsSubstring("somebody else listens on"));
}

TEST_CASE("a program on the terminal sees one, and what it shows is kept after its end") {
  Terminal terminal;
  ProcessOptions options;
  options.output = terminal.path();
  Process shell({"sh", "-c", "test -t 1 && ! test -t 2 && echo seen"}, options);
  CHECK(shell.wait() == Ended{0, 0});
  CHECK(terminal.shown() == "seen\r\n");
}

TEST_CASE("vsftpd accepts and stops") {
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "IP:127.0.0.1");
  Vsftpd vsftpd("127.0.0.1", 21003, 21010, certificates);
  vsftpd.stop();
  CHECK_FALSE(accepts("127.0.0.1", 21003));
}

TEST_CASE("postfix accepts and takes its children along") {
  if (::geteuid() != 0) {
    WARN("Postfix needs root: run this test as root to see it");
    return;
  }
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "IP:127.0.0.1");
  Postfix postfix("127.0.0.1", 21004, certificates);
  postfix.stop();
  CHECK_FALSE(accepts("127.0.0.1", 21004));
}
