#include "agent/cli/demo_view.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <utility>

#include <unistd.h>

namespace ronda::agent {
namespace {

bool have_dig() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((std::filesystem::path(folder) / "dig").c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

dnsupdate::ClientSettings client_settings(const ZoneConfig& zone, net::Endpoint server) {
  dnsupdate::ClientSettings settings;
  settings.zone = zone.zone;
  settings.servers = {server};
  settings.key = zone.key;
  return settings;
}

}  // namespace

DemoView::DemoView(net::Loop& loop, net::Random& random, const ZoneConfig& zone,
                   net::Endpoint server, const std::string& name)
    : loop_(loop), client_(loop, random, client_settings(zone, server)) {
  key_.owner = dnsupdate::Name::parse(name).value();
  key_.type = dnsupdate::RrType::A;
  const std::string place = "@" + server.ip.to_string();
  const std::string port = std::to_string(server.port);
  command_ = "dig +short " + place + " -p " + port + " " + name + " A";
  if (have_dig()) {
    arguments_ = {"dig", "-r", "+short", "+tries=1", "+time=1", place, "-p", port, name, "A"};
  }
}

void DemoView::ask(std::function<void(Answer)> on_answer) {
  on_answer_ = std::move(on_answer);
  if (arguments_.empty() || !ask_dig()) {
    ask_client();
  }
}

bool DemoView::ask_dig() {
  auto started =
      net::ChildProcess::start(loop_, {.argv = arguments_}, [this](const net::ChildExit& exit) {
        if (exit.not_started) {
          ask_client();
          return;
        }
        Answer answer;
        std::istringstream lines(exit.code == 0 ? exit.output : std::string());
        for (std::string line; std::getline(lines, line);) {
          if (!line.empty() && line.front() != ';') {
            answer.push_back(line);
          }
        }
        finish(std::move(answer));
      });
  if (!started) {
    return false;
  }
  dig_ = std::move(*started);
  return true;
}

void DemoView::ask_client() {
  question_ = client_.read({key_}, [this](const std::vector<dnsupdate::ReadResult>& results) {
    Answer answer;
    if (!results.empty() && results.front()) {
      answer = results.front()->to_strings();
    }
    finish(std::move(answer));
  });
}

void DemoView::finish(Answer answer) {
  std::sort(answer.begin(), answer.end());
  const auto call = std::exchange(on_answer_, nullptr);
  call(std::move(answer));
}

}  // namespace ronda::agent
