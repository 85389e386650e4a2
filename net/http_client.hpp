// One HTTP request and its whole reply, for our own errands (control socket, later webhooks).
// Checks of replicas have their own engine in probes/http_curl.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "net/curl_multi.hpp"
#include "net/loop.hpp"

namespace ronda::net {

struct HttpRequest {
  std::string method = "GET";
  std::string url{};
  std::string unix_socket{};  // connect there instead of to the URL's host
  std::string body{};
  Duration timeout = std::chrono::seconds(10);
};
struct HttpResponse {
  long status = 0;
  std::string body{};
};

// Calls back once, never inside this call; dropping the handle cancels. The error is a sentence.
// Bodies over 64 MiB are an error.
[[nodiscard]] Handle http_fetch(
    CurlMulti& multi, const HttpRequest& request,
    std::function<void(std::expected<HttpResponse, std::string>)> on_done);

}  // namespace ronda::net
