// The functions that read hostile octets, each as a fuzz target. Linked with libFuzzer one at a
// time (fuzz_main.cpp), and all of them with the replay of the seed corpus (replay.cpp), which
// every test run does. A target aborts where a promise is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ronda::fuzz {

void message(std::span<const std::byte> input);
void name(std::span<const std::byte> input);
void rdata(std::span<const std::byte> input);
void tsig_verify(std::span<const std::byte> input);
void key_file(std::span<const std::byte> input);
void config(std::span<const std::byte> input);
void nsupdate(std::span<const std::byte> input);
void http_judge(std::span<const std::byte> input);
void dialogue(std::span<const std::byte> input);
void report(std::span<const std::byte> input);

}  // namespace ronda::fuzz
