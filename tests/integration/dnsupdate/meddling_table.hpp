// Plays the rows of meddling.hpp, all at once, between a client and somebody who honestly carries
// out what reaches him, and checks that what the client reports is what he holds afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dnsupdate/io/client.hpp"
#include "dnsupdate/wire/message.hpp"
#include "net/address.hpp"
#include "net/uv_loop.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {

// Who carries out what gets through: one octet string in, the signed answer out.
class Honest {
 public:
  using OnReply = std::function<void(const dnsupdate::Bytes&)>;
  virtual ~Honest() = default;
  virtual void ask(const dnsupdate::Bytes& question, OnReply on_reply) = 0;
  virtual Strings holds(const std::string& owner) = 0;
};

std::unique_ptr<Honest> real_server(net::Loop& loop, net::Endpoint server);

// Of zone example.com, whose names row1, row2, warm-row1 ... must be free.
void play_meddling(net::UvLoop& loop, Honest& honest, dnsupdate::TsigKeyPtr key,
                   dnsupdate::Transport transport);

}  // namespace ronda::test
