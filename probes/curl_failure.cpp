#include "probes/curl_failure.hpp"

#include <cerrno>
#include <cstdlib>
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
constexpr long kOtherName = 62;

std::string said(const CurlFailure& failure) {
  if (!failure.message.empty()) {
    return failure.message;
  }
  return curl_easy_strerror(static_cast<CURLcode>(failure.result));
}

std::string other_name(const CurlFailure& failure) {
  return "certificate is for another name" +
         (failure.server_name.empty() ? "" : ": wanted " + failure.server_name);
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
    case kOtherName:
      return other_name(failure);
    case 0:
    case kUnspecified:
      // The chain held: libcurl compares names by itself.
      if (said(failure).find("subject name") != std::string::npos) {
        return other_name(failure);
      }
      break;
    default:
      break;
  }
  return said(failure);
}

constexpr std::string_view kOfOpenSsl = "SSL routines::";

// In the words of the other protocols' TLS, without OpenSSL's numbers.
std::string tls_problem(const CurlFailure& failure) {
  std::string reason = said(failure);
  if (const auto mark = reason.find(kOfOpenSsl); mark != std::string::npos) {
    reason.erase(0, mark + kOfOpenSsl.size());
  }
  for (const char* beside : {", errno ", " in connection to "}) {
    reason = reason.substr(0, reason.find(beside));
  }
  for (const char* other : {"wrong version number", "packet length too long", "http request"}) {
    if (reason == other) {
      return "what came is not TLS (" + reason + ")";
    }
  }
  if (reason == "unsupported protocol" || reason == "tlsv1 alert protocol version") {
    return "no common TLS version, at least 1.2 is wanted";
  }
  if (reason.ends_with("Connection reset by peer")) {
    return "connection reset by peer";
  }
  if (reason.ends_with("SSL_ERROR_SYSCALL") || reason.ends_with("SSL_ERROR_ZERO_RETURN") ||
      reason.ends_with("unexpected eof while reading")) {
    return "connection closed during the TLS handshake";
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

// libcurl says "out of memory" of a header without an end, too, once it has kept 100 KiB of it. It
// was that when there is room for as much.
bool memory_is_short() {
  constexpr std::size_t kEnough = std::size_t{1} << 20;
  void* volatile room = std::malloc(kEnough);  // NOLINT(cppcoreguidelines-no-malloc)
  const bool is_short = room == nullptr;
  std::free(room);  // NOLINT(cppcoreguidelines-no-malloc)
  return is_short;
}

ProbeResult too_long(const CurlFailure& failure, const char* what) {
  return memory_is_short() ? make_unknown(said(failure)) : make_fail(Code::L7RSP, what);
}

ProbeResult not_connected(const CurlFailure& failure) {
  if (failure.os_error != 0) {
    // libcurl does not say whether it was connect() or SO_ERROR.
    const auto told = failure.knows_way ? net::Told::later : net::Told::at_once;
    return from_fault(net::classify(net::Phase::connect, failure.os_error, told));
  }
  return make_fail(Code::L4CON, said(failure));
}

ProbeResult broken_off(const CurlFailure& failure) {
  const std::string why = said(failure);
  if (why.find(kOfOpenSsl) != std::string::npos) {
    return make_fail(Code::L6RSP, tls_problem(failure));
  }
  if (why.starts_with("Out of memory")) {
    return too_long(failure, "a line behind the chunked body goes on without an end");
  }
  if (failure.os_error == 0) {
    return make_fail(Code::L7RSP, why);
  }
  // Over TLS it is libcurl's goodbye that meets the reset.
  const int error = failure.os_error == EPIPE ? ECONNRESET : failure.os_error;
  return from_fault(net::classify(net::Phase::receive, error, net::Told::later));
}

}  // namespace

bool CurlFailure::leads_nowhere() const {
  return !location.empty() &&
         (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL);
}

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
      return make_fail(Code::L6RSP, tls_problem(failure));
    case CURLE_GOT_NOTHING:
      return make_fail(Code::L7RSP, "connection closed without an answer");
    case CURLE_PARTIAL_FILE:
      return make_fail(Code::L7RSP, "connection closed in the middle of the answer");
    case CURLE_TOO_MANY_REDIRECTS:
      return make_fail(Code::L7RSP, "more than " + std::to_string(kMostRedirects) + " redirects");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return make_fail(Code::L7RSP, failure.leads_nowhere()
                                        ? "neither http nor https"
                                        : "the answer is no sound HTTP: " + said(failure));
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return broken_off(failure);
    case CURLE_INTERFACE_FAILED:
      return make_unknown("cannot use \"source\", is it an address of this machine? " +
                          said(failure));
    case CURLE_OUT_OF_MEMORY:
      return failure.in_head ? too_long(failure, "the answer's headers go on past 64 KiB")
                             : make_unknown(said(failure));
    case CURLE_URL_MALFORMAT:
      return failure.leads_nowhere() ? make_fail(Code::L7RSP, "no usable URL")
                                     : make_unknown(said(failure));
    case CURLE_FAILED_INIT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
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
