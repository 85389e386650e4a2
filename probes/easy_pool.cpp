#include "probes/easy_pool.hpp"

#include <curl/curl.h>

namespace ronda::probes {

namespace {

// More than this many at once is a burst; an idle handle holds some 6 kB.
constexpr std::size_t kMostIdle = 256;

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
  if (idle_.size() >= kMostIdle) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_reset(easy);
  idle_.push_back(easy);
}

}  // namespace ronda::probes
