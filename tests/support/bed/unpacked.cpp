#include "tests/support/bed/unpacked.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace ronda::test {

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = RONDA_UNPACKED_SERVERS;

std::string unpacked_program(const std::string& name, const std::string& package) {
  const fs::path program = kRoot / "usr/sbin" / name;
  if (!fs::exists(program)) {
    throw std::runtime_error(program.string() + " is missing: run tools/prepare test, which " +
                             "unpacks Debian's package " + package + " there");
  }
  return program.string();
}

// Debian keeps libraries in a folder named after the machine.
std::string library_path() {
  std::string path;
  for (const char* folder : {"usr/lib", "lib"}) {
    if (!fs::exists(kRoot / folder)) {
      continue;
    }
    for (const auto& entry : fs::directory_iterator(kRoot / folder)) {
      if (entry.is_directory() && entry.path().filename().string().contains("-linux-gnu")) {
        path += (path.empty() ? "" : ":") + entry.path().string();
      }
    }
  }
  return "LD_LIBRARY_PATH=" + path;
}

std::string exim_conf(const std::string& address, std::uint16_t port, const std::string& folder,
                      const Certificates& certificates) {
  std::ostringstream text;
  text << "spool_directory=" << folder << "/spool\nlog_file_path=" << folder
       << "/logs/%s\npid_file_path=" << folder << "/pid\nlocal_interfaces=" << address
       << "\ndaemon_smtp_ports=" << port << " : " << port + 1
       << "\ntls_on_connect_ports=" << port + 1
       << "\ntls_advertise_hosts=*\ntls_certificate=" << certificates.certificate.string()
       << "\ntls_privatekey=" << certificates.key.string()
       << "\nprimary_hostname=exim.example.test\nhost_lookup=\n"
          "keep_environment=LD_LIBRARY_PATH\nacl_smtp_rcpt=all\nacl_smtp_data=all\n"
          "log_selector=+smtp_connection +smtp_protocol_error +smtp_syntax_error\n"
          "begin acl\nall:\n  accept\n"
          "begin routers\nnowhere:\n  driver=redirect\n  data=:blackhole:\n";
  return text.str();
}

std::string proftpd_conf(const std::string& address, std::uint16_t port, std::uint16_t passive_port,
                         const std::string& folder, const Certificates& certificates,
                         Proftpd::Tls tls) {
  std::ostringstream text;
  text << "ModulePath " << (kRoot / "usr/lib/proftpd").string()
       << "\nLoadModule mod_tls.c\nServerType standalone\nUseIPv6 off\nDefaultAddress " << address
       << "\nSocketBindTight on\nPort " << port << "\nPassivePorts " << passive_port << " "
       << passive_port + 9 << "\nPidFile " << folder << "/pid\nScoreboardFile " << folder
       << "/score\nDelayEngine off\nWtmpLog off\nUseReverseDNS off\nUseFtpUsers off\nAuthPAM off\n"
          "AuthOrder mod_auth_unix.c\n"
       << "User nobody\nGroup nogroup\nTransferLog none\nLogFormat commands \"%m %s\"\n"
       << "ExtendedLog " << folder << "/commands ALL commands\nSystemLog " << folder
       << "/system\nTLSLog " << folder << "/tls\nTLSEngine on\nTLSECCertificateFile "
       << certificates.certificate.string() << "\nTLSECCertificateKeyFile "
       << certificates.key.string() << "\nTLSOptions NoSessionReuseRequired"
       << (tls == Proftpd::Tls::implicit ? " UseImplicitSSL" : "") << "\n<Anonymous " << folder
       << "/public>\nUser nobody\nGroup nogroup\nUserAlias anonymous nobody\n"
          "RequireValidShell off\nAnonRequirePassword off\n</Anonymous>\n";
  return text.str();
}

}  // namespace

Exim::Exim(const std::string& address, std::uint16_t port, const Certificates& certificates)
    : Server(address, port) {
  also_listens(static_cast<std::uint16_t>(port + 1));
  const std::string exim = unpacked_program("exim4", "exim4-daemon-light");
  constexpr int kUser = 64'123;
  const std::string number = std::to_string(kUser);
  const std::string users =
      folder().write("passwd", read_file("/etc/passwd") + "Debian-exim:x:" + number + ":" + number +
                                   "::/nonexistent:/usr/sbin/nologin\n");
  const std::string groups =
      folder().write("group", read_file("/etc/group") + "Debian-exim:x:" + number + ":\n");
  for (const char* name : {"spool", "logs"}) {
    fs::create_directories(folder() / name);
    if (::chown((folder() / name).c_str(), kUser, kUser) != 0) {
      throw std::runtime_error("Exim needs root");
    }
  }
  const std::string conf =
      folder().write("exim.conf", exim_conf(address, port, folder_name(), certificates));
  set_program({exim, "-C", conf, "-bdf"},
              {library_path(), "LD_PRELOAD=libnss_wrapper.so", "NSS_WRAPPER_PASSWD=" + users,
               "NSS_WRAPPER_GROUP=" + groups});
  start();
}

std::string Exim::main_log() const {
  return read_file(folder() / "logs/main") + read_file(folder() / "logs/reject");
}

Proftpd::Proftpd(const std::string& address, std::uint16_t port, std::uint16_t passive_port,
                 const Certificates& certificates, Tls tls)
    : Server(address, port) {
  const std::string proftpd = unpacked_program("proftpd", "proftpd-core");
  fs::create_directories(folder() / "public");
  const std::string conf = folder().write(
      "proftpd.conf", proftpd_conf(address, port, passive_port, folder_name(), certificates, tls));
  set_program({proftpd, "-n", "-q", "-c", conf}, {library_path()});
  start();
}

std::string Proftpd::command_log() const {
  return read_file(folder() / "commands");
}

std::string Proftpd::trouble_log() const {
  return read_file(folder() / "system") + read_file(folder() / "tls");
}

}  // namespace ronda::test
