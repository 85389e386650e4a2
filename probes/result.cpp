#include "probes/result.hpp"

#include <cerrno>

namespace ronda::probes {

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::warn:
      return "warn";
    case Verdict::fail:
      return "fail";
    case Verdict::unknown:
      break;
  }
  return "unknown";
}

const char* to_string(Code code) {
  switch (code) {
    case Code::L4OK:
      return "L4OK";
    case Code::L6OK:
      return "L6OK";
    case Code::L7OK:
      return "L7OK";
    case Code::L7OKC:
      return "L7OKC";
    case Code::L4CON:
      return "L4CON";
    case Code::L4TOUT:
      return "L4TOUT";
    case Code::L6RSP:
      return "L6RSP";
    case Code::L6TOUT:
      return "L6TOUT";
    case Code::L7TOUT:
      return "L7TOUT";
    case Code::L7RSP:
      return "L7RSP";
    case Code::L7STS:
      return "L7STS";
    case Code::PROCERR:
      return "PROCERR";
    case Code::PROCTOUT:
      return "PROCTOUT";
    case Code::SOCKERR:
      break;
  }
  return "SOCKERR";
}

std::string printable(std::string_view bytes, std::size_t limit) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  static constexpr std::string_view kCut = "...";
  std::string text;
  std::size_t whole = 0;  // length up to which kCut still fits behind whole characters
  for (const char byte : bytes) {
    const auto octet = static_cast<unsigned char>(byte);
    if (octet >= 0x20 && octet < 0x7f) {
      text.push_back(byte);
    } else {
      text.append({'\\', 'x', kHex[octet >> 4U], kHex[octet & 0xfU]});
    }
    if (text.size() > limit) {
      text.resize(whole);
      return limit < kCut.size() ? text : text.append(kCut);
    }
    if (text.size() + kCut.size() <= limit) {
      whole = text.size();
    }
  }
  return text;
}

namespace {

Code code_of(const net::Fault& fault) {
  switch (fault.phase) {
    case net::Phase::resolve:
    case net::Phase::open:
    case net::Phase::connect:
      return fault.error == ETIMEDOUT ? Code::L4TOUT : Code::L4CON;
    case net::Phase::tls_handshake:
      return Code::L6RSP;
    case net::Phase::send:
    case net::Phase::receive:
      break;
  }
  return Code::L7RSP;
}

}  // namespace

ProbeResult from_fault(const net::Fault& fault) {
  ProbeResult result;
  result.detail = printable(fault.text);
  if (fault.origin == net::Origin::ours) {
    return result;
  }
  result.verdict = Verdict::fail;
  result.code = code_of(fault);
  return result;
}

}  // namespace ronda::probes
