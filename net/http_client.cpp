#include "net/http_client.hpp"

#include <utility>

#include <curl/curl.h>

#include "net/fault.hpp"

namespace ronda::net {

namespace {

constexpr std::size_t kMostBody = std::size_t{64} << 20;

class Fetch final : public Cancellable {
 public:
  using OnDone = std::function<void(std::expected<HttpResponse, std::string>)>;

  Fetch(CurlMulti& multi, const HttpRequest& request, OnDone on_done)
      : multi_(multi), request_(request), on_done_(std::move(on_done)), easy_(curl_easy_init()) {
    apply();
    multi_.add(easy_, &open_error_, [this](int result) { finish(static_cast<CURLcode>(result)); });
  }
  ~Fetch() override {
    if (!finished_) {
      multi_.remove(easy_);
    }
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }

 private:
  void apply() {
    const auto milliseconds =
        std::chrono::ceil<std::chrono::milliseconds>(request_.timeout).count();
    curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds));
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(milliseconds));
    curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, detail_);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
    if (!request_.unix_socket.empty()) {
      curl_easy_setopt(easy_, CURLOPT_UNIX_SOCKET_PATH, request_.unix_socket.c_str());
      curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    }
    if (request_.method == "HEAD") {
      curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
      return;
    }
    if (!request_.body.empty() || request_.method == "POST") {
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request_.body.size()));
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.c_str());
      headers_ = curl_slist_append(headers_, "Content-Type: application/json");
      // Some servers answer 100-continue late or never.
      headers_ = curl_slist_append(headers_, "Expect:");
      curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    }
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }

  static std::size_t take(char* data, std::size_t size, std::size_t count, void* user) {
    Fetch& fetch = *static_cast<Fetch*>(user);
    const std::size_t length = size * count;
    if (fetch.response_.body.size() + length > kMostBody) {
      fetch.too_long_ = true;
      return 0;
    }
    fetch.response_.body.append(data, length);
    return length;
  }

  std::string describe(CURLcode result) const {
    const std::string where = request_.unix_socket.empty() ? request_.url : request_.unix_socket;
    if (too_long_) {
      return where + ": the reply is longer than 64 MiB";
    }
    if (open_error_ != 0) {
      return where + ": " + classify(Phase::open, open_error_).text;
    }
    long error = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &error);
    if (result == CURLE_COULDNT_CONNECT && error != 0) {
      return where + ": " + classify(Phase::connect, static_cast<int>(error)).text;
    }
    return where + ": " + (detail_[0] != '\0' ? detail_ : curl_easy_strerror(result));
  }

  // on_done may drop this.
  void finish(CURLcode result) {
    finished_ = true;
    const OnDone on_done = std::move(on_done_);
    if (result != CURLE_OK) {
      on_done(std::unexpected(describe(result)));
      return;
    }
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &response_.status);
    on_done(std::move(response_));
  }

  CurlMulti& multi_;
  HttpRequest request_;
  OnDone on_done_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  char detail_[CURL_ERROR_SIZE] = {};
  int open_error_ = 0;
  bool too_long_ = false;
  bool finished_ = false;
  HttpResponse response_{};
};

}  // namespace

Handle http_fetch(CurlMulti& multi, const HttpRequest& request,
                  std::function<void(std::expected<HttpResponse, std::string>)> on_done) {
  return std::make_unique<Fetch>(multi, request, std::move(on_done));
}

}  // namespace ronda::net
