// Servers behind a name that are one program and a page of config each: Dropbear, Redis, memcached,
// OpenLDAP, Mosquitto, Kamailio. The log of each says what its clients did. Those that have a login
// know "probe" with the password "secret-word".
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

// Each constructor starts its server; TLS is on the port after the plain one.
class Dropbear : public Server {
 public:
  Dropbear(const std::string& address, std::uint16_t port);
};

// Who comes in; echo: nobody, and a Redis then repeats what it was told.
enum class Entry : std::uint8_t { free, login, echo };

class Redis : public Server {
 public:
  Redis(const std::string& address, std::uint16_t port, Entry entry,
        const Certificates& certificates);
};

class Memcached : public Server {
 public:
  Memcached(const std::string& address, std::uint16_t port, const Certificates& certificates);
};

// Its login is the DN slapd_login.
inline constexpr const char* slapd_login = "cn=probe,dc=bed,dc=test";
class Slapd : public Server {
 public:
  Slapd(const std::string& address, std::uint16_t port, Entry entry,
        const Certificates& certificates);
};

class Mosquitto : public Server {
 public:
  Mosquitto(const std::string& address, std::uint16_t port, Entry entry,
            const Certificates& certificates);
};

// Answers OPTIONS with the given status line, "200 OK". With a port behind it a proxy: passes
// everything on to there, and answers 483 to what may go no further.
class Kamailio : public Server {
 public:
  Kamailio(const std::string& address, std::uint16_t port, const std::string& status,
           std::uint16_t behind = 0);
  Kamailio(const Kamailio&) = delete;
  Kamailio& operator=(const Kamailio&) = delete;
  // Of its dozen processes one that is told to end while it begins may stay: ended here.
  ~Kamailio();
};

}  // namespace ronda::test
