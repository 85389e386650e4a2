// libFuzzer's entry; RONDA_FUZZ_TARGET names the function of targets.hpp.
#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ronda::fuzz::RONDA_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
