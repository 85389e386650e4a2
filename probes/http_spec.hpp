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
  std::string url{};         // its host is the name for SNI and the certificate
  std::string connect_to{};  // libcurl's form, "::192.0.2.1:8080": whatever the URL says, go there
  std::vector<std::string> headers{};  // "Name: value"; "Name;" for an empty value
  bool tls = false;
  bool needs_body = false;  // a pattern looks at it
  friend bool operator==(const HttpSpec&, const HttpSpec&) = default;
};

HttpSpec make_http_spec(const CheckSpec& check, const net::Endpoint& endpoint);

}  // namespace ronda::probes
