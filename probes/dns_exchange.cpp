#include "probes/dns_exchange.hpp"

#include <utility>

#include "probes/certificate.hpp"
#include "probes/dialogue.hpp"
#include "probes/dns_judge.hpp"

namespace ronda::probes {

DnsExchange::DnsExchange(net::Loop& loop, const Tracer& tracer, DnsServer server,
                         dnsupdate::Message question, OnEnd on_end)
    : loop_(loop),
      tracer_(tracer),
      server_(std::move(server)),
      question_(std::move(question)),
      octets_(dnsupdate::write_message(question_).value_or(dnsupdate::Bytes())),
      on_end_(std::move(on_end)),
      started_(loop.now()) {}

void DnsExchange::start(net::SteadyTime resend) {
  if (server_.transport == DnsTransport::udp) {
    start_datagram(resend);
  } else {
    start_stream();
  }
}

// A datagram may be lost without anything being wrong (RFC 1035 4.2.1 leaves the repeating to the
// asker), so one more goes out: the same, from the same port, whichever is answered.
void DnsExchange::start_datagram(net::SteadyTime resend) {
  auto datagram =
      net::Datagram::connect(loop_, server_.endpoint, server_.source,
                             [this](const net::Datagram::Event& event) { on_datagram(event); });
  if (!datagram) {
    fail_later(std::move(datagram.error()));
    return;
  }
  datagram_ = std::move(*datagram);
  stage_ = Stage::asking;
  timer_ = loop_.at(resend, [this] { send(); });
  send();
}

void DnsExchange::start_stream() {
  auto stream =
      net::TcpStream::connect(loop_, server_.endpoint, server_.source,
                              [this](const net::StreamEvent& event) { on_stream(event); });
  if (!stream) {
    fail_later(std::move(stream.error()));
    return;
  }
  stream_ = std::move(*stream);
}

void DnsExchange::send() {
  ++sent_;
  tracer_.sent(question_text(question_) + ", id " + std::to_string(question_.header.id) +
                   (question_.header.rd ? ", RD" : ""),
               elapsed());
  if (datagram_) {
    if (auto fault = datagram_->send(octets_)) {
      fail_later(std::move(*fault));
    }
    return;
  }
  stream_->send(dnsupdate::frame(octets_));
}

void DnsExchange::on_datagram(const net::Datagram::Event& event) {
  if (const auto* fault = std::get_if<net::Fault>(&event)) {
    net::Fault refused = *fault;
    refused.phase = net::Phase::connect;  // nobody is there, which UDP learns only by asking
    end(std::unexpected(from_fault(refused)));
    return;
  }
  auto reply = read_reply(std::get<std::span<const std::byte>>(event), question_);
  if (reply) {
    answered(*std::move(reply));
    return;
  }
  ++ignored_;
  last_ignored_ = reply.error();
  note("ignored a datagram: " + last_ignored_);
}

void DnsExchange::on_stream(const net::StreamEvent& event) {
  if (std::holds_alternative<net::Connected>(event)) {
    phases_.connect = elapsed();
    note("connected to " + server_.endpoint.to_string());
    if (server_.transport == DnsTransport::tls) {
      stage_ = Stage::securing;
      stream_->start_tls(server_.tls, server_.tls_name, server_.verify);
    } else {
      stage_ = Stage::asking;
      send();
    }
  } else if (const auto* secured = std::get_if<net::Secured>(&event)) {
    on_secured(*secured);
  } else if (const auto* received = std::get_if<net::Received>(&event)) {
    on_octets(received->bytes);
  } else if (const auto* fault = std::get_if<net::Fault>(&event)) {
    ProbeResult result = from_fault(*fault);
    if (stage_ == Stage::securing && tracer_.wanted()) {
      note_certificates(tracer_, stream_->certificates(), {}, elapsed());
    }
    if (stage_ == Stage::asking && result.verdict == Verdict::fail) {
      result.detail = printable("expected a reply to " + asked() + ", " + fault->text);
    }
    end(std::unexpected(std::move(result)));
  } else {
    end(std::unexpected(make_fail(Code::L7RSP, "expected a reply to " + asked() +
                                                   ", the connection was closed after " +
                                                   std::to_string(received_) + " octets")));
  }
}

void DnsExchange::on_secured(const net::Secured& secured) {
  phases_.tls = elapsed();
  certificate_ends_ = secured.ends;
  note(secured.protocol + (server_.verify ? "" : ", not verified"));
  if (tracer_.wanted()) {
    note_certificates(tracer_, stream_->certificates(), certificate_ends_, elapsed());
  }
  stage_ = Stage::asking;
  send();
}

// One message is all that is waited for: what a server says beside it is no reply. Bounded by the
// two octets of its length.
void DnsExchange::on_octets(std::span<const std::byte> bytes) {
  received_ += bytes.size();
  stream_reader_.append(bytes);
  const auto message = stream_reader_.next();
  if (!message) {
    return;
  }
  auto reply = read_reply(*message, question_);
  if (reply) {
    answered(*std::move(reply));
    return;
  }
  end(std::unexpected(make_fail(
      Code::L7RSP, "expected a reply to " + asked() + ", got something else: " + reply.error())));
}

void DnsExchange::answered(dnsupdate::Message reply) {
  phases_.first_byte = elapsed();
  if (tracer_.wanted()) {
    for (const std::string& line : reply_lines(reply)) {
      tracer_.heard(line + "\n", elapsed());
    }
  }
  end(std::move(reply));
}

ProbeResult DnsExchange::overdue(const std::string& within) const {
  switch (stage_) {
    case Stage::connecting:
      return make_fail(Code::L4TOUT, "no connection" + within);
    case Stage::securing:
      return make_fail(Code::L6TOUT, "TLS handshake not done" + within);
    case Stage::asking:
      break;
  }
  if (stream_) {
    return make_fail(
        Code::L7TOUT,
        "expected a reply to " + asked() + within + ", got " +
            (received_ == 0 ? "nothing" : std::to_string(received_) + " octets of one"));
  }
  return make_fail(
      Code::L4TOUT,
      "expected a reply to " + asked() + within + ", got " +
          (ignored_ == 0
               ? "nothing (asked " + std::to_string(sent_) + (sent_ == 1 ? " time)" : " times)")
               : std::to_string(ignored_) + " that were none (the last: " + last_ignored_ + ")"));
}

void DnsExchange::fail_later(net::Fault fault) {
  if (datagram_) {
    fault.phase = net::Phase::connect;
  }
  timer_ =
      loop_.at(loop_.now(), [this, result = from_fault(fault)] { end(std::unexpected(result)); });
}

void DnsExchange::end(std::expected<dnsupdate::Message, ProbeResult> outcome) {
  timer_.reset();
  datagram_.reset();
  stream_.reset();
  // The callback may drop this object.
  const OnEnd on_end = std::exchange(on_end_, nullptr);
  on_end(std::move(outcome));
}

void DnsExchange::note(const std::string& text) {
  tracer_.note(text, elapsed());
}

std::string DnsExchange::asked() const {
  return question_text(question_);
}

}  // namespace ronda::probes
