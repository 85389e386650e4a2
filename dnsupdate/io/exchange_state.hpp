// What an Exchange does, private to this room: the queue of inquiries and the places in flight
// (exchange.cpp), the connection they share (exchange_stream.cpp) and the sockets of their own
// (exchange_datagram.cpp).
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dnsupdate/io/exchange.hpp"
#include "dnsupdate/io/inquiry.hpp"
#include "dnsupdate/io/server_list.hpp"
#include "dnsupdate/io/server_quota.hpp"
#include "dnsupdate/io/stream_channel.hpp"
#include "net/datagram.hpp"

namespace ronda::dnsupdate {

class Exchange::State : public std::enable_shared_from_this<State> {
 public:
  State(net::Loop& loop, net::Random& random, ClientSettings settings);

  const DiagnosisContext& context() const { return context_; }
  InquiryPtr enqueue(const Message& message, std::function<void(Answer)> on_answer);
  void cancel(const InquiryPtr& inquiry);
  void close();

 private:
  struct Datagrams {
    std::unique_ptr<net::Datagram> socket{};
    Bytes octets{};
    net::Handle resend{};  // fires when it is time for one more copy
    bool resent = false;
    int bad = 0;
  };

  void pump();
  bool has_room_for(const Inquiry& inquiry) const;
  void dispatch(const InquiryPtr& inquiry);
  void send_over_stream(const InquiryPtr& inquiry);
  bool send_over_datagram(const InquiryPtr& inquiry);
  void resend_later(const InquiryPtr& inquiry);
  void on_datagram(const InquiryPtr& inquiry, const net::Datagram::Event& event);
  void open_channel(const InquiryPtr& inquiry);
  void on_stream_end(StreamChannel* channel, std::size_t server, const StreamEnd& why,
                     std::vector<InquiryPtr> inquiries);
  void give_up_connecting();
  void give_up_server(std::size_t server);
  void try_next_server(const InquiryPtr& inquiry, NoReply none);
  void settle_ended(const StreamEnd& why, const InquiryPtr& inquiry);
  NoReply no_reply(const StreamEnd& why, const Inquiry& inquiry) const;
  void no_datagram(const InquiryPtr& inquiry, NoReply none);
  void on_timeout(const InquiryPtr& inquiry);
  void fail_later(const InquiryPtr& inquiry, NoReply none);
  void later(const InquiryPtr& inquiry, std::function<void(const InquiryPtr&)> what);
  void deliver(const InquiryPtr& inquiry, Answer answer);
  void release(const InquiryPtr& inquiry);
  void take_back(const InquiryPtr& inquiry);
  void drop_empty_retired();

  net::Loop& loop_;
  net::Random& random_;
  ClientSettings settings_;
  ServerList servers_;
  std::shared_ptr<ServerQuota> quota_;
  net::Handle awaited_place_{};
  std::size_t octets_in_flight_ = 0;
  DiagnosisContext context_{};
  std::deque<InquiryPtr> waiting_{};
  std::vector<InquiryPtr> in_flight_{};
  std::unique_ptr<StreamChannel> channel_{};
  net::SteadyTime last_use_{};
  std::list<std::unique_ptr<StreamChannel>> retired_{};
  std::map<Inquiry*, Datagrams> datagrams_{};
  bool closed_ = false;
};

}  // namespace ronda::dnsupdate
