#include "net/fault.hpp"

#include <cctype>
#include <cerrno>
#include <cstring>

namespace ronda::net {

namespace {

// What we cannot name is not held against the peer.
Origin origin_of(int error, Told told) {
  switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENONET:
    case EACCES:
      return told == Told::later ? Origin::theirs : Origin::ours;
    case 0:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EHOSTDOWN:
    case ETIMEDOUT:
    case EPIPE:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETRESET:
    case EMSGSIZE:
      return Origin::theirs;
    default:
      return Origin::ours;
  }
}

std::string phrase(int error, Told told) {
  const bool later = told == Told::later;
  switch (error) {
    case 0:
      return "failed";
    case EADDRNOTAVAIL:
      return "local address not available";
    case EADDRINUSE:
      return "local address already in use";
    case ENETUNREACH:
      return later ? "the network refuses: no route to that network"
                   : "no route to that network from here";
    case EHOSTUNREACH:
      return later ? "no route to host" : "no route to that host from here";
    case EACCES:
      return later ? "the network refuses: prohibited by a router or a firewall"
                   : "not permitted here";
    case EPERM:
      return "not permitted here";
    case EAFNOSUPPORT:
      return "address family not supported here";
    case EAGAIN:
      return "no local resources left for another connection";
    default:
      break;
  }
  const char* description = ::strerrordesc_np(error);
  if (description == nullptr) {
    return "error " + std::to_string(error);
  }
  std::string text = description;
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

}  // namespace

Fault classify(Phase phase, int error, Told told) {
  return Fault{phase, error, origin_of(error, told), phrase(error, told)};
}

const char* to_string(Phase phase) {
  switch (phase) {
    case Phase::resolve:
      return "resolve";
    case Phase::open:
      return "open";
    case Phase::connect:
      return "connect";
    case Phase::tls_handshake:
      return "TLS handshake";
    case Phase::send:
      return "send";
    case Phase::receive:
      return "receive";
  }
  return "unknown";
}

}  // namespace ronda::net
