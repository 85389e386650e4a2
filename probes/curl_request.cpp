#include "probes/curl_request.hpp"

#include <chrono>

namespace ronda::probes {

namespace {

// libcurl's default of 16 kB makes up most of what a check in flight costs.
constexpr long kReceiveBuffer = 2048;

// Over TLS the server chooses, and may choose wrong; without it there is nothing to choose by.
int version_option(const HttpSpec& spec) {
  if (spec.version == HttpVersion::one) {
    return CURL_HTTP_VERSION_1_1;
  }
  return spec.tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
}

}  // namespace

bool CurlList::add(const std::string& text) {
  curl_slist* longer = curl_slist_append(list_, text.c_str());
  list_ = longer != nullptr ? longer : list_;
  return longer != nullptr;
}

void CurlRequest::note(CURLcode result) {
  if (result != CURLE_OK && problem_.empty()) {
    problem_ = std::string("libcurl: ") + curl_easy_strerror(result);
  }
}

void CurlRequest::prepare(const CheckSpec& check, const HttpSpec& spec) {
  set_connection(check, spec);
  if (spec.may_use_tls) {
    set_tls(check.tls_settings.verify);
  }
  set_message(spec);
}

void CurlRequest::set_connection(const CheckSpec& check, const HttpSpec& spec) {
  note(connect_to_.add(spec.connect_to) ? CURLE_OK : CURLE_OUT_OF_MEMORY);
  set(CURLOPT_CONNECT_TO, connect_to_.get());
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, spec.follow ? 1L : 0L);
  set(CURLOPT_MAXREDIRS, kMostRedirects);
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  // An Authorization header is for one name, port and protocol. (libcurl's own USERNAME would put
  // the password into the URLs it tells.)
  set(CURLOPT_UNRESTRICTED_AUTH, 0L);
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(version_option(spec)));
  // Ours is one for all redirects together; libcurl's begins anew at each, and without it a
  // connection has 300 s.
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(check.timeout).count();
  set(CURLOPT_TIMEOUT_MS, 0L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout));
  if (check.source && spec.version == HttpVersion::one) {
    set(CURLOPT_INTERFACE, ("host!" + check.source->to_string()).c_str());
  }
}

void CurlRequest::set_tls(bool verify) {
  set(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  // libcurl would read a CA store of its own here, on the loop (20 ms of CPU, blocking reads). With
  // neither set it reads none and trusts nobody; whom to trust is said in the context.
  set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
}

void CurlRequest::set_message(const HttpSpec& spec) {
  bool listed = true;
  for (const std::string& header : spec.headers) {
    listed = headers_.add(header) && listed;
  }
  set(CURLOPT_HTTP09_ALLOWED, 1L);  // what is no HTTP comes as a body, and can be told
  set(CURLOPT_URL, spec.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  if (spec.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (spec.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, "");
    set(CURLOPT_POSTFIELDSIZE, 0L);
    listed = headers_.add("Content-Type:") && listed;
  } else {
    set(CURLOPT_CUSTOMREQUEST, spec.method.c_str());
  }
  set(CURLOPT_HTTPHEADER, headers_.get());
  note(listed ? CURLE_OK : CURLE_OUT_OF_MEMORY);
}

}  // namespace ronda::probes
