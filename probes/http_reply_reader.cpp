#include "probes/http_reply_reader.hpp"

#include <algorithm>
#include <cctype>

namespace ronda::probes {

namespace {

constexpr std::string_view kProtocol = "HTTP/";

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_location(std::string_view name) {
  return std::ranges::equal(name, std::string_view("location"), [](char c, char lower) {
    return std::tolower(static_cast<unsigned char>(c)) == lower;
  });
}

}  // namespace

bool HttpReplyReader::take_line(std::string_view line) {
  header_bytes_ += line.size();
  if (head_too_long()) {
    return false;
  }
  line = line.substr(0, line.find_last_not_of("\r\n \t") + 1);
  if (head_whole_) {
    return true;  // trailers
  }
  const auto colon = line.find(':');
  if (line.empty()) {
    head_whole_ = reply_.status >= 200 || reply_.status == 101;
  } else if (line.starts_with(' ') || line.starts_with('\t')) {
    unfold(line);
  } else if (line.starts_with(kProtocol)) {
    take_status_line(line);
  } else if (colon != std::string_view::npos) {
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    reply_.headers.emplace_back(line.substr(0, colon), value);
    if (follows_ && reply_.status / 100 == 3 && location_.empty() &&
        is_location(line.substr(0, colon))) {
      location_ = value;
    }
  }
  return true;
}

// A value that goes on in this line (RFC 9112 5.2).
void HttpReplyReader::unfold(std::string_view line) {
  if (!reply_.headers.empty()) {
    std::string& value = reply_.headers.back().second;
    value += value.empty() ? "" : " ";
    value += line.substr(line.find_first_not_of(" \t"));
  }
}

// "HTTP/1.1 200 OK", "HTTP/2 200".
void HttpReplyReader::take_status_line(std::string_view line) {
  expect_answer();
  const auto blank = line.find(' ');
  reply_.version = line.substr(kProtocol.size(), blank - kProtocol.size());
  const std::string_view rest =
      line.substr(std::min(line.find_first_not_of(' ', blank), line.size()));
  if (rest.size() >= 3 && std::ranges::all_of(rest.substr(0, 3), is_digit) &&
      (rest.size() == 3 || !is_digit(rest[3]))) {
    reply_.status = (rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0');
  }
}

void HttpReplyReader::expect_answer() {
  reply_ = {};
  head_whole_ = false;
  location_.clear();
}

bool HttpReplyReader::take_body(std::string_view bytes) {
  const std::size_t room = read_limit_ - body_bytes_;
  const std::string_view taken = bytes.substr(0, room);
  body_bytes_ += taken.size();
  if (keeps_body_) {
    reply_.body.append(taken);
  }
  reply_.cut = bytes.size() > room;
  return !reply_.cut;
}

}  // namespace ronda::probes
