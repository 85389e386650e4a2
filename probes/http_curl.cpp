#include "probes/http_curl.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include "net/client_socket.hpp"
#include "net/tls_foreign.hpp"
#include "probes/certificate.hpp"
#include "probes/credentials.hpp"
#include "probes/curl_facts.hpp"
#include "probes/curl_failure.hpp"
#include "probes/curl_request.hpp"
#include "probes/dialogue.hpp"
#include "probes/easy_pool.hpp"
#include "probes/http_judge.hpp"
#include "probes/http_reply_reader.hpp"
#include "probes/http_spec.hpp"
#include "probes/lag.hpp"
#include "probes/portioned_connection.hpp"

namespace ronda::probes {

namespace {

class HttpTransfer final : public net::Cancellable {
 public:
  HttpTransfer(const Engines& engines, CheckSpec check, const net::Endpoint& endpoint,
               OnResult on_result);
  ~HttpTransfer() override;
  void start();

 private:
  enum class Stage : std::uint8_t { connecting, securing, asked };  // of the last connection

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static CURLcode on_tls_context(CURL* easy, void* context, void* self);
  static int on_debug(CURL* easy, curl_infotype type, char* bytes, std::size_t size, void* self);
  static int on_socket(void* self, curl_socket_t socket, curlsocktype purpose);
  static int on_before_request(void* self, char* remote, char* local, int remote_port,
                               int local_port);
  static int on_progress(void* self, curl_off_t to_come, curl_off_t came, curl_off_t to_send,
                         curl_off_t sent);

  std::string set_trust();
  void set_callbacks();
  bool is_the_replica(const net::Endpoint& peer) const;
  bool begin_connection();
  void on_done(int result);
  void on_deadline();
  void end(int result);
  void finish(ProbeResult result);
  ProbeResult judge(int result);
  std::optional<ProbeResult> judge_answer(int result) const;
  CurlFailure failure(int result) const;
  void read_phases();
  void look_at_session();

  net::Loop& loop_;
  net::CurlMulti& multi_;
  net::TlsContexts& contexts_;
  std::shared_ptr<EasyPool> pool_;
  CheckSpec check_;
  net::Endpoint endpoint_;
  OnResult on_result_;
  HttpSpec spec_;
  net::SteadyTime started_;
  CURL* easy_ = nullptr;
  bool running_ = false;
  std::shared_ptr<ssl_ctx_st> context_{};
  net::Refusal refusal_{};
  CurlRequest request_;
  std::array<char, CURL_ERROR_SIZE> message_{};
  int open_error_ = 0;
  std::optional<PortionedConnection> portioned_{};  // with HTTP/2
  HttpReplyReader reader_;
  Stage stage_ = Stage::connecting;
  int connections_ = 0;
  bool speaks_two_ = false;               // agreed on below, whatever the answer calls itself
  std::optional<ProbeResult> refused_{};  // what we ended the transfer for
  std::optional<net::CertificateEnds> ends_{};
  Phases phases_{};
  net::Handle timer_{};
  Tracer tracer_;
};

HttpTransfer::HttpTransfer(const Engines& engines, CheckSpec check, const net::Endpoint& endpoint,
                           OnResult on_result)
    : loop_(engines.loop),
      multi_(engines.curl),
      contexts_(engines.tls),
      pool_(engines.easy_handles),
      check_(std::move(check)),
      endpoint_(endpoint),
      on_result_(std::move(on_result)),
      spec_(make_http_spec(check_, endpoint)),
      started_(loop_.now()),
      easy_(pool_->take()),
      request_(easy_),
      reader_(check_.read_limit, spec_.needs_body, spec_.follow),
      tracer_(engines.on_trace, check_) {}

HttpTransfer::~HttpTransfer() {
  if (running_) {
    multi_.remove(easy_);
  }
  if (easy_ != nullptr) {
    pool_->give_back(easy_);
  }
}

void HttpTransfer::start() {
  std::string unable = "no memory for a request";
  if (easy_ != nullptr) {
    request_.prepare(check_, spec_);
    set_callbacks();
    unable = request_.problem();
  }
  if (unable.empty() && spec_.may_use_tls) {
    unable = set_trust();
  }
  if (!unable.empty()) {
    timer_ = loop_.at(loop_.now(), [this, unable] { finish(make_unknown(unable)); });
    return;
  }
  timer_ = loop_.at(started_ + check_.timeout, [this] { on_deadline(); });
  running_ = true;
  net::CurlMulti::Connector connector;
  if (spec_.version == HttpVersion::two) {
    portioned_.emplace(loop_, check_);
    connector = [this](const net::Endpoint& peer, net::SocketAddress& instead) {
      return is_the_replica(peer) && begin_connection() ? portioned_->connect(peer, instead) : -1;
    };
  }
  multi_.add(easy_, &open_error_, [this](int result) { on_done(result); }, std::move(connector));
}

bool HttpTransfer::is_the_replica(const net::Endpoint& peer) const {
  return peer.ip == endpoint_.ip && (spec_.follow || peer.port == endpoint_.port);
}

// Why it cannot be known whom to trust, or nothing.
std::string HttpTransfer::set_trust() {
  auto context = contexts_.get(check_.tls_settings);
  if (!context) {
    return context.error();
  }
  context_ = std::move(*context);
  request_.set(CURLOPT_SSL_CTX_FUNCTION, &HttpTransfer::on_tls_context);
  request_.set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  return request_.problem();
}

void HttpTransfer::set_callbacks() {
  request_.set(CURLOPT_ERRORBUFFER, message_.data());
  request_.set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  request_.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  request_.set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  request_.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  request_.set(CURLOPT_SOCKOPTFUNCTION, &HttpTransfer::on_socket);
  request_.set(CURLOPT_SOCKOPTDATA, static_cast<void*>(this));
  if (spec_.follow) {
    request_.set(CURLOPT_NOPROGRESS, 0L);
    request_.set(CURLOPT_XFERINFOFUNCTION, &HttpTransfer::on_progress);
    request_.set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  }
  request_.set(CURLOPT_PREREQFUNCTION, &HttpTransfer::on_before_request);
  request_.set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  if (tracer_.wanted()) {
    request_.set(CURLOPT_VERBOSE, 1L);
    request_.set(CURLOPT_DEBUGFUNCTION, &HttpTransfer::on_debug);
    request_.set(CURLOPT_DEBUGDATA, static_cast<void*>(this));
  }
}

// Between connect and handshake. libcurl 7.88 counts a connection as made only when it is secured,
// and fills the context's own store after this call: what is set here must not depend on that.
CURLcode HttpTransfer::on_tls_context(CURL*, void* context, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  transfer.stage_ = Stage::securing;
  transfer.phases_.connect =
      transfer.phases_.connect.value_or(transfer.loop_.now() - transfer.started_);
  const bool done =
      net::trust_as(static_cast<ssl_ctx_st*>(context), transfer.context_, &transfer.refusal_);
  return done ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

int HttpTransfer::on_debug(CURL*, curl_infotype type, char* bytes, std::size_t size, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  trace_curl(transfer.tracer_, type, {bytes, size}, transfer.loop_.now() - transfer.started_);
  return 0;
}

int HttpTransfer::on_socket(void* self, curl_socket_t, curlsocktype) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const bool may = transfer.portioned_ || transfer.begin_connection();
  return may ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

// A connection for each answer: libcurl 7.88 makes five more for a server that refuses the request
// over HTTP/2.
bool HttpTransfer::begin_connection() {
  stage_ = Stage::connecting;
  ++connections_;
  if (connections_ > 1 + curl_redirects(easy_)) {
    refused_ = make_fail(Code::L7RSP, "expected an answer, got a wish to be asked again");
    return false;
  }
  reader_.expect_answer();
  return true;
}

int HttpTransfer::on_before_request(void* self, char* remote, char*, int remote_port, int) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  transfer.stage_ = Stage::asked;
  transfer.tracer_.finish();  // of a redirect's body
  transfer.look_at_session();
  const auto reached = net::IpAddress::parse(remote);
  const bool right =
      transfer.portioned_ ||  // which has been asked before
      (reached && transfer.is_the_replica({*reached, static_cast<std::uint16_t>(remote_port)}));
  return right ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t HttpTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  if (!transfer.phases_.first_byte) {
    transfer.phases_.first_byte = transfer.loop_.now() - transfer.started_;
  }
  const bool wanted = transfer.reader_.take_line(std::string_view(bytes, size * count));
  return wanted ? size * count : 0;
}

// libcurl takes what has no head for a body (HTTP/0.9): so it can be told what came.
std::size_t HttpTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::string_view text(bytes, size * count);
  if (!transfer.reader_.head_whole()) {
    transfer.refused_ = make_fail(Code::L7RSP, "expected HTTP" + describe_got(text));
    return 0;
  }
  return transfer.reader_.take_body(text) ? text.size() : 0;
}

// Of a redirect's body, which libcurl reads for itself, however long it is.
int HttpTransfer::on_progress(void* self, curl_off_t, curl_off_t came, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  if (!transfer.reader_.redirects() || std::cmp_less_equal(came, transfer.check_.read_limit)) {
    return 0;
  }
  transfer.refused_ = make_fail(Code::L7RSP, "the body of a redirect goes on past the " +
                                                 std::to_string(transfer.check_.read_limit) +
                                                 " bytes of read_limit");
  return 1;
}

void HttpTransfer::on_done(int result) {
  running_ = false;
  timer_.reset();
  end(result);
}

void HttpTransfer::on_deadline() {
  running_ = false;
  multi_.remove(easy_);
  end(CURLE_OPERATION_TIMEDOUT);
}

void HttpTransfer::end(int result) {
  ProbeResult judged = judge(result);
  if (spec_.follow) {
    const CurlFailure wrong = failure(result);
    const std::string url = wrong.leads_nowhere() ? wrong.location : curl_redirected_to(easy_);
    if (!url.empty()) {
      judged.detail = printable("redirected to " + printable(url, 80) + ": " + judged.detail);
    }
  }
  finish(std::move(judged));
}

ProbeResult HttpTransfer::judge(int result) {
  if (refused_) {
    return *refused_;
  }
  if (auto judged = judge_answer(result)) {
    return *judged;
  }
  if (result == CURLE_OPERATION_TIMEDOUT) {
    if (auto excused = excuse_timeout(loop_.worst_lag_since(started_), check_.timeout)) {
      return *excused;
    }
  }
  if (auto judged = portioned_ ? portioned_->problem() : std::nullopt) {
    return *judged;
  }
  ProbeResult problem = explain(failure(result));
  // Nobody is asked in clear which version he speaks.
  if (spec_.version == HttpVersion::two && problem.code == Code::L7RSP) {
    problem.detail = printable("expected HTTP/2, " + problem.detail);
  }
  return problem;
}

// By what has come, if that is enough.
std::optional<ProbeResult> HttpTransfer::judge_answer(int result) const {
  const HttpReply& reply = reader_.reply();
  if (reader_.head_too_long()) {
    return make_fail(Code::L7RSP, "the answer's headers go on past 64 KiB");
  }
  if (spec_.version == HttpVersion::two && reply.version == "2" && !speaks_two_) {
    return make_fail(Code::L7RSP, "expected HTTP/2, got HTTP/1 that calls itself 2");
  }
  if (result == CURLE_OK || reply.cut) {
    return judge_http(check_, reply);
  }
  if (!reader_.head_whole() || reader_.redirects()) {
    return std::nullopt;
  }
  // A wrong status, or one that drains, says more than the body that never ended.
  const ProbeResult head = judge_http_head(check_, reply);
  return head.verdict == Verdict::fail || head.drained ? std::optional(head) : std::nullopt;
}

CurlFailure HttpTransfer::failure(int result) const {
  CurlFailure failure{.result = result,
                      .open_error = open_error_,
                      .connected = portioned_ ? portioned_->stands() : stage_ != Stage::connecting,
                      .secured = stage_ != Stage::securing,
                      .in_head = stage_ == Stage::asked && !reader_.head_whole(),
                      .message = message_.data(),
                      .server_name = check_.server_name,
                      .location = without_credentials(std::string(reader_.location())),
                      .timeout = net::format_duration(check_.timeout)};
  if (!curl_redirected_to(easy_).empty()) {
    failure.server_name.clear();
  }
  long value = 0;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &value);
  failure.os_error = static_cast<int>(value);
  failure.knows_way = result == CURLE_COULDNT_CONNECT && net::knows_way(endpoint_, check_.source);
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &failure.verify_result);
  return failure;
}

void HttpTransfer::finish(ProbeResult result) {
  read_phases();
  result.detail = tracer_.hidden(std::move(result.detail));
  tracer_.finish();
  if (tracer_.wanted() && stage_ == Stage::securing) {
    note_certificates(tracer_, net::describe_certificates(refusal_.presented), {}, phases_.total);
  }
  result.phases = phases_;
  if (ends_) {
    judge_certificate(result, check_, *ends_, loop_.wall_now());
  }
  const OnResult tell = std::exchange(on_result_, nullptr);
  tell(result);
}

void HttpTransfer::read_phases() {
  if (portioned_ && portioned_->connected_at()) {
    phases_.connect = *portioned_->connected_at() - started_;
  }
  if (easy_ != nullptr) {
    phases_.connect =
        phases_.connect ? phases_.connect : curl_stamp(easy_, CURLINFO_CONNECT_TIME_T);
    phases_.tls = curl_stamp(easy_, CURLINFO_APPCONNECT_TIME_T);
  }
  phases_.total = loop_.now() - started_;
}

// While the connection stands; OpenSSL's own account, since libcurl tells only what was presented.
void HttpTransfer::look_at_session() {
  const ssl_st* session = curl_session(easy_);
  speaks_two_ = session == nullptr ? !spec_.tls : net::agreed_protocol(session) == "h2";
  if (session == nullptr) {
    return;
  }
  const net::CertificateEnds ends = net::certificate_ends(session);
  ends_ = ends_ ? net::earliest(*ends_, ends) : ends;
  if (tracer_.wanted()) {
    note_certificates(tracer_, net::describe_certificates(session), ends, loop_.now() - started_);
  }
}

}  // namespace

net::Handle run_http(const Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                     OnResult on_result) {
  auto transfer = std::make_unique<HttpTransfer>(engines, check, endpoint, std::move(on_result));
  transfer->start();
  return transfer;
}

}  // namespace ronda::probes
