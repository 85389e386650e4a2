// An HTTP check as the options of one libcurl easy handle: where to go, whom to trust, what to ask.
// Every option is set anew each time, since handles are pooled.
#pragma once

#include <string>

#include <curl/curl.h>

#include "probes/check.hpp"
#include "probes/http_spec.hpp"

namespace ronda::probes {

inline constexpr long kMostRedirects = 5;

class CurlList {
 public:
  CurlList() = default;
  CurlList(const CurlList&) = delete;
  CurlList& operator=(const CurlList&) = delete;
  ~CurlList() { curl_slist_free_all(list_); }
  bool add(const std::string& text);  // false: no memory
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

class CurlRequest {
 public:
  explicit CurlRequest(CURL* easy) : easy_(easy) {}

  // All options but callbacks and the TLS context.
  void prepare(const CheckSpec& check, const HttpSpec& spec);
  template <typename T>
  void set(CURLoption option, T value) {
    note(curl_easy_setopt(easy_, option, value));
  }
  // Why it cannot be sent: the first option that was refused. Empty: nothing is in the way.
  const std::string& problem() const { return problem_; }

 private:
  void set_connection(const CheckSpec& check, const HttpSpec& spec);
  void set_tls(bool verify);
  void set_message(const HttpSpec& spec);
  void note(CURLcode result);

  CURL* easy_;
  CurlList headers_{};
  CurlList connect_to_{};
  std::string problem_{};
};

}  // namespace ronda::probes
