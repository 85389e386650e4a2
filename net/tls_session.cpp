#include "net/tls_session.hpp"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/address.hpp"

namespace ronda::net {

namespace {

// TLS's own messages once the handshake is done: servers send some tickets, and new keys after many
// gigabytes. Each costs a derivation of keys, up to 100 µs, and hundreds of them fit into one read.
constexpr int kMostMessages = 32;

std::string describe_verification(long result, const std::string& name) {
  std::string reason = X509_verify_cert_error_string(result);
  switch (result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "certificate is for another name: wanted " + name;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return reason + " (unknown CA)";
    default:
      return reason;
  }
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<ssl_ctx_st> context, const std::string& server_name,
                       bool verify)
    : context_(std::move(context)), name_(server_name) {
  if (name_.ends_with('.')) {
    name_.pop_back();
  }
  ERR_clear_error();
  session_ = SSL_new(context_.get());
  BIO* from_peer = BIO_new(BIO_s_mem());
  BIO* to_peer = BIO_new(BIO_s_mem());
  if (session_ == nullptr || from_peer == nullptr || to_peer == nullptr) {
    BIO_free(from_peer);
    BIO_free(to_peer);
    failure_ = "no memory for a TLS session";
    return;
  }
  // An empty buffer means "later", not the end.
  BIO_set_mem_eof_return(from_peer, -1);
  SSL_set_bio(session_, from_peer, to_peer);
  SSL_set_connect_state(session_);
  remember_refusal_at(session_, &refusal_);
  SSL_set_verify(session_, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const bool is_address = IpAddress::parse(name_).has_value();
  bool set = true;
  if (!is_address && !name_.empty()) {
    // The macro SSL_set_tlsext_host_name hides an old-style cast.
    set = SSL_ctrl(session_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   name_.data()) == 1;
  }
  if (verify && name_.empty()) {
    failure_ = "no server name to verify the certificate against";
  } else if (verify && is_address) {
    set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_), name_.c_str()) == 1;
  } else if (verify) {
    X509_VERIFY_PARAM* parameters = SSL_get0_param(session_);
    X509_VERIFY_PARAM_set_hostflags(
        parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    set = set && X509_VERIFY_PARAM_set1_host(parameters, name_.data(), name_.size()) == 1;
  }
  if (!set) {
    failure_ = "\"" + name_.substr(0, 80) + "\" cannot be used as a server name";
  }
}

TlsSession::~TlsSession() {
  SSL_free(session_);
}

void TlsSession::feed(std::span<const std::byte> bytes) {
  if (session_ != nullptr) {
    BIO_write(SSL_get_rbio(session_), bytes.data(), static_cast<int>(bytes.size()));
  }
}

std::vector<std::byte> TlsSession::take_output() {
  std::vector<std::byte> bytes;
  if (session_ != nullptr) {
    BIO* to_peer = SSL_get_wbio(session_);
    bytes.resize(BIO_ctrl_pending(to_peer));
    if (!bytes.empty()) {
      const int length = BIO_read(to_peer, bytes.data(), static_cast<int>(bytes.size()));
      bytes.resize(static_cast<std::size_t>(std::max(length, 0)));
    }
  }
  return bytes;
}

TlsSession::Status TlsSession::handshake() {
  if (!failure_.empty()) {
    return Status::failed;
  }
  ERR_clear_error();
  const Status status = settle(SSL_do_handshake(session_));
  if (status == Status::done) {
    established_ = true;
  }
  // A peer that says goodbye in mid-handshake has not agreed to anything.
  if (status == Status::closed) {
    failure_ = "connection closed during the handshake";
    return Status::failed;
  }
  return status;
}

TlsSession::Status TlsSession::read(std::span<std::byte> buffer, std::size_t* length) {
  while (true) {
    ERR_clear_error();
    const Status status = settle(SSL_read_ex(session_, buffer.data(), buffer.size(), length));
    // Wanting bytes while there are some means that a message of TLS's own was read.
    if (status != Status::wants_bytes || BIO_ctrl_pending(SSL_get_rbio(session_)) == 0) {
      return status;
    }
    if (++messages_ > kMostMessages) {
      failure_ = "too many TLS messages";
      return Status::failed;
    }
  }
}

bool TlsSession::write(std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    return true;
  }
  ERR_clear_error();
  std::size_t written = 0;
  return settle(SSL_write_ex(session_, bytes.data(), bytes.size(), &written)) == Status::done;
}

void TlsSession::say_goodbye() {
  if (established_ && failure_.empty()) {
    ERR_clear_error();
    SSL_shutdown(session_);
    ERR_clear_error();
  }
}

TlsSession::Status TlsSession::settle(int result) {
  if (result == 1) {
    return Status::done;
  }
  switch (SSL_get_error(session_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Status::wants_bytes;
    case SSL_ERROR_ZERO_RETURN:
      return Status::closed;
    default:
      failure_ = describe_failure();
      ERR_clear_error();
      return Status::failed;
  }
}

std::string TlsSession::describe_failure() const {
  const unsigned long code = ERR_peek_last_error();
  const long verification = SSL_get_verify_result(session_);
  if (verification == X509_V_ERR_APPLICATION_VERIFICATION) {
    return "the server's key is not the pinned one" +
           (refusal_.pin.empty() ? "" : ": its pin is " + refusal_.pin);
  }
  if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verification != X509_V_OK) {
    return describe_verification(verification, name_);
  }
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  switch (ERR_GET_REASON(code)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE:
      return std::string("what came is not TLS (") + (reason == nullptr ? "?" : reason) + ")";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return "no common TLS version, at least 1.2 is wanted";
    default:
      return reason == nullptr ? "TLS failed" : reason;
  }
}

std::string TlsSession::protocol() const {
  return SSL_get_version(session_);
}

CertificateEnds TlsSession::certificate_ends() const {
  return net::certificate_ends(session_);
}

std::vector<std::string> TlsSession::certificates() const {
  return refusal_.presented ? describe_certificates(refusal_.presented)
                            : describe_certificates(session_);
}

}  // namespace ronda::net
