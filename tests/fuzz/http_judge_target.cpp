#include <algorithm>

#include "probes/http_judge.hpp"
#include "probes/http_reply_reader.hpp"
#include "probes/http_spec.hpp"
#include "tests/fuzz/check_text.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

using namespace probes;

void check_result(const CheckSpec& check, const HttpReply& reply, const ProbeResult& result) {
  const auto& http = std::get<HttpCheck>(check.protocol);
  require(result.verdict == Verdict::pass || result.verdict == Verdict::fail);
  require(!result.detail.empty());
  require_shown(result.detail);
  if (result.verdict == Verdict::pass) {
    require(reply.status >= 100 && reply.status <= 599);
    require(http.version == HttpVersion::one || reply.version == "2");
  }
}

// Whatever stands in a check, no header it sends holds a line of its own.
void check_request(const CheckSpec& check) {
  const HttpSpec spec = make_http_spec(check, {net::IpAddress::from_v4({192, 0, 2, 1}), 80});
  require(spec.connect_to.starts_with("::192.0.2.1:"));
  for (const std::string& header : spec.headers) {
    require(header.find_first_of("\r\n") == std::string::npos);
  }
}

}  // namespace

// A check, and an answer to it: lines up to an empty one, then the body, cut into pieces where 0xFF
// stands. A verdict for whatever came, and never more kept of it than was allowed.
void http_judge(std::span<const std::byte> input) {
  const auto read = read_check(input);
  if (!read || !std::holds_alternative<HttpCheck>(read->check.protocol)) {
    return;
  }
  const CheckSpec& check = read->check;
  const auto& http = std::get<HttpCheck>(check.protocol);
  check_request(check);
  HttpReplyReader reader(check.read_limit, true, http.follow_redirects);
  std::string_view rest = read->rest;
  bool wanted = true;
  while (wanted && !rest.empty() && (!reader.head_whole() || reader.redirects())) {
    wanted = reader.take_line(take_line(rest));
    require(wanted != reader.head_too_long());
  }
  while (wanted && !rest.empty()) {
    const std::string_view piece = rest.substr(0, rest.find('\xff'));
    wanted = reader.take_body(piece);
    require(wanted != reader.reply().cut);
    rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
  }
  const HttpReply& reply = reader.reply();
  require(reply.body.size() <= check.read_limit);
  if (!reader.head_whole()) {
    return;
  }
  check_result(check, reply, judge_http_head(check, reply));
  const ProbeResult whole = judge_http(check, reply);
  check_result(check, reply, whole);
  // Nothing in the body can make good what was wrong before it.
  const ProbeResult head = judge_http_head(check, reply);
  require(head.verdict == Verdict::pass || whole == head);
}

}  // namespace ronda::fuzz
