#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include <curl/curl.h>
#include <sys/resource.h>
#include <sys/un.h>

#include "net/curl_multi.hpp"
#include "net/http_client.hpp"
#include "net/resolver.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/integration/net/temporary_directory.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace ronda::test;
using namespace std::chrono_literals;

namespace {

// Serves `count` connections one after the other and remembers the last request.
std::jthread serve(int listening, int count, std::string body, std::string* request = nullptr) {
  return std::jthread([=] {
    for (int i = 0; i < count; ++i) {
      const Descriptor connection(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
      const std::string got = receive(connection.get());
      if (request != nullptr) {
        *request = got;
      }
      transmit(connection.get(), "HTTP/1.1 200 OK\r\nContent-Length: " +
                                     std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  });
}

std::size_t keep(char* data, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

std::string url_of(const Listener& listener) {
  return "http://" + listener.endpoint().to_string() + "/health";
}

using Fetched = std::expected<HttpResponse, std::string>;

Fetched fetch(const HttpRequest& request) {
  UvLoop loop;
  CurlMulti multi(loop);
  std::optional<Fetched> result;
  const Handle handle = http_fetch(multi, request, [&](Fetched fetched) {
    result = std::move(fetched);
    loop.stop();
  });
  CHECK_FALSE(result.has_value());
  REQUIRE(run(loop));
  return *result;
}

}  // namespace

TEST_CASE("an easy handle runs on the loop, again and again") {
  Listener listener;
  UvLoop loop;
  CurlMulti multi(loop);
  const auto server = serve(listener.get(), 3, "hello");
  const std::string url = url_of(listener);
  for (int i = 0; i < 3; ++i) {
    const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
    std::string body;
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &body);
    int open_error = 0;
    std::optional<int> result;
    multi.add(easy.get(), &open_error, [&](int code) {
      result = code;
      loop.stop();
    });
    CHECK_FALSE(result.has_value());
    REQUIRE(run(loop));
    CHECK(result == CURLE_OK);
    CHECK(body == "hello");
  }
}

TEST_CASE("running out of descriptors is reported through open_error") {
  Listener listener;
  UvLoop loop;
  CurlMulti multi(loop);
  const std::string url = url_of(listener);
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  int open_error = 0;
  std::optional<int> result;
  const Handle warm = loop.at(loop.now(), [&] { loop.stop(); });
  REQUIRE(run(loop));
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  rlimit none = old;
  none.rlim_cur = 3;
  ::setrlimit(RLIMIT_NOFILE, &none);
  multi.add(easy.get(), &open_error, [&](int code) {
    result = code;
    loop.stop();
  });
  const bool in_time = run(loop);
  ::setrlimit(RLIMIT_NOFILE, &old);
  REQUIRE(in_time);
  CHECK(result == CURLE_COULDNT_CONNECT);
  CHECK(open_error == EMFILE);
}

TEST_CASE("a transfer removed in mid-flight is not heard of again") {
  Listener listener;
  UvLoop loop;
  CurlMulti multi(loop);
  const std::string url = url_of(listener);
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  int open_error = 0;
  bool called = false;
  multi.add(easy.get(), &open_error, [&](int) { called = true; });
  const Handle timer = loop.at(loop.now() + 20ms, [&] { multi.remove(easy.get()); });
  const Handle end = loop.at(loop.now() + 40ms, [&] { loop.stop(); });
  REQUIRE(run(loop));
  CHECK_FALSE(called);
}

TEST_CASE("http_fetch gets, posts and reads the whole reply") {
  Listener listener;
  std::string request;
  const std::string body(200'000, 'b');
  SECTION("GET") {
    Fetched fetched;
    {
      const auto server = serve(listener.get(), 1, body, &request);
      fetched = fetch({.url = url_of(listener)});
    }
    REQUIRE(fetched.has_value());
    CHECK(fetched->status == 200);
    CHECK(fetched->body == body);
    CHECK(request.starts_with("GET /health HTTP/1.1\r\n"));
  }
  SECTION("POST") {
    Fetched fetched;
    {
      const auto server = serve(listener.get(), 1, "", &request);
      fetched = fetch({.method = "POST", .url = url_of(listener), .body = "{\"a\":1}"});
    }
    REQUIRE(fetched.has_value());
    CHECK(request.starts_with("POST /health HTTP/1.1\r\n"));
    CHECK_THAT(request, ContainsSubstring("{\"a\":1}"));
  }
}

TEST_CASE("http_fetch goes through a unix socket") {
  TemporaryDirectory directory;
  const std::string path = directory / "control.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const Descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
          0);
  REQUIRE(::listen(listening.get(), 4) == 0);
  const auto server = serve(listening.get(), 1, "status");
  const Fetched fetched = fetch({.url = "http://ronda/api/v1/status", .unix_socket = path});
  REQUIRE(fetched.has_value());
  CHECK(fetched->body == "status");
}

TEST_CASE("http_fetch says what went wrong") {
  Listener listener;
  SECTION("refused") {
    const std::string url = url_of(listener);
    listener.close();
    const Fetched fetched = fetch({.url = url});
    REQUIRE_FALSE(fetched.has_value());
    CHECK_THAT(fetched.error(), ContainsSubstring(url));
    CHECK_THAT(fetched.error(), ContainsSubstring("refused"));
  }
  SECTION("no answer in time") {
    const Fetched fetched = fetch({.url = url_of(listener), .timeout = 50ms});
    REQUIRE_FALSE(fetched.has_value());
    CHECK_THAT(fetched.error(), ContainsSubstring("timed out"));
  }
  SECTION("no such socket") {
    const Fetched fetched = fetch({.url = "http://ronda/", .unix_socket = "/nonexistent/sock"});
    REQUIRE_FALSE(fetched.has_value());
    CHECK_THAT(fetched.error(), ContainsSubstring("/nonexistent/sock"));
  }
}

TEST_CASE("a fetch may be dropped in flight and from inside its own end") {
  Listener listener;
  UvLoop loop;
  CurlMulti multi(loop);
  SECTION("in flight") {
    Handle handle =
        http_fetch(multi, {.url = url_of(listener)}, [](const Fetched&) { FAIL("called"); });
    const Handle timer = loop.at(loop.now() + 10ms, [&] {
      handle.reset();
      loop.stop();
    });
    REQUIRE(run(loop));
  }
  SECTION("inside") {
    const auto server = serve(listener.get(), 1, "x");
    Handle handle;
    handle = http_fetch(multi, {.url = url_of(listener)}, [&](const Fetched& fetched) {
      handle.reset();
      CHECK(fetched.has_value());
      loop.stop();
    });
    REQUIRE(run(loop));
  }
}
