// The dialogue of protocols in which the server speaks first and answers each command with one
// reply: SMTP, LMTP, FTP, IMAP, POP3. The steps are data; this is the machine that walks them.
// Nothing is written before the server has spoken, and its farewell is said without waiting for an
// answer.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "probes/dialogue.hpp"
#include "probes/reply_reader.hpp"

namespace ronda::probes {

// What a reply opens the way to.
enum class Then : std::uint8_t { next, tls, passive_port, stamp };

struct ReplyStep {
  std::string command{};              // without tag and line end; empty: the server speaks unasked
  std::vector<std::string> expect{};  // one of these
  std::string wait{};                 // taken once for "not yet, wait" (FTP's 120)
  // One of these the reply must offer: a keyword that begins a line, "AUTH PLAIN" with a parameter
  // (EHLO, RFC 5321 4.1.1.1), or a word of the line of capabilities (IMAP).
  std::vector<std::string> offers{};
  std::string unless{};  // left out when a reply so far had this status
  // This the reply before must not offer: it says that the command must not be sent.
  std::string barred_by{};
  std::string cure{};  // of that
  Then then = Then::next;
};

struct ReplyScript {
  Grammar grammar = Grammar::smtp;
  std::vector<ReplyStep> steps{};
  std::string farewell{};  // a command
  std::string hung_up{};   // the server says this and closes: no farewell
};

class ReplyDialogue final : public Dialogue {
 public:
  ReplyDialogue(ReplyScript script, std::size_t read_limit);
  DialogueActions on(const DialogueEvent& event) override;
  std::string waiting_for() const override;

 private:
  DialogueActions heard(std::string_view bytes);
  DialogueActions consume();
  DialogueActions judge(const Reply& reply);
  DialogueActions go_on(const Reply& reply);
  DialogueActions refused_early();
  DialogueActions start_tls();
  DialogueActions open_side(const Reply& reply);
  DialogueActions read_stamp(const Reply& reply);
  DialogueActions next_step();
  std::size_t following() const;
  DialogueActions pass();
  DialogueActions fail(Code code, const std::string& detail, bool polite);
  std::string expectation() const;
  std::string tagged(const std::string& command) const;

  ReplyScript script_;
  std::size_t step_ = 0;
  std::size_t unread_;  // bytes still allowed
  std::size_t read_limit_;
  ReplyReader reader_;
  std::string greeting_{};
  Reading reading_{};
  bool waited_ = false;
  bool upgrading_ = false;
  bool opening_ = false;  // the side connection
  std::set<std::string> statuses_{};
  bool finished_ = false;
};

}  // namespace ronda::probes
