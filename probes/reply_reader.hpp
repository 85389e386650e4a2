// Whole replies of the protocols that speak in lines, out of whatever pieces the bytes come in:
// three digits (SMTP, RFC 5321 4.2; FTP, RFC 959 4.2), tags (IMAP, RFC 9051 7.1) or a sign (POP3,
// RFC 1939 section 3). Lines end in LF, with or without CR.
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
  std::string status{};              // "220", "OK", "+OK", in capitals
  std::string tag{};                 // of IMAP; "*" when the server spoke unasked
  std::vector<std::string> lines{};  // as received, without the line ends

  // The line with the status.
  const std::string& verdict() const { return tag.empty() ? lines.front() : lines.back(); }
};

//   grammar | a reply is whole with
//   --------+---------------------------------------------------------------------------
//   smtp    | "250 text"; each line before it is "250-text" with the same code
//   ftp     | the same, but anything may stand between the first and the last line
//   imap    | "a1 OK text", after any lines "* text"; alone stand the greeting and "* BYE"
//   pop3    | "+OK text" or "-ERR text"
enum class Grammar : std::uint8_t { smtp, ftp, imap, pop3 };

class ReplyReader {
 public:
  explicit ReplyReader(Grammar grammar) : grammar_(grammar) {}

  void push(std::string_view bytes);
  // The next whole reply, nothing yet, or the text that is no reply.
  std::expected<std::optional<Reply>, std::string> next();
  // Bytes not yet part of a whole reply, lines of an unfinished one included.
  bool empty() const;
  std::string_view pending() const;
  // pending() is the first line of a reply whose last is yet to come.
  bool inside_reply() const { return !current_.lines.empty(); }

 private:
  // True: the reply is whole.
  std::expected<bool, std::string> take(std::string_view line);
  std::expected<bool, std::string> take_coded(std::string_view line);
  std::expected<bool, std::string> take_tagged(std::string_view line);
  std::expected<bool, std::string> take_signed(std::string_view line);

  Grammar grammar_;
  bool greeted_ = false;
  std::string buffer_{};
  std::size_t scanned_ = 0;  // of buffer_, known to hold no LF
  Reply current_{};
};

}  // namespace ronda::probes
