#include "tests/support/bed/backends.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <signal.h>
#include <unistd.h>

namespace ronda::test {

namespace fs = std::filesystem;

namespace {

std::uint16_t after(std::uint16_t port) {
  return static_cast<std::uint16_t>(port + 1);
}

void must(const Arguments& arguments) {
  const Finished finished = run(arguments);
  if (finished.code != 0) {
    throw std::runtime_error(arguments.at(0) + " failed: " + finished.output + finished.errors);
  }
}

}  // namespace

Dropbear::Dropbear(const std::string& address, std::uint16_t port) : Server(address, port) {
  const std::string key = folder_name() + "/key";
  must({require_program("dropbearkey", "dropbear-bin"), "-t", "ed25519", "-f", key});
  set_program({require_program("dropbear", "dropbear-bin"), "-F", "-E", "-r", key, "-p",
               address + ":" + std::to_string(port), "-P", folder_name() + "/pid"});
  start();
}

Redis::Redis(const std::string& address, std::uint16_t port, Entry entry,
             const Certificates& certificates)
    : Server(address, port) {
  also_listens(after(port));
  std::ostringstream text;
  text << "bind " << address << "\nport " << port << "\ndir " << folder_name()
       << "\nsave \"\"\ndaemonize no\nloglevel verbose\nprotected-mode no\ntls-port " << after(port)
       << "\ntls-cert-file " << certificates.certificate.string() << "\ntls-key-file "
       << certificates.key.string() << "\ntls-ca-cert-file " << certificates.ca.string()
       << "\ntls-auth-clients no\n";
  if (entry == Entry::login) {
    text << "requirepass secret-word\nuser probe on >secret-word +ping\n";
  } else if (entry == Entry::echo) {
    text << "rename-command AUTH \"\"\n";
  }
  set_program({require_program("redis-server", "redis-server"),
               folder().write("redis.conf", text.str()).string()});
  start();
}

Memcached::Memcached(const std::string& address, std::uint16_t port,
                     const Certificates& certificates)
    : Server(address, port) {
  also_listens(after(port));
  Arguments arguments{require_program("memcached", "memcached"),
                      "-vv",
                      "-l",
                      "notls:" + address + ":" + std::to_string(port) + "," + address + ":" +
                          std::to_string(after(port)),
                      "-U",
                      "0",
                      "-m",
                      "8",
                      "-Z",
                      "-o",
                      "ssl_chain_cert=" + certificates.certificate.string() +
                          ",ssl_key=" + certificates.key.string()};
  if (::geteuid() == 0) {
    arguments.insert(arguments.end(), {"-u", "nobody"});
  }
  set_program(std::move(arguments));
  start();
}

Slapd::Slapd(const std::string& address, std::uint16_t port, Entry entry,
             const Certificates& certificates)
    : Server(address, port) {
  also_listens(after(port));
  fs::create_directories(folder() / "db");
  std::ostringstream text;
  text << "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
       << "pidfile " << folder_name() << "/pid\nargsfile " << folder_name() << "/args\n"
       << "TLSCACertificateFile " << certificates.ca.string() << "\nTLSCertificateFile "
       << certificates.certificate.string() << "\nTLSCertificateKeyFile "
       << certificates.key.string() << "\n"
       << (entry == Entry::login ? "disallow bind_anon\n" : "")
       << "database mdb\nsuffix \"dc=bed,dc=test\"\nrootdn \"" << slapd_login
       << "\"\nrootpw secret-word\ndirectory " << folder_name() << "/db\nmaxsize 10485760\n";
  const std::string place = address + ":" + std::to_string(port);
  const std::string tls_place = address + ":" + std::to_string(after(port));
  set_program({require_program("slapd", "slapd"), "-d", "stats", "-f",
               folder().write("slapd.conf", text.str()).string(), "-h",
               "ldap://" + place + " ldaps://" + tls_place});
  start();
}

Mosquitto::Mosquitto(const std::string& address, std::uint16_t port, Entry entry,
                     const Certificates& certificates)
    : Server(address, port) {
  also_listens(after(port));
  std::ostringstream text;
  text << "persistence false\nlog_dest stderr\nlog_type all\n";
  if (::geteuid() == 0) {
    text << "user root\n";  // or it becomes somebody who may not read this folder
  }
  if (entry == Entry::login) {
    const std::string passwords = folder_name() + "/passwords";
    must({require_program("mosquitto_passwd", "mosquitto"), "-b", "-c", passwords, "probe",
          "secret-word"});
    text << "password_file " << passwords << "\nallow_zero_length_clientid false\n";
  }
  text << "allow_anonymous " << (entry == Entry::free ? "true" : "false") << "\nlistener " << port
       << " " << address << "\nlistener " << after(port) << " " << address << "\ncafile "
       << certificates.ca.string() << "\ncertfile " << certificates.certificate.string()
       << "\nkeyfile " << certificates.key.string() << "\n";
  set_program({require_program("mosquitto", "mosquitto"), "-c",
               folder().write("mosquitto.conf", text.str()).string()});
  start();
}

Kamailio::Kamailio(const std::string& address, std::uint16_t port, const std::string& status,
                   std::uint16_t behind)
    : Server(address, port) {
  const auto space = status.find(' ');
  std::ostringstream text;
  text << "#!KAMAILIO\ndebug=2\nlog_stderror=yes\nchildren=1\ntcp_children=1\n"
       << "listen=tcp:" << address << ":" << port << "\nloadmodule \"sl.so\"\n";
  if (behind != 0) {
    text << "loadmodule \"maxfwd.so\"\nloadmodule \"tm.so\"\nmodparam(\"tm\", \"fr_timer\", 200)\n"
         << "request_route {\n  if (!mf_process_maxfwd_header(\"10\")) {\n"
         << "    sl_send_reply(\"483\", \"Too Many Hops\");\n    exit;\n  }\n"
         << "  t_relay_to_tcp(\"" << address << "\", \"" << behind << "\");\n}\n";
  } else {
    text << "request_route {\n  if (method==\"OPTIONS\") {\n    sl_send_reply(\""
         << status.substr(0, space) << "\", \"" << status.substr(space + 1) << "\");\n  }\n}\n";
  }
  set_program({require_program("kamailio", "kamailio"), "-DD", "-E", "-m", "16", "-M", "4", "-P",
               folder_name() + "/pid", "-f", folder().write("kamailio.cfg", text.str()).string()});
  start();
}

Kamailio::~Kamailio() {
  end();
  for (const pid_t left : processes_naming(folder_name() + "/")) {
    ::kill(left, SIGKILL);
  }
}

}  // namespace ronda::test
