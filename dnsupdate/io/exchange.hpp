// Asks the primary questions and brings verified answers: one persistent TCP connection, opened
// when first needed and again when it has gone, or one UDP socket a question. Deadlines, the limit
// of questions in flight and what a broken connection means for each question are decided here;
// what a reply is worth, in update/signed_request.
#pragma once

#include <functional>
#include <memory>

#include "dnsupdate/io/client.hpp"
#include "dnsupdate/update/diagnosis.hpp"
#include "dnsupdate/update/reply.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"

namespace ronda::dnsupdate {

class Exchange {
 public:
  Exchange(net::Loop& loop, net::Random& random, const ClientSettings& settings);
  ~Exchange();  // nobody is called back any more
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Calls back once, never inside this call. Dropping the handle cancels.
  [[nodiscard]] net::Handle ask(const Message& message, std::function<void(Answer)> on_answer);
  const DiagnosisContext& context() const;

  class State;  // opaque

 private:
  std::shared_ptr<State> state_;
};

}  // namespace ronda::dnsupdate
