#include "tests/support/bed/vsftpd.hpp"

#include <filesystem>
#include <sstream>

#include <unistd.h>

namespace ronda::test {

namespace fs = std::filesystem;

Vsftpd::Vsftpd(const std::string& address, std::uint16_t port, std::uint16_t passive_port,
               const Certificates& certificates)
    : Server(address, port) {
  for (const char* name : {"empty", "public"}) {
    fs::create_directories(folder() / name);
  }
  // vsftpd takes no blanks around '='. Without seccomp_sandbox=NO transfers die on newer kernels.
  std::ostringstream text;
  text << "listen=YES\nlisten_address=" << address << "\nlisten_port=" << port
       << "\nbackground=NO\nanonymous_enable=YES\nno_anon_password=YES\nanon_root=" << folder_name()
       << "/public\nsecure_chroot_dir=" << folder_name() << "/empty\nseccomp_sandbox=NO\n"
       << "xferlog_enable=YES\nvsftpd_log_file=" << folder_name()
       << "/transfers\nlog_ftp_protocol=YES\n"
       << "pasv_min_port=" << passive_port << "\npasv_max_port=" << passive_port + 9
       << "\nnopriv_user=nobody\nssl_enable=YES\nallow_anon_ssl=YES\nssl_tlsv1=YES\n"
       << "force_local_data_ssl=NO\nforce_local_logins_ssl=NO\nrequire_ssl_reuse=NO\n"
       << "rsa_cert_file=" << certificates.certificate.string()
       << "\nrsa_private_key_file=" << certificates.key.string() << "\n";
  if (::geteuid() != 0) {
    text << "run_as_launching_user=YES\n";
  }
  const std::string file = folder().write("vsftpd.conf", text.str(), fs::perms(0600));
  set_program({require_program("vsftpd", "vsftpd"), file});
  start();
}

void Vsftpd::publish(const std::string& name, const std::string& text, std::chrono::seconds age) {
  const fs::path file = folder().write("public/" + name, text, fs::perms(0644));
  fs::last_write_time(file, fs::file_time_type::clock::now() - age);
}

std::string Vsftpd::protocol_log() const {
  return read_file(folder() / "transfers");
}

}  // namespace ronda::test
