#include "probes/dialogue.hpp"

namespace ronda::probes {

std::string describe_got(std::string_view bytes) {
  return bytes.empty() ? ", got nothing" : ", got \"" + printable(bytes, 100) + "\"";
}

std::string describe_line(std::string_view line) {
  return line.empty() ? ", got an empty line" : describe_got(line);
}

ProbeResult make_pass(Code code, std::string_view detail) {
  return {.verdict = Verdict::pass, .code = code, .detail = printable(detail)};
}

ProbeResult make_fail(Code code, std::string_view detail) {
  return {.verdict = Verdict::fail, .code = code, .detail = printable(detail)};
}

ProbeResult make_unknown(std::string_view detail) {
  return {.verdict = Verdict::unknown, .code = Code::SOCKERR, .detail = printable(detail)};
}

}  // namespace ronda::probes
