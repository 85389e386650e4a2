// Puts together an HttpReply from what an engine hears: header lines one by one, then the body in
// pieces. Bounded on both: what a hostile server sends on top is refused. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "probes/http_judge.hpp"

namespace ronda::probes {

class HttpReplyReader {
 public:
  static constexpr std::size_t kMostHeaderBytes = std::size_t{64} * 1024;

  // `keeps_body`: a pattern will look at it.
  HttpReplyReader(std::size_t read_limit, bool keeps_body)
      : read_limit_(read_limit), keeps_body_(keeps_body) {}

  // One line of a head, its end included; also the lines of interim answers and trailers. False:
  // more than anybody wants.
  bool take_line(std::string_view line);
  bool take_body(std::string_view bytes);

  const HttpReply& reply() const { return reply_; }
  bool head_whole() const { return head_whole_; }  // of the final answer
  bool head_too_long() const { return header_bytes_ > kMostHeaderBytes; }

 private:
  void take_status_line(std::string_view line);

  std::size_t read_limit_;
  bool keeps_body_;
  HttpReply reply_{};
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  bool head_whole_ = false;
};

}  // namespace ronda::probes
