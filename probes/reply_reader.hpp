// Whole replies of the protocols that answer with three digits (RFC 5321 section 4.2, RFC 959
// section 4.2) out of whatever pieces the bytes come in. Lines end in LF, with or without CR.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ronda::probes {

struct Reply {
  int code = 0;
  std::vector<std::string> lines{};  // as received, without the line ends
};

// Between the first and the last line: `coded`, every line repeats the code (SMTP); `free`,
// anything may stand there (FTP).
enum class Continuation : std::uint8_t { coded, free };

class ReplyReader {
 public:
  explicit ReplyReader(Continuation continuation) : continuation_(continuation) {}

  void push(std::string_view bytes);
  // The next whole reply, nothing yet, or the text that is no reply.
  std::expected<std::optional<Reply>, std::string> next();
  // Bytes not yet part of a whole reply, lines of an unfinished one included.
  bool empty() const;
  std::string_view pending() const;

 private:
  std::expected<bool, std::string> take(std::string_view line);  // true: the reply is whole

  Continuation continuation_;
  std::string buffer_{};
  std::size_t scanned_ = 0;  // of buffer_, known to hold no LF
  Reply current_{};
};

}  // namespace ronda::probes
