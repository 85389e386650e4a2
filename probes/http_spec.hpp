// An HTTP check as a request ready to be sent: what any engine needs to know, and nothing of how to
// judge the answer (http_judge). Pure.
#pragma once

#include <string>
#include <vector>

#include "net/address.hpp"
#include "probes/check.hpp"

namespace ronda::probes {

struct HttpSpec {
  std::string method{};
  std::string url{};  // its host is the name for SNI and the certificate
  // libcurl's form, "::192.0.2.1:8080": whatever the URL says, go there. Without a port,
  // "::192.0.2.1:", to that address at the URL's port.
  std::string connect_to{};
  std::vector<std::string> headers{};  // "Name: value"; "Name;" for an empty value
  HttpVersion version = HttpVersion::one;
  bool follow = false;
  bool tls = false;          // from the beginning
  bool may_use_tls = false;  // or behind a redirect
  bool needs_body = false;   // a pattern looks at it, or a report is in it
  friend bool operator==(const HttpSpec&, const HttpSpec&) = default;
};

HttpSpec make_http_spec(const CheckSpec& check, const net::Endpoint& endpoint);

}  // namespace ronda::probes
