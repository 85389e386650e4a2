// The dialogue of protocols in which the server speaks first and answers each command with a
// three-digit reply: SMTP and FTP. The steps are data; this is the machine that walks them. Nothing
// is written before the server has spoken, and its farewell is said without waiting for an answer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "probes/dialogue.hpp"
#include "probes/reply_reader.hpp"

namespace ronda::probes {

struct ReplyStep {
  std::string command{};  // without the line end; empty: the server speaks unasked
  int expect = 0;
  int wait_code = 0;  // taken once for "not yet, wait" (FTP's 120)
  std::string
      offers{};  // a keyword that must begin one of the reply's lines (EHLO, RFC 5321 4.1.1.1)
  bool then_tls = false;  // the reply opens the way to the handshake
};

struct ReplyScript {
  std::vector<ReplyStep> steps{};
  Continuation continuation = Continuation::coded;
  std::string farewell{};  // a command
  int hung_up = 421;       // the server says this and closes: no farewell
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
  DialogueActions next_step();
  DialogueActions pass();
  DialogueActions fail(Code code, const std::string& detail, bool polite);
  std::string expectation() const;

  ReplyScript script_;
  std::size_t step_ = 0;
  std::size_t unread_;  // bytes still allowed
  std::size_t read_limit_;
  ReplyReader reader_;
  std::string greeting_{};
  bool waited_ = false;
  bool upgrading_ = false;
  bool finished_ = false;
};

}  // namespace ronda::probes
