#include "tests/e2e/site.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include <unistd.h>

namespace ronda::test {

namespace fs = std::filesystem;

std::string loopback(int host) {
  const int number = static_cast<int>(::getpid());
  return "127." + std::to_string(20 + number / 200 % 200) + "." + std::to_string(1 + number % 200) +
         "." + std::to_string(host);
}

Addresses sorted(Addresses addresses) {
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

std::string json_text(const fs::path& path) {
  return "\"" + path.string() + "\"";
}

std::string zone_text(const std::string& records) {
  return "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n" + records;
}

Finished run_ronda(const Arguments& arguments, const RunOptions& options) {
  Arguments all{RONDA_BINARY};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run(all, options);
}

std::unique_ptr<Process> start_ronda(const Arguments& arguments, const ProcessOptions& options) {
  Arguments all{RONDA_BINARY};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return std::make_unique<Process>(all, options);
}

Site::Site(int replicas, NamedOptions named_options) {
  if (named_options.zone_text.empty()) {
    std::string records = "www A " + std::string(kForeign) + "\n";
    for (int number = 1; number <= replicas; ++number) {
      records += "www A " + loopback(number) + "\n";
    }
    named_options.zone_text = zone_text(records);
  }
  named_ = std::make_unique<Named>(std::move(named_options));
  for (int number = 1; number <= replicas; ++number) {
    replicas_.push_back(
        std::make_unique<Nginx>(Nginx::Options{.address = loopback(number), .port = kHttpPort}));
  }
}

Addresses Site::all() const {
  return without({});
}

Addresses Site::without(std::vector<int> down) const {
  Addresses addresses{kForeign};
  for (int number = 1; number <= static_cast<int>(replicas_.size()); ++number) {
    if (std::find(down.begin(), down.end(), number) == down.end()) {
      addresses.push_back(loopback(number));
    }
  }
  return sorted(addresses);
}

std::string Site::config_text(const ConfigText& text) const {
  std::ostringstream out;
  out << "{\n  " << text.before << "\n  \"zones\": [{ \"zone\": \"example.com\", \"primary\": \""
      << named_->server() << "\", \"key_file\": " << json_text(named_->key_path())
      << ", \"reconcile\": \"1s\" }],\n  \"defaults\": { "
      << (text.defaults.empty() ? R"("interval": "1s", "fast_interval": "100ms", "timeout": "1s",)"
                                  R"( "fall": 2, "rise": 2, "grace": "5s")"
                                : text.defaults)
      << " },\n  \"checks\": { \"web\": { "
      << (text.check.empty()
              ? R"("type": "http", "path": "/health", "port": )" + std::to_string(kHttpPort)
              : text.check)
      << " } },\n  \"services\": [{ \"name\": \"" << kOwner
      << "\", \"checks\": [\"web\"], \"replicas\": [";
  for (std::size_t number = 1; number <= replicas_.size(); ++number) {
    out << (number == 1 ? " " : ", ") << "{ \"name\": \"web" << number << "\", \"address\": \""
        << loopback(static_cast<int>(number)) << "\" }";
  }
  out << " ]" << text.service << " }" << text.services << "]\n}\n";
  return out.str();
}

fs::path Site::write_config(const ConfigText& text) const {
  return folder_.write("ronda.json", config_text(text));
}

}  // namespace ronda::test
