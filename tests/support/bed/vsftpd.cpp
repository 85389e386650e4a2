#include "tests/support/bed/vsftpd.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <unistd.h>

#include "tests/support/bed/eventually.hpp"

namespace ronda::test {

namespace fs = std::filesystem;

Vsftpd::Vsftpd(std::string address, std::uint16_t port, std::uint16_t passive_port,
               const Certificates& certificates)
    : address_(std::move(address)), port_(port) {
  const std::string folder = folder_.path().string();
  for (const char* name : {"empty", "public"}) {
    fs::create_directories(folder_ / name);
  }
  // vsftpd takes no blanks around '='. Without seccomp_sandbox=NO transfers die on newer kernels.
  std::ostringstream text;
  text << "listen=YES\nlisten_address=" << address_ << "\nlisten_port=" << port_
       << "\nbackground=NO\nanonymous_enable=YES\nno_anon_password=YES\nanon_root=" << folder
       << "/public\nsecure_chroot_dir=" << folder << "/empty\nseccomp_sandbox=NO\n"
       << "xferlog_enable=YES\nvsftpd_log_file=" << folder << "/log\nlog_ftp_protocol=YES\n"
       << "pasv_min_port=" << passive_port << "\npasv_max_port=" << passive_port + 9
       << "\nnopriv_user=nobody\nssl_enable=YES\nallow_anon_ssl=YES\nssl_tlsv1=YES\n"
       << "force_local_data_ssl=NO\nforce_local_logins_ssl=NO\nrequire_ssl_reuse=NO\n"
       << "rsa_cert_file=" << certificates.certificate.string()
       << "\nrsa_private_key_file=" << certificates.key.string() << "\n";
  if (::geteuid() != 0) {
    text << "run_as_launching_user=YES\n";
  }
  folder_.write("vsftpd.conf", text.str(), fs::perms(0600));
  start();
}

void Vsftpd::start() {
  ProcessOptions options;
  options.output = folder_ / "output";
  options.errors = folder_ / "errors";
  process_ = std::make_unique<Process>(
      Arguments{require_program("vsftpd", "vsftpd"), (folder_ / "vsftpd.conf").string()}, options);
  if (!accepts(address_.c_str(), port_, std::chrono::seconds(10)) || !process_->running()) {
    throw std::runtime_error("vsftpd does not listen on " + address_ + ":" + std::to_string(port_) +
                             ": " + read_file(folder_ / "output") + read_file(folder_ / "errors"));
  }
}

void Vsftpd::stop() {
  process_.reset();
}

}  // namespace ronda::test
