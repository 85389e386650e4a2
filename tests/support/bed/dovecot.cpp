#include "tests/support/bed/dovecot.hpp"

#include <filesystem>
#include <sstream>

namespace ronda::test {

namespace fs = std::filesystem;

Dovecot::Dovecot(const std::string& address, std::uint16_t first_port,
                 const Certificates& certificates)
    : Server(address, first_port) {
  for (const char* name : {"run", "state", "mail"}) {
    fs::create_directories(folder() / name);
  }
  run({"chown", "nobody", (folder() / "mail").string()});
  const std::string users = folder().write(
      "users", "probe:{PLAIN}secret-word:65534:65534::" + folder_name() + "/mail::\n",
      fs::perms(0644));
  for (std::uint16_t offset = 1; offset < 5; ++offset) {
    also_listens(static_cast<std::uint16_t>(first_port + offset));
  }
  const auto port = [&](int offset) { return std::to_string(first_port + offset); };
  std::ostringstream text;
  text << "base_dir = " << folder_name() << "/run\nstate_dir = " << folder_name()
       << "/state\nlog_path = " << log_file()
       << "\nprotocols = imap pop3 lmtp\nlisten = " << address << "\nssl = yes\nssl_cert = <"
       << certificates.certificate.string() << "\nssl_key = <" << certificates.key.string()
       << "\ndisable_plaintext_auth = no\nmail_location = maildir:" << folder_name()
       << "/mail\nfirst_valid_uid = 1\nauth_failure_delay = 0\n"
       // Or each wrong password makes the next login from the same address wait.
       << "service anvil {\n unix_listener anvil-auth-penalty {\n mode = 0\n }\n}\n"
       << "passdb {\n driver = passwd-file\n args = " << users << "\n}\nuserdb {\n"
       << " driver = passwd-file\n args = " << users << "\n}\nservice imap-login {\n"
       << " inet_listener imap {\n port = " << port(0)
       << "\n }\n inet_listener imaps {\n port = " << port(1)
       << "\n ssl = yes\n }\n}\nservice pop3-login {\n inet_listener pop3 {\n port = " << port(2)
       << "\n }\n inet_listener pop3s {\n port = " << port(3)
       << "\n ssl = yes\n }\n}\nservice lmtp {\n inet_listener lmtp {\n address = " << address
       << "\n port = " << port(4) << "\n }\n}\n";
  const std::string file = folder().write("dovecot.conf", text.str(), fs::perms(0644));
  set_program(
      {require_program("dovecot", "dovecot-imapd dovecot-pop3d dovecot-lmtpd"), "-F", "-c", file});
  start();
}

}  // namespace ronda::test
