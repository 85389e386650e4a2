// LD_PRELOAD for a server whose clock is to be wrong: the time of day moves by CLOCK_SKEW_MS
// milliseconds, monotonic clocks and timers stay. Not for programs under a sanitizer.
#include <cstdlib>
#include <ctime>

#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr long kNanosecond = 1'000'000'000;

long skew_ms() {
  static const char* const text = std::getenv("CLOCK_SKEW_MS");
  return text == nullptr ? 0 : std::strtol(text, nullptr, 10);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    const long moved = time->tv_nsec + skew_ms() % 1000 * 1'000'000;
    time->tv_sec += skew_ms() / 1000 + (moved >= kNanosecond ? 1 : moved < 0 ? -1 : 0);
    time->tv_nsec = (moved + kNanosecond) % kNanosecond;
  }
  return result;
}

extern "C" time_t time(time_t* place) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (place != nullptr) {
    *place = now.tv_sec;
  }
  return now.tv_sec;
}

extern "C" int gettimeofday(timeval* place, void* /*zone*/) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *place = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
