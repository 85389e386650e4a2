// One question to one DNS server and the reply to it, over a connected UDP socket, TCP or TLS. It
// knows no deadline: its owner asks overdue() what silence until then means.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dnsupdate/wire/frame_reader.hpp"
#include "dnsupdate/wire/message.hpp"
#include "net/datagram.hpp"
#include "net/loop.hpp"
#include "net/tcp_stream.hpp"
#include "net/tls_certificates.hpp"
#include "probes/check.hpp"
#include "probes/result.hpp"
#include "probes/trace.hpp"

namespace ronda::probes {

struct DnsServer {
  net::Endpoint endpoint{};
  DnsTransport transport = DnsTransport::udp;
  std::optional<net::IpAddress> source{};
  // With DnsTransport::tls.
  std::shared_ptr<ssl_ctx_st> tls{};
  std::string tls_name{};
  bool verify = true;
};

class DnsExchange {
 public:
  // The reply, or what its absence says about the server. Called once, never inside start(); may
  // drop the exchange.
  using OnEnd = std::function<void(std::expected<dnsupdate::Message, ProbeResult>)>;

  DnsExchange(net::Loop& loop, const Tracer& tracer, DnsServer server, dnsupdate::Message question,
              OnEnd on_end);
  DnsExchange(const DnsExchange&) = delete;
  DnsExchange& operator=(const DnsExchange&) = delete;

  // Over UDP the question is asked once more at `resend`.
  void start(net::SteadyTime resend);
  // What no reply within that time says; `within` is " within 3s".
  ProbeResult overdue(const std::string& within) const;
  const Phases& phases() const { return phases_; }
  const net::CertificateEnds& certificate_ends() const { return certificate_ends_; }

 private:
  enum class Stage : std::uint8_t { connecting, securing, asking };

  void start_datagram(net::SteadyTime resend);
  void start_stream();
  void send();
  void on_datagram(const net::Datagram::Event& event);
  void on_stream(const net::StreamEvent& event);
  void on_secured(const net::Secured& secured);
  void on_octets(std::span<const std::byte> bytes);
  void fail_later(net::Fault fault);
  void end(std::expected<dnsupdate::Message, ProbeResult> outcome);
  void answered(dnsupdate::Message reply);
  void note(const std::string& text);
  std::string asked() const;
  net::Duration elapsed() const { return loop_.now() - started_; }

  net::Loop& loop_;
  Tracer tracer_;
  DnsServer server_;
  dnsupdate::Message question_;
  dnsupdate::Bytes octets_{};  // of the question
  OnEnd on_end_;
  net::SteadyTime started_{};
  Stage stage_ = Stage::connecting;
  std::size_t sent_ = 0;     // copies of the question
  std::size_t ignored_ = 0;  // datagrams that were no reply to it
  std::string last_ignored_{};
  dnsupdate::FrameReader stream_reader_{};
  std::size_t received_ = 0;  // octets of the stream
  Phases phases_{};
  net::CertificateEnds certificate_ends_{};
  net::Handle timer_{};
  std::unique_ptr<net::Datagram> datagram_{};
  std::unique_ptr<net::TcpStream> stream_{};
};

}  // namespace ronda::probes
