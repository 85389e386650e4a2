#include "probes/curl_failure.hpp"

#include <string_view>

#include <curl/curl.h>

#include "probes/curl_request.hpp"
#include "probes/dialogue.hpp"

namespace ronda::probes {

namespace {

// X509_V_ERR_*; OpenSSL's headers are at home in net/.
constexpr long kUnspecified = 1;
constexpr long kNotYetValid = 9;
constexpr long kHasExpired = 10;
constexpr long kOutOfMemory = 17;
constexpr long kSelfSignedLeaf = 18;
constexpr long kSelfSignedInChain = 19;
constexpr long kNoLocalIssuer = 20;
constexpr long kUnverifiableLeaf = 21;

std::string said(const CurlFailure& failure) {
  if (!failure.message.empty()) {
    return failure.message;
  }
  return curl_easy_strerror(static_cast<CURLcode>(failure.result));
}

std::string certificate_problem(const CurlFailure& failure) {
  switch (failure.verify_result) {
    case kNotYetValid:
      return "certificate is not yet valid";
    case kHasExpired:
      return "certificate has expired";
    case kSelfSignedLeaf:
      return "certificate is self-signed (unknown CA)";
    case kSelfSignedInChain:
    case kNoLocalIssuer:
    case kUnverifiableLeaf:
      return "certificate is signed by an unknown CA";
    case 0:
    case kUnspecified:
      // The chain held: libcurl compares names by itself.
      if (said(failure).find("subject name") != std::string::npos) {
        return "certificate is for another name" +
               (failure.server_name.empty() ? "" : ": wanted " + failure.server_name);
      }
      break;
    default:
      break;
  }
  return said(failure);
}

// In the words of the other protocols' TLS, without OpenSSL's numbers.
std::string handshake_problem(const CurlFailure& failure) {
  std::string reason = said(failure);
  constexpr std::string_view kMark = "SSL routines::";
  if (const auto mark = reason.find(kMark); mark != std::string::npos) {
    reason.erase(0, mark + kMark.size());
  }
  for (const char* other : {"wrong version number", "packet length too long", "http request"}) {
    if (reason == other) {
      return "what came is not TLS (" + reason + ")";
    }
  }
  if (reason == "unsupported protocol" || reason == "tlsv1 alert protocol version") {
    return "no common TLS version, at least 1.2 is wanted";
  }
  return reason;
}

ProbeResult timed_out(const CurlFailure& failure) {
  const std::string within = " within " + failure.timeout;
  if (!failure.connected) {
    return make_fail(Code::L4TOUT, "no connection" + within);
  }
  if (!failure.secured) {
    return make_fail(Code::L6TOUT, "TLS handshake not done" + within);
  }
  return make_fail(Code::L7TOUT, "no whole answer" + within);
}

ProbeResult not_connected(const CurlFailure& failure) {
  if (failure.os_error != 0) {
    return from_fault(net::classify(net::Phase::connect, failure.os_error));
  }
  return make_fail(Code::L4CON, said(failure));
}

}  // namespace

ProbeResult explain(const CurlFailure& failure) {
  if (failure.open_error != 0) {
    return from_fault(net::classify(net::Phase::open, failure.open_error));
  }
  switch (failure.result) {
    case CURLE_COULDNT_CONNECT:
      return not_connected(failure);
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(failure);
    case CURLE_PEER_FAILED_VERIFICATION:
      if (failure.verify_result == kOutOfMemory) {
        return make_unknown("no memory to verify the certificate");
      }
      return make_fail(Code::L6RSP, certificate_problem(failure));
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return make_fail(Code::L6RSP, handshake_problem(failure));
    case CURLE_GOT_NOTHING:
      return make_fail(Code::L7RSP, "connection closed without an answer");
    case CURLE_PARTIAL_FILE:
      return make_fail(Code::L7RSP, "connection closed in the middle of the answer");
    case CURLE_TOO_MANY_REDIRECTS:
      return make_fail(Code::L7RSP, "more than " + std::to_string(kMostRedirects) + " redirects");
    case CURLE_UNSUPPORTED_PROTOCOL:
      return make_fail(Code::L7RSP, said(failure).starts_with("Protocol")
                                        ? "neither http nor https"
                                        : "the answer is not HTTP/1.x");
    case CURLE_WEIRD_SERVER_REPLY:
      return make_fail(Code::L7RSP, "the answer is not HTTP/1.x");
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return failure.os_error != 0
                 ? from_fault(net::classify(net::Phase::receive, failure.os_error))
                 : make_fail(Code::L7RSP, said(failure));
    case CURLE_INTERFACE_FAILED:
      return make_unknown("cannot use \"source\", is it an address of this machine? " +
                          said(failure));
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
      return make_unknown(said(failure));
    default:
      return make_fail(Code::L7RSP, said(failure));
  }
}

}  // namespace ronda::probes
