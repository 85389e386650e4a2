#include "tests/support/bed/postfix.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace ronda::test {

namespace fs = std::filesystem;

namespace {

// Postfix takes only addresses of an interface here, not all of 127.0.0.0/8; master.cf has the real
// one.
std::string main_cf(const std::string& folder, const Certificates& certificates) {
  std::ostringstream text;
  text << "compatibility_level=3.6\nqueue_directory=" << folder
       << "/queue\ndata_directory=" << folder
       << "/data\ndaemon_directory=/usr/lib/postfix/sbin\nmaillog_file=" << folder
       << "/log\nmaillog_file_prefixes=" << folder << "\ninet_interfaces=127.0.0.1"
       << "\ninet_protocols=ipv4\nmyhostname=mx.example.test\nmydestination=example."
          "test\nmynetworks=\n"
       << "local_recipient_maps=\nalias_maps=\ndefault_transport=error:none\n"
       << "local_transport=discard:\nsmtpd_tls_cert_file=" << certificates.certificate.string()
       << "\nsmtpd_tls_key_file=" << certificates.key.string()
       << "\nsmtpd_tls_security_level=may\n";
  return text.str();
}

// No chroot (fifth column "n"): the packaged file's chroot needs a prepared queue folder.
std::string master_cf(const std::string& address, std::uint16_t port) {
  return "postlog unix-dgram n - n - 1 postlogd\n" + address + ":" + std::to_string(port) +
         " inet n - n - 20 smtpd\n"
         "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n"
         "tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\n"
         "bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n"
         "discard unix - - n - - discard\nerror unix - - n - - error\n"
         "retry unix - - n - - error\nanvil unix - - n - 1 anvil\n";
}

}  // namespace

Postfix::Postfix(const std::string& address, std::uint16_t port, const Certificates& certificates)
    : Server(address, port) {
  const std::string postfix = require_program("postfix", "postfix");
  const std::string settings = (folder() / "etc").string();
  for (const char* name : {"queue", "data"}) {
    fs::create_directories(folder() / name);
  }
  run({"chown", "postfix", (folder() / "data").string()});
  folder().write("etc/main.cf", main_cf(folder_name(), certificates));
  folder().write("etc/master.cf", master_cf(address, port));
  for (const char* name : {"postfix-files", "dynamicmaps.cf"}) {
    fs::copy_file(fs::path("/etc/postfix") / name, fs::path(settings) / name);
  }
  // Makes the tree of queue folders with Postfix's own owners and modes.
  const Finished check = run({postfix, "-c", settings, "check"});
  if (check.code != 0) {
    throw std::runtime_error("postfix check failed: " + check.output + check.errors +
                             read_file(log_file()));
  }
  set_program({require_program("master", "postfix"), "-c", settings, "-s"},
              {"MAIL_CONFIG=" + settings});
  start();
}

}  // namespace ronda::test
