// libcurl's result codes in the words of a check: which layer failed, whose fault it was, and why.
#pragma once

#include <string>

#include "probes/result.hpp"

namespace ronda::probes {

// What libcurl knows about a transfer that did not end well.
struct CurlFailure {
  int result = 0;          // CURLcode
  int open_error = 0;      // errno of opening the socket, 0 if it was opened
  int os_error = 0;        // errno libcurl last saw
  long verify_result = 0;  // OpenSSL's verdict on the certificate
  bool knows_way = false;  // our own kernel, to the address that was asked
  bool connected = false;
  bool secured = false;       // or nothing to secure
  bool in_head = false;       // asked, the answer's head is not whole
  std::string message{};      // libcurl's error buffer
  std::string server_name{};  // empty: another, behind a redirect
  std::string location{};     // of a redirect that is not followed yet
  std::string timeout{};      // "3s"

  bool leads_nowhere() const;  // the redirect cannot be followed
};

ProbeResult explain(const CurlFailure& failure);

}  // namespace ronda::probes
