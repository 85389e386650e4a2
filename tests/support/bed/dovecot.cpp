#include "tests/support/bed/dovecot.hpp"

#include <filesystem>
#include <sstream>

namespace ronda::test {

namespace fs = std::filesystem;

namespace {

struct Setting {
  std::string folder{};
  std::string address{};
  std::string users{};
  const Certificates& certificates;
};

// The names of settings changed with 2.4.
std::string settings_2_3(const Setting& in) {
  return "ssl_cert = <" + in.certificates.certificate.string() + "\nssl_key = <" +
         in.certificates.key.string() +
         "\ndisable_plaintext_auth = no\nmail_location = maildir:" + in.folder +
         "/mail\npassdb {\n driver = passwd-file\n args = " + in.users +
         "\n}\nuserdb {\n driver = passwd-file\n args = " + in.users + "\n}\n";
}

std::string settings_2_4(const Setting& in) {
  return "ssl_server_cert_file = " + in.certificates.certificate.string() +
         "\nssl_server_key_file = " + in.certificates.key.string() +
         "\nauth_allow_cleartext = yes\nmail_driver = maildir\nmail_path = " + in.folder +
         "/mail\npassdb passwd-file {\n passwd_file_path = " + in.users +
         "\n}\nuserdb passwd-file {\n passwd_file_path = " + in.users + "\n}\n";
}

}  // namespace

Dovecot::Dovecot(const std::string& address, std::uint16_t first_port,
                 const Certificates& certificates)
    : Server(address, first_port) {
  const std::string dovecot =
      require_program("dovecot", "dovecot-imapd dovecot-pop3d dovecot-lmtpd");
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
  const Setting setting{folder_name(), address, users, certificates};
  const bool old = run({dovecot, "--version"}).output.starts_with("2.3");
  std::ostringstream text;
  text << (old ? "" : "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n")
       << "base_dir = " << folder_name() << "/run\nstate_dir = " << folder_name()
       << "/state\nlog_path = " << log_file()
       << "\nprotocols = imap pop3 lmtp\nlisten = " << address
       << "\nssl = yes\nfirst_valid_uid = 1\nauth_failure_delay = 0\n"
       << (old ? "auth_username_format = %Ln\n"
               : "auth_username_format = %{user | username | lower}\n")
       << (old ? settings_2_3(setting) : settings_2_4(setting))
       // Or each wrong password makes the next login from the same address wait.
       << "service anvil {\n unix_listener anvil-auth-penalty {\n mode = 0\n }\n}\n"
       << "service imap-login {\n inet_listener imap {\n port = " << port(0)
       << "\n }\n inet_listener imaps {\n port = " << port(1)
       << "\n ssl = yes\n }\n}\nservice pop3-login {\n inet_listener pop3 {\n port = " << port(2)
       << "\n }\n inet_listener pop3s {\n port = " << port(3)
       << "\n ssl = yes\n }\n}\nservice lmtp {\n inet_listener lmtp {\n "
       << (old ? "address" : "listen") << " = " << address << "\n port = " << port(4)
       << "\n }\n}\n";
  const std::string file = folder().write("dovecot.conf", text.str(), fs::perms(0644));
  // Asked to end, it waits five seconds for a child that is only beginning.
  dies_with_its_children();
  set_program({dovecot, "-F", "-c", file});
  start();
}

}  // namespace ronda::test
