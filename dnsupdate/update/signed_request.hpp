// One question on its way to the primary: an immutable message that is given an id and a fresh TSIG
// (RFC 8945) for each attempt, and the judge of what comes back: accept, ignore and keep waiting,
// or close the connection. Without a key the question goes unsigned, and a reply is told by its id
// and question alone: whoever can guess those can forge it. No sockets, no clock: octets and the
// time are handed in.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "dnsupdate/update/diagnosis.hpp"
#include "dnsupdate/update/reply.hpp"
#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/tsig.hpp"

namespace ronda::dnsupdate {

// A datagram may come from anybody who guesses the port, so a bad one proves nothing. On a
// connection a bad reply means that nothing more on it can be trusted.
enum class Carrier : std::uint8_t { datagram, stream };

struct Accept {
  Reply reply{};
};
struct Ignore {
  NoReply hint{};
};
struct Close {
  NoReply hint{};
};
using Judgement = std::variant<Accept, Ignore, Close>;

class SignedRequest {
 public:
  // `key` may be null: unsigned. The error is a sentence: the message does not fit into 65,535
  // octets.
  static std::expected<SignedRequest, std::string> make(const Message& message, TsigKeyPtr key,
                                                        DiagnosisContext context);

  // A new attempt; replies to earlier ones are no longer accepted.
  const Bytes& sign(std::uint16_t id, net::WallTime now);
  Judgement judge(std::span<const std::byte> octets, Carrier carrier, net::WallTime now) const;

  std::uint16_t id() const { return id_; }
  bool is_update() const { return opcode_ == Opcode::UPDATE; }
  const DiagnosisContext& context() const { return context_; }
  std::size_t size() const { return template_.size(); }  // without the signature
  void set_server(const std::string& server) { context_.server = server; }

 private:
  SignedRequest() = default;
  std::expected<Reply, NoReply> verify(std::span<const std::byte> octets, net::WallTime now) const;

  Bytes template_{};
  Opcode opcode_ = Opcode::QUERY;
  std::vector<Question> question_{};
  TsigKeyPtr key_{};
  DiagnosisContext context_{};
  std::uint16_t id_ = 0;
  SignedMessage signed_{};
};

}  // namespace ronda::dnsupdate
