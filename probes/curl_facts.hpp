// What a libcurl easy handle knows of the transfer it has made, or is making.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "net/time.hpp"
#include "probes/trace.hpp"

struct ssl_st;

namespace ronda::probes {

long curl_redirects(CURL* easy);  // how many have been followed
// The last address asked for, when a redirect led there; without a user. nullptr knows nothing.
std::string curl_redirected_to(CURL* easy);
// Since the transfer began; unset: not reached.
std::optional<net::Duration> curl_stamp(CURL* easy, CURLINFO which);
// Of the connection that stands; nullptr: it has none.
const ssl_st* curl_session(CURL* easy);
// A call of libcurl's debug function, for whoever watches.
void trace_curl(Tracer& tracer, curl_infotype type, std::string_view text, net::Duration at);

}  // namespace ronda::probes
