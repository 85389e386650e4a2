#include "probes/easy_pool.hpp"

#include <curl/curl.h>

namespace ronda::probes {

namespace {

// More than this many at once is a burst; an idle handle holds some 6 kB.
constexpr std::size_t kMostIdle = 256;

// What curl_easy_reset leaves behind would speak in the next check: the errno of a connection that
// failed, and in libcurl 7.88 where a redirect led.
bool is_clean(CURL* easy) {
  long os_error = 0;
  long redirects = 0;
  return curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error) == CURLE_OK && os_error == 0 &&
         curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects) == CURLE_OK && redirects == 0;
}

}  // namespace

EasyPool::~EasyPool() {
  for (void* easy : idle_) {
    curl_easy_cleanup(easy);
  }
}

void* EasyPool::take() {
  if (idle_.empty()) {
    return curl_easy_init();
  }
  void* easy = idle_.back();
  idle_.pop_back();
  return easy;
}

void EasyPool::give_back(void* easy) {
  if (idle_.size() >= kMostIdle || !is_clean(easy)) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_reset(easy);
  idle_.push_back(easy);
}

}  // namespace ronda::probes
