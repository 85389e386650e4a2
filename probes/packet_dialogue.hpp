// The dialogue of protocols in which both sides speak in packets that say their own length, as
// database servers do. The protocol derives from it and says what a packet is and what it answers;
// this is what they share: one bounded buffer, pieces of any size, TLS in the middle, one verdict.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/dialogue.hpp"

namespace ronda::probes {

class PacketDialogue : public Dialogue {
 public:
  DialogueActions on(const DialogueEvent& event) final;
  std::string waiting_for() const final;

 protected:
  PacketDialogue(std::size_t read_limit, bool secured);

  // The size of the whole packet that begins here, its header included. Nothing: the header has not
  // come yet. 0: this is no packet of the protocol.
  virtual std::optional<std::size_t> size_of(std::string_view octets) const = 0;
  virtual void opened() = 0;
  virtual void upgraded() = 0;
  virtual void heard(std::string_view packet) = 0;

  // For those four: what is done next, and how it ends.
  void expect(std::string what) { expected_ = std::move(what); }
  void send(std::string bytes, std::vector<std::string> secrets = {});
  void start_tls();
  void pass(const std::string& detail, const std::string& farewell);
  void fail(Code code, const std::string& got, const std::string& farewell = {});
  void unable(const std::string& why);  // our own fault
  bool secured() const { return secured_; }

 private:
  void take(std::string_view bytes);
  bool hear_next();
  std::string_view pending() const { return std::string_view(buffer_).substr(done_); }
  void finish(ProbeResult result, const std::string& farewell);

  std::string expected_{};
  std::string buffer_{};
  std::size_t done_ = 0;  // octets at its front whose packets have been heard
  std::size_t read_limit_;
  std::size_t unread_;  // octets still allowed
  bool cut_ = false;    // more came than that
  bool secured_;
  bool upgrading_ = false;
  bool finished_ = false;
  DialogueActions actions_{};
};

}  // namespace ronda::probes
