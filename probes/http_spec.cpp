#include "probes/http_spec.hpp"

#include <algorithm>
#include <string_view>

namespace ronda::probes {

namespace {

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

bool has_header(const HttpCheck& http, std::string_view name) {
  return std::ranges::any_of(http.headers, [&](const auto& header) {
    return std::ranges::equal(header.first, name, [](char a, char b) {
      const char lower = a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a;
      return lower == b;
    });
  });
}

std::string server_host(const CheckSpec& check, const net::Endpoint& endpoint) {
  std::string name = check.server_name;
  if (name.size() > 1 && name.ends_with('.')) {
    name.pop_back();
  }
  return bracketed(name.empty() ? endpoint.ip.to_string() : name);
}

}  // namespace

HttpSpec make_http_spec(const CheckSpec& check, const net::Endpoint& endpoint) {
  const auto& http = std::get<HttpCheck>(check.protocol);
  const std::string host = server_host(check, endpoint);
  HttpSpec spec;
  spec.method = http.method;
  spec.tls = check.tls != TlsMode::off;
  spec.url =
      (spec.tls ? "https://" : "http://") + host + ":" + std::to_string(endpoint.port) + http.path;
  spec.version = http.version;
  spec.follow = http.follow_redirects;
  spec.may_use_tls = may_use_tls(check);
  spec.connect_to = "::" + bracketed(endpoint.ip.to_string()) + ":";
  if (!spec.follow) {
    spec.connect_to += std::to_string(endpoint.port);
  }
  const bool reads_body = http.reading.as != ReadAs::nothing && http.reading.header.empty();
  spec.needs_body = !http.body.empty() || !http.body_not.empty() || reads_body;
  if (!has_header(http, "host")) {
    spec.headers.push_back("Host: " + (http.host.empty() ? host : http.host));
  }
  // HTTP/2 knows no such header.
  if (spec.version == HttpVersion::one && !has_header(http, "connection")) {
    spec.headers.emplace_back("Connection: close");
  }
  if (!has_header(http, "user-agent")) {
    spec.headers.emplace_back("User-Agent: ronda/" RONDA_VERSION);
  }
  if (http.login && !has_header(http, "authorization")) {
    spec.headers.push_back("Authorization: Basic " + http.login.basic());
  }
  for (const auto& [name, value] : http.headers) {
    spec.headers.push_back(value.empty() ? name + ";" : name + ": " + value);
  }
  return spec;
}

}  // namespace ronda::probes
