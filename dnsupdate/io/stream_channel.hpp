// One TCP or TLS connection to the primary: questions go out pipelined, one write each, and replies
// are matched by id. It never reconnects and knows no deadline: when the connection ends it says so
// once, with the questions that are left.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "dnsupdate/io/inquiry.hpp"
#include "dnsupdate/wire/frame_reader.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"
#include "net/tcp_stream.hpp"

namespace ronda::dnsupdate {

// Why a connection ended: in good order, by a fault, or by us because a reply could not be trusted.
struct StreamEnd {
  bool was_connected = false;
  std::optional<net::Fault> fault{};
  std::optional<NoReply> distrust{};
};

// What the server must prove before anything is said to it.
struct ChannelTls {
  std::shared_ptr<ssl_ctx_st> context{};
  std::string name{};
  bool verify = true;
};

class StreamChannel {
 public:
  struct Listener {
    std::function<void(const InquiryPtr&, Reply)> on_reply{};
    // The channel may be dropped from inside.
    std::function<void(const StreamEnd&, std::vector<InquiryPtr>)> on_end{};
  };

  static std::expected<std::unique_ptr<StreamChannel>, net::Fault> connect(
      net::Loop& loop, net::Random& random, const net::Endpoint& server,
      std::optional<net::IpAddress> source, std::optional<ChannelTls> tls, Listener listener);
  ~StreamChannel();
  StreamChannel(const StreamChannel&) = delete;
  StreamChannel& operator=(const StreamChannel&) = delete;

  void send(const InquiryPtr& inquiry);  // as soon as the connection stands
  void forget(const InquiryPtr& inquiry);
  bool holds(const InquiryPtr& inquiry) const;  // it waits here to be sent
  // A question went unanswered: no new ones here, and late replies are ignored.
  void retire() { retired_ = true; }
  bool retired() const { return retired_; }
  bool connected() const { return connected_; }  // and over TLS: secured
  bool empty() const { return unsent_.empty() && pending_.empty(); }

 private:
  StreamChannel(net::Loop& loop, net::Random& random, Listener listener);
  void on_event(const net::StreamEvent& event);
  void receive(std::span<const std::byte> octets);
  bool take(const Bytes& message);  // false: the connection has ended
  void write(const InquiryPtr& inquiry);
  void end(StreamEnd why);

  net::Loop& loop_;
  net::Random& random_;
  std::optional<ChannelTls> tls_{};
  Listener listener_;
  std::unique_ptr<net::TcpStream> stream_{};
  bool connected_ = false;
  bool retired_ = false;
  FrameReader frames_{};
  std::vector<InquiryPtr> unsent_{};
  std::map<std::uint16_t, InquiryPtr> pending_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ronda::dnsupdate
