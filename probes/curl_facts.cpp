#include "probes/curl_facts.hpp"

#include <algorithm>
#include <chrono>

#include "probes/credentials.hpp"

namespace ronda::probes {

namespace {

// A redirect may name a user and a password.
std::string without_user(std::string url) {
  const auto scheme = url.find("://");
  const auto host = scheme == std::string::npos ? 0 : scheme + 3;
  const auto user = url.substr(0, url.find_first_of("/?#", host)).rfind('@');
  return user == std::string::npos || user < host ? url : url.erase(host, user + 1 - host);
}

// Cookies of the server, and the login that curl makes of a redirect to a URL with a user.
void hide_credentials(Tracer& tracer, std::string_view headers) {
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find('\n'));
    headers.remove_prefix(std::min(headers.size(), line.size() + 1));
    if (const std::string secret = secret_of_header(line); !secret.empty()) {
      tracer.hide(secret);
    }
  }
}

}  // namespace

long curl_redirects(CURL* easy) {
  long redirects = 0;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
  return redirects;
}

std::string curl_redirected_to(CURL* easy) {
  const char* url = nullptr;
  if (easy == nullptr || curl_redirects(easy) == 0 ||
      curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || url == nullptr) {
    return {};
  }
  return without_user(url);
}

std::optional<net::Duration> curl_stamp(CURL* easy, CURLINFO which) {
  curl_off_t microseconds = 0;
  if (curl_easy_getinfo(easy, which, &microseconds) != CURLE_OK || microseconds <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(microseconds);
}

const ssl_st* curl_session(CURL* easy) {
  curl_tlssessioninfo* info = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == nullptr ||
      info->backend != CURLSSLBACKEND_OPENSSL) {
    return nullptr;
  }
  return static_cast<const ssl_st*>(info->internals);
}

void trace_curl(Tracer& tracer, curl_infotype type, std::string_view text, net::Duration at) {
  if (type == CURLINFO_HEADER_IN || type == CURLINFO_HEADER_OUT) {
    hide_credentials(tracer, text);
  }
  if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN) {
    tracer.heard(text, at);
  } else if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) {
    tracer.sent(text, at);
  } else if (type == CURLINFO_TEXT && !text.starts_with("STATE") && text.size() > 1) {
    text.remove_suffix(text.ends_with('\n') ? 1 : 0);
    constexpr std::string_view kNameless = "Connected to (nil) (";  // libcurl 7.88 with CONNECT_TO
    if (text.starts_with(kNameless)) {
      tracer.note("Connected to (" + std::string(text.substr(kNameless.size())), at);
      return;
    }
    if (const auto bracket = text.find(" ["); text.starts_with("h2") && text.ends_with(']')) {
      hide_credentials(tracer, text.substr(bracket + 2, text.size() - bracket - 3));
    }
    tracer.note(text, at);
  }
}

}  // namespace ronda::probes
