#include "agent/ops/control_api.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/ops/control_socket.hpp"
#include "agent/ops/status_json.hpp"
#include "agent/ops/status_text.hpp"

namespace ronda::agent {
namespace {

constexpr unsigned kConnections = 64;
constexpr unsigned kIdleSeconds = 15;
constexpr std::size_t kConnectionMemory = 32 * 1024;
constexpr const char* kJson = "application/json";
constexpr const char* kText = "text/plain; charset=utf-8";

struct Reply {
  unsigned status = 200;
  std::string body{};
  const char* type = kJson;
  const char* allow = nullptr;
};

Reply error_reply(unsigned status, const std::string& sentence) {
  return {.status = status, .body = errors_json({sentence})};
}

// One request between its first byte and the end of its reply.
struct Request {
  MHD_Connection* connection = nullptr;
  std::function<void(std::shared_ptr<Request>)> start{};  // empty: the reply is known
  bool body_seen = false;
  bool waiting = false;  // suspended
  std::optional<Reply> reply{};
};

struct Query {
  std::set<std::string> services{};
  bool color = false;
};

MHD_Result collect_argument(void* into, MHD_ValueKind, const char* key, const char* value) {
  auto& query = *static_cast<Query*>(into);
  if (value != nullptr && std::string_view(key) == "service") {
    query.services.insert(value);
  }
  if (std::string_view(key) == "color") {
    query.color = true;
  }
  return MHD_YES;
}

MHD_Result collect_report(void* into, MHD_ValueKind, const char* key, const char* value) {
  auto& call = *static_cast<ReportCall*>(into);
  const std::string_view name(key);
  std::string* place = name == "replica"   ? &call.replica
                       : name == "verdict" ? &call.verdict
                       : name == "reason"  ? &call.reason
                                           : nullptr;
  if (place != nullptr && value != nullptr) {
    *place = value;
  }
  return MHD_YES;
}

std::optional<std::uint32_t> peer_uid(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  ucred peer{};
  socklen_t length = sizeof peer;
  if (info == nullptr ||
      ::getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
    return std::nullopt;
  }
  return peer.uid;
}

void keep_only(Snapshot& snapshot, const std::set<std::string>& services) {
  if (!services.empty()) {
    std::erase_if(snapshot.services, [&](const ServiceStatus& service) {
      return !services.contains(service.service);
    });
  }
}

unsigned connections_of(MHD_Daemon* daemon) {
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return info == nullptr ? 0 : info->num_connections;
}

MHD_Result send(MHD_Connection* connection, const Reply& reply) {
  std::string body = reply.body;
  MHD_Response* response =
      MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) {
    return MHD_NO;
  }
  MHD_add_response_header(response, "Content-Type", reply.type);
  MHD_add_response_header(response, "Cache-Control", "no-store");
  if (reply.allow != nullptr) {
    MHD_add_response_header(response, "Allow", reply.allow);
  }
  const MHD_Result result = MHD_queue_response(connection, reply.status, response);
  MHD_destroy_response(response);
  return result;
}

}  // namespace

struct ControlApi::State : std::enable_shared_from_this<ControlApi::State> {
  State(net::Loop& the_loop, net::Worker& the_worker, ControlSocket the_socket,
        ControlCallbacks the_callbacks)
      : loop(the_loop),
        worker(the_worker),
        socket(std::move(the_socket)),
        callbacks(std::move(the_callbacks)) {}

  net::Loop& loop;
  net::Worker& worker;
  ControlSocket socket;
  ControlCallbacks callbacks;
  MHD_Daemon* daemon = nullptr;
  std::unique_ptr<net::Watch> watch{};
  net::Handle timer{};
  std::set<std::shared_ptr<Request>> waiting{};
  bool ending = false;
  bool resumed = false;  // a connection, since the last turn began

  bool begin();
  void run();
  void answer(const std::shared_ptr<Request>& request, Reply reply);
  std::shared_ptr<Request> accept(MHD_Connection* connection, std::string_view path,
                                  std::string_view method);
  void start_status(const std::shared_ptr<Request>& request, bool text);
  void start_reload(const std::shared_ptr<Request>& request);
  void start_report(const std::shared_ptr<Request>& request);
  MHD_Result go_on(const std::shared_ptr<Request>& request, std::size_t* upload);

  static MHD_Result on_access(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* version, const char* upload,
                              std::size_t* upload_size, void** context);
  static void on_completed(void* self, MHD_Connection* connection, void** context,
                           MHD_RequestTerminationCode code);
};

bool ControlApi::State::begin() {
  daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, &State::on_access, this,
      MHD_OPTION_LISTEN_SOCKET, static_cast<MHD_socket>(socket.descriptor()),
      MHD_OPTION_CONNECTION_LIMIT, kConnections, MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_NOTIFY_COMPLETED,
      &State::on_completed, this, MHD_OPTION_END);
  if (daemon == nullptr) {
    return false;
  }
  socket.release();  // MHD closes it
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr || info->epoll_fd < 0) {
    return false;
  }
  watch = loop.watch(info->epoll_fd, [this](net::Interest) { run(); });
  watch->want(net::Interest::read);
  return true;
}

void ControlApi::State::run() {
  resumed = false;
  const unsigned before = connections_of(daemon);
  MHD_run(daemon);
  timer.reset();
  // Of those that wait at the limit it tells nobody before it is run again.
  const bool has_room = connections_of(daemon) < before;
  if (resumed || has_room) {  // resumed from inside, by a request that was answered at once
    timer = loop.at(loop.now(), [this] { run(); });
    return;
  }
  MHD_UNSIGNED_LONG_LONG milliseconds = 0;
  if (MHD_get_timeout(daemon, &milliseconds) == MHD_YES) {
    const auto pause = std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
    timer = loop.at(loop.now() + pause, [this] { run(); });
  }
}

void ControlApi::State::answer(const std::shared_ptr<Request>& request, Reply reply) {
  if (!waiting.contains(request)) {
    return;  // the connection ended meanwhile, or we are
  }
  waiting.erase(request);
  request->reply = std::move(reply);
  request->waiting = false;
  MHD_resume_connection(request->connection);
  resumed = true;
  if (!ending) {
    timer = loop.at(loop.now(), [this] { run(); });
  }
}

std::shared_ptr<Request> ControlApi::State::accept(MHD_Connection* connection,
                                                   std::string_view path, std::string_view method) {
  auto request = std::make_shared<Request>();
  request->connection = connection;
  const bool status = path == "/api/v1/status";
  const bool text = path == "/api/v1/status.txt";
  const bool reload = path == "/api/v1/reload";
  const bool report = path == "/api/v1/report";
  const bool acts = reload || report;
  if (!status && !text && !acts) {
    request->reply = error_reply(404, "no such page: try /api/v1/status");
  } else if (method != (acts ? "POST" : "GET")) {
    request->reply = error_reply(405, reload   ? "reload wants POST"
                                      : report ? "report wants POST"
                                               : "status wants GET");
    request->reply->allow = acts ? "POST" : "GET";
  } else if (report) {
    request->start = [this](const std::shared_ptr<Request>& self) { start_report(self); };
  } else if (reload) {
    request->start = [this](const std::shared_ptr<Request>& self) { start_reload(self); };
  } else {
    request->start = [this, text](const std::shared_ptr<Request>& self) {
      start_status(self, text);
    };
  }
  return request;
}

void ControlApi::State::start_status(const std::shared_ptr<Request>& request, bool text) {
  Query query;
  MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, &collect_argument, &query);
  auto snapshot = std::make_shared<Snapshot>(callbacks.snapshot());
  auto rendered = std::make_shared<std::string>();
  worker.submit(
      [snapshot, rendered, query, text] {
        keep_only(*snapshot, query.services);
        *rendered = text ? to_text(*snapshot, {.color = query.color}) : to_json(*snapshot);
      },
      [weak = weak_from_this(), request, rendered, text] {
        if (const auto self = weak.lock()) {
          self->answer(request, {.body = std::move(*rendered), .type = text ? kText : kJson});
        }
      });
}

void ControlApi::State::start_reload(const std::shared_ptr<Request>& request) {
  callbacks.reload([weak = weak_from_this(), request](const std::vector<std::string>& errors) {
    if (const auto self = weak.lock()) {
      self->answer(request, errors.empty() ? Reply{.body = "{\"ok\":true}\n"}
                                           : Reply{.status = 422, .body = errors_json(errors)});
    }
  });
}

void ControlApi::State::start_report(const std::shared_ptr<Request>& request) {
  ReportCall call{.uid = peer_uid(request->connection)};
  MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, &collect_report, &call);
  const auto told = callbacks.report(call);
  answer(request, told ? Reply{.body = told_json(*told)}
                       : Reply{.status = 422, .body = errors_json({told.error()})});
}

MHD_Result ControlApi::State::go_on(const std::shared_ptr<Request>& request, std::size_t* upload) {
  if (*upload > 0) {
    *upload = 0;  // no request of ours has a body that means something
    return MHD_YES;
  }
  if (!std::exchange(request->body_seen, true)) {
    return MHD_YES;
  }
  if (request->reply) {
    return send(request->connection, *request->reply);
  }
  if (ending) {
    return send(request->connection, error_reply(503, "ronda is stopping"));
  }
  if (!request->waiting) {
    request->waiting = true;
    waiting.insert(request);
    MHD_suspend_connection(request->connection);
    request->start(request);
  }
  return MHD_YES;
}

MHD_Result ControlApi::State::on_access(void* self, MHD_Connection* connection, const char* url,
                                        const char* method, const char*, const char*,
                                        std::size_t* upload_size, void** context) {
  auto& state = *static_cast<State*>(self);
  if (*context == nullptr) {
    *context = new std::shared_ptr<Request>(state.accept(connection, url, method));
  }
  const std::shared_ptr<Request> request = *static_cast<std::shared_ptr<Request>*>(*context);
  return state.go_on(request, upload_size);
}

void ControlApi::State::on_completed(void* self, MHD_Connection*, void** context,
                                     MHD_RequestTerminationCode) {
  auto& state = *static_cast<State*>(self);
  auto* request = static_cast<std::shared_ptr<Request>*>(*context);
  if (request != nullptr) {
    state.waiting.erase(*request);
    delete request;
    *context = nullptr;
  }
}

std::expected<std::unique_ptr<ControlApi>, std::string> ControlApi::open(
    net::Loop& loop, net::Worker& worker, const std::filesystem::path& socket,
    ControlCallbacks callbacks) {
  auto listening = ControlSocket::listen(socket);
  if (!listening) {
    return std::unexpected(listening.error());
  }
  std::unique_ptr<ControlApi> api(new ControlApi);
  api->state_ = std::make_shared<State>(loop, worker, std::move(*listening), std::move(callbacks));
  if (!api->state_->begin()) {
    return std::unexpected("the HTTP server on " + socket.string() + " cannot be started");
  }
  return api;
}

ControlApi::~ControlApi() {
  if (!state_ || state_->daemon == nullptr) {
    return;
  }
  state_->ending = true;
  // libmicrohttpd aborts the process when a suspended connection is left at the end.
  const auto waiting = state_->waiting;
  for (const auto& request : waiting) {
    state_->answer(request, error_reply(503, "ronda is stopping"));
  }
  constexpr int kLastRounds = 4;
  for (int round = 0; round < kLastRounds; ++round) {
    MHD_run(state_->daemon);
  }
  state_->timer.reset();
  state_->watch.reset();
  MHD_stop_daemon(state_->daemon);
}

}  // namespace ronda::agent
