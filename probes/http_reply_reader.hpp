// Puts together an HttpReply from what an engine hears: header lines one by one, then the body in
// pieces. Of several answers behind one another, interim ones and redirects, it is the last.
// Bounded on both: what a hostile server sends on top is refused. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "probes/http_judge.hpp"

namespace ronda::probes {

class HttpReplyReader {
 public:
  static constexpr std::size_t kMostHeaderBytes = std::size_t{64} * 1024;

  // `follows`: where an answer redirects, expect_answer() comes next.
  HttpReplyReader(std::size_t read_limit, bool keeps_body, bool follows)
      : read_limit_(read_limit), keeps_body_(keeps_body), follows_(follows) {}

  // One line of a head, its end included; also the lines of interim answers and trailers. False:
  // more than anybody wants.
  bool take_line(std::string_view line);
  bool take_body(std::string_view bytes);
  void expect_answer();  // the redirect is followed

  const HttpReply& reply() const { return reply_; }
  // Of the final answer or one that redirects.
  bool head_whole() const { return head_whole_; }
  bool redirects() const { return head_whole_ && !location_.empty(); }
  std::string_view location() const { return redirects() ? location_ : std::string_view(); }
  bool head_too_long() const { return header_bytes_ > kMostHeaderBytes; }

 private:
  void unfold(std::string_view line);
  void take_status_line(std::string_view line);

  std::size_t read_limit_;
  bool keeps_body_;  // a pattern will look at it
  bool follows_;
  HttpReply reply_{};
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  bool head_whole_ = false;
  std::string location_{};  // where an answer that redirects leads
};

}  // namespace ronda::probes
