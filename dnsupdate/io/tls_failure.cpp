#include "dnsupdate/io/tls_failure.hpp"

#include <array>
#include <string_view>

namespace ronda::dnsupdate {
namespace {

struct Cure {
  std::string_view sign{};  // a part of the phrase in net/tls_session
  std::string_view cure{};
};

constexpr std::array kCures{
    Cure{"unknown CA", "name the file of its CA in \"ca_file\" of \"tls\", or its \"pin\""},
    Cure{"another name",
         "put into \"name\" of \"tls\" what its certificate names, or give it a "
         "certificate for that name"},
    Cure{"expired", "renew the server's certificate"},
    Cure{"not yet valid", "look at both clocks, then at the server's certificate"},
    Cure{"pinned",
         "if the key was changed on purpose, put that pin into \"pin\" of \"tls\"; else "
         "somebody stands between"},
    Cure{"not TLS",
         "does named have `listen-on port ... tls ...` there? TLS has a port of its own, "
         "853 by default"},
    Cure{"closed", "does a TLS server listen there?"},
    Cure{"reset", "does a TLS server listen there?"},
};

}  // namespace

std::string diagnose_tls(const std::string& server, const std::string& name,
                         const net::Fault& fault) {
  std::string text = "no TLS connection to " + server + " as \"" + name + "\" (" + fault.text +
                     "); nothing was sent in clear text";
  for (const Cure& cure : kCures) {
    if (fault.text.find(cure.sign) != std::string::npos) {
      return text + "; " + std::string(cure.cure);
    }
  }
  return text;
}

}  // namespace ronda::dnsupdate
