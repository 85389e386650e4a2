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

#include "probes/certificate.hpp"
#include "probes/curl_failure.hpp"
#include "probes/dialogue.hpp"
#include "probes/easy_pool.hpp"
#include "probes/http_judge.hpp"
#include "probes/http_spec.hpp"
#include "probes/lag.hpp"

namespace ronda::probes {

namespace {

constexpr std::size_t kMostHeaderBytes = 64 * 1024;
// libcurl's default of 16 kB makes up most of what a check in flight costs.
constexpr long kReceiveBuffer = 2048;

class StringList {
 public:
  StringList() = default;
  StringList(const StringList&) = delete;
  StringList& operator=(const StringList&) = delete;
  ~StringList() { curl_slist_free_all(list_); }
  void add(const std::string& text) {
    curl_slist* longer = curl_slist_append(list_, text.c_str());
    list_ = longer != nullptr ? longer : list_;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

class HttpTransfer final : public net::Cancellable {
 public:
  HttpTransfer(const Engines& engines, CheckSpec check, const net::Endpoint& endpoint,
               OnResult on_result);
  ~HttpTransfer() override;
  void start();

 private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static CURLcode on_tls_context(CURL* easy, void* context, void* self);
  static int on_debug(CURL* easy, curl_infotype type, char* bytes, std::size_t size, void* self);
  static int on_before_request(void* self, char* remote, char* local, int remote_port,
                               int local_port);

  template <typename T>
  void set(CURLoption option, T value);
  void set_connection();
  void set_tls();
  void set_request();
  void set_callbacks();
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  void on_done(int result);
  void finish(ProbeResult result);
  ProbeResult judge(int result);
  CurlFailure failure(int result) const;
  void read_phases();
  std::optional<net::WallTime> certificate_end() const;
  std::optional<net::Duration> stamp(CURLINFO which) const;

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
  std::string unable_{};  // why nothing can be sent
  std::shared_ptr<ssl_ctx_st> context_{};
  StringList headers_{};
  StringList connect_to_{};
  std::array<char, CURL_ERROR_SIZE> message_{};
  int open_error_ = 0;
  HttpReply reply_{};
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  bool shaking_hands_ = false;  // connected, TLS begun
  bool ready_to_ask_ = false;   // connected and secured
  bool head_whole_ = false;
  bool head_too_long_ = false;
  Phases phases_{};
  net::Handle later_{};
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
  if (easy_ != nullptr) {
    set_connection();
    set_tls();
    set_request();
    set_callbacks();
  } else {
    unable_ = "no memory for a request";
  }
  if (!unable_.empty()) {
    later_ = loop_.at(loop_.now(), [this] { finish(make_unknown(unable_)); });
    return;
  }
  running_ = true;
  multi_.add(easy_, &open_error_, [this](int result) { on_done(result); });
}

template <typename T>
void HttpTransfer::set(CURLoption option, T value) {
  const CURLcode result = curl_easy_setopt(easy_, option, value);
  if (result != CURLE_OK && unable_.empty()) {
    unable_ = std::string("libcurl: ") + curl_easy_strerror(result);
  }
}

void HttpTransfer::set_connection() {
  connect_to_.add(spec_.connect_to);
  set(CURLOPT_CONNECT_TO, connect_to_.get());
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(check_.timeout).count();
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout));
  if (check_.source) {
    set(CURLOPT_INTERFACE, ("host!" + check_.source->to_string()).c_str());
  }
}

void HttpTransfer::set_tls() {
  if (!spec_.tls) {
    return;
  }
  auto context = contexts_.get(check_.tls_settings);
  if (!context) {
    unable_ = context.error();
    return;
  }
  context_ = std::move(*context);
  const bool verify = check_.tls_settings.verify;
  set(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(CURLOPT_CERTINFO, 1L);
  set(CURLOPT_SSL_CTX_FUNCTION, &HttpTransfer::on_tls_context);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  // libcurl would read a CA store of its own here, on the loop (20 ms of CPU, blocking reads). With
  // neither set it reads none and trusts nobody; whom to trust is said in on_tls_context.
  set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
}

void HttpTransfer::set_request() {
  for (const std::string& header : spec_.headers) {
    headers_.add(header);
  }
  set(CURLOPT_URL, spec_.url.c_str());
  if (const Login& login = std::get<HttpCheck>(check_.protocol).login) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, login.user().c_str());
    set(CURLOPT_PASSWORD, login.password().c_str());
  }
  set(CURLOPT_PATH_AS_IS, 1L);
  if (spec_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (spec_.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, "");
    set(CURLOPT_POSTFIELDSIZE, 0L);
    headers_.add("Content-Type:");
  } else {
    set(CURLOPT_CUSTOMREQUEST, spec_.method.c_str());
  }
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void HttpTransfer::set_callbacks() {
  set(CURLOPT_ERRORBUFFER, message_.data());
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_PREREQFUNCTION, &HttpTransfer::on_before_request);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  if (tracer_.wanted()) {
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &HttpTransfer::on_debug);
    set(CURLOPT_DEBUGDATA, static_cast<void*>(this));
  }
}

// Between connect and handshake. libcurl 7.88 counts a connection as made only when it is secured,
// and fills the context's own store after this call: what is set here must not depend on that.
CURLcode HttpTransfer::on_tls_context(CURL*, void* context, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  transfer.shaking_hands_ = true;
  transfer.phases_.connect = transfer.loop_.now() - transfer.started_;
  const bool done = net::trust_as(static_cast<ssl_ctx_st*>(context), transfer.context_);
  return done ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

int HttpTransfer::on_debug(CURL*, curl_infotype type, char* bytes, std::size_t size, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  std::string_view text(bytes, size);
  const net::Duration at = transfer.loop_.now() - transfer.started_;
  if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN) {
    transfer.tracer_.heard(text, at);
  } else if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) {
    transfer.tracer_.sent(text, at);
  } else if (type == CURLINFO_TEXT && !text.starts_with("STATE") && text.size() > 1) {
    text.remove_suffix(text.ends_with('\n') ? 1 : 0);
    transfer.tracer_.note(text, at);
  }
  return 0;
}

int HttpTransfer::on_before_request(void* self, char* remote, char*, int remote_port, int) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  transfer.ready_to_ask_ = true;
  const auto reached = net::IpAddress::parse(remote);
  const bool right = reached == transfer.endpoint_.ip && remote_port == transfer.endpoint_.port;
  return right ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t HttpTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  const bool wanted =
      static_cast<HttpTransfer*>(self)->take_header(std::string_view(bytes, size * count));
  return wanted ? size * count : 0;
}

std::size_t HttpTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  const bool wanted =
      static_cast<HttpTransfer*>(self)->take_body(std::string_view(bytes, size * count));
  return wanted ? size * count : 0;
}

bool HttpTransfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMostHeaderBytes) {
    head_too_long_ = true;
    return false;
  }
  if (!phases_.first_byte) {
    phases_.first_byte = loop_.now() - started_;
  }
  while (line.ends_with('\n') || line.ends_with('\r') || line.ends_with(' ')) {
    line.remove_suffix(1);
  }
  if (line.empty()) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    reply_.status = static_cast<int>(status);
    head_whole_ = status >= 200 || status == 101;
    return true;
  }
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    reply_.headers.clear();
  } else if (colon != std::string_view::npos && !head_whole_) {
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    reply_.headers.emplace_back(line.substr(0, colon), value);
  }
  return true;
}

bool HttpTransfer::take_body(std::string_view bytes) {
  const std::size_t room = check_.read_limit - body_bytes_;
  const std::string_view taken = bytes.substr(0, room);
  body_bytes_ += taken.size();
  if (spec_.needs_body) {
    reply_.body.append(taken);
  }
  reply_.cut = bytes.size() > room;
  return !reply_.cut;
}

void HttpTransfer::on_done(int result) {
  running_ = false;
  finish(judge(result));
}

ProbeResult HttpTransfer::judge(int result) {
  if (result == CURLE_OK || reply_.cut) {
    return judge_http(check_, reply_);
  }
  if (head_too_long_) {
    return make_fail(Code::L7RSP, "the answer's headers go on past 64 KiB");
  }
  // A wrong status says more than the body that never ended.
  if (head_whole_) {
    const ProbeResult head = judge_http_head(check_, reply_);
    if (head.verdict == Verdict::fail) {
      return head;
    }
  }
  if (result == CURLE_OPERATION_TIMEDOUT) {
    if (auto excused = excuse_timeout(loop_.worst_lag_since(started_), check_.timeout)) {
      return *excused;
    }
  }
  return explain(failure(result));
}

CurlFailure HttpTransfer::failure(int result) const {
  CurlFailure failure{.result = result,
                      .open_error = open_error_,
                      .connected = ready_to_ask_ || shaking_hands_,
                      .secured = ready_to_ask_ || !spec_.tls,
                      .message = message_.data(),
                      .server_name = check_.server_name,
                      .timeout = net::format_duration(check_.timeout)};
  long value = 0;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &value);
  failure.os_error = static_cast<int>(value);
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &failure.verify_result);
  return failure;
}

void HttpTransfer::finish(ProbeResult result) {
  read_phases();
  result.detail = tracer_.hidden(std::move(result.detail));
  tracer_.finish(phases_.total);
  result.phases = phases_;
  if (spec_.tls && ready_to_ask_) {
    judge_certificate(result, check_, certificate_end(), loop_.wall_now());
  }
  const OnResult tell = std::exchange(on_result_, nullptr);
  tell(result);
}

void HttpTransfer::read_phases() {
  if (easy_ != nullptr) {
    phases_.connect = phases_.connect ? phases_.connect : stamp(CURLINFO_CONNECT_TIME_T);
    phases_.tls = stamp(CURLINFO_APPCONNECT_TIME_T);
  }
  phases_.total = loop_.now() - started_;
}

std::optional<net::Duration> HttpTransfer::stamp(CURLINFO which) const {
  curl_off_t microseconds = 0;
  if (curl_easy_getinfo(easy_, which, &microseconds) != CURLE_OK || microseconds <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(microseconds);
}

std::optional<net::WallTime> HttpTransfer::certificate_end() const {
  static constexpr std::string_view kLabel = "Expire date:";
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(easy_, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr) {
    return std::nullopt;
  }
  std::optional<net::WallTime> earliest;
  for (int index = 0; index < chain->num_of_certs; ++index) {
    for (const curl_slist* line = chain->certinfo[index]; line != nullptr; line = line->next) {
      const std::string_view text = line->data;
      if (!text.starts_with(kLabel)) {
        continue;
      }
      const auto end = parse_certificate_time(text.substr(kLabel.size()));
      if (end && (!earliest || *end < *earliest)) {
        earliest = end;
      }
    }
  }
  return earliest;
}

}  // namespace

net::Handle run_http(const Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                     OnResult on_result) {
  auto transfer = std::make_unique<HttpTransfer>(engines, check, endpoint, std::move(on_result));
  transfer->start();
  return transfer;
}

}  // namespace ronda::probes
