#include "tests/support/bed/certificates.hpp"

#include <fstream>
#include <stdexcept>

#include "tests/support/bed/process.hpp"

namespace ronda::test {

namespace fs = std::filesystem;

namespace {

Finished run_openssl(Arguments arguments, const fs::path& folder) {
  arguments.insert(arguments.begin(), require_program("openssl", "openssl"));
  RunOptions options;
  options.folder = folder;
  return run(arguments, options);
}

void openssl(const Arguments& arguments, const fs::path& folder) {
  const Finished finished = run_openssl(arguments, folder);
  if (finished.code != 0) {
    throw std::runtime_error("openssl " + arguments.at(0) + " failed: " + finished.errors);
  }
}

}  // namespace

Certificates make_certificates(const fs::path& folder, const std::string& names, int days) {
  fs::create_directories(folder);
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=Test CA", "-addext",
           "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"},
          folder);
  openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server"},
          folder);
  std::ofstream(folder / "server.ext") << "basicConstraints=critical,CA:FALSE\n"
                                          "extendedKeyUsage=serverAuth\n"
                                          "subjectAltName=" +
                                              names + "\n";
  Arguments sign{"x509",       "-req",   "-in",       "server.csr",      "-CA",
                 "ca.crt",     "-CAkey", "ca.key",    "-CAcreateserial", "-extfile",
                 "server.ext", "-out",   "server.crt"};
  if (days >= 0) {
    sign.insert(sign.end(), {"-days", std::to_string(days)});
    openssl(sign, folder);
  } else {
    // OpenSSL 3.5 takes no end before the beginning, 3.0 no beginning.
    Arguments between = sign;
    between.insert(between.end(),
                   {"-not_before", "20240101000000Z", "-not_after", "20240201000000Z"});
    if (run_openssl(between, folder).code != 0) {
      sign.insert(sign.end(), {"-days", "-1"});
      openssl(sign, folder);
    }
  }
  fs::permissions(folder / "server.key", fs::perms(0644));
  return {folder / "ca.crt", folder / "server.crt", folder / "server.key"};
}

ClientCertificate make_client_certificate(const Certificates& made) {
  const fs::path folder = made.ca.parent_path();
  openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-keyout", "client.key", "-out", "client.csr", "-subj", "/CN=prober"},
          folder);
  openssl({"x509", "-req", "-in", "client.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
           "-CAcreateserial", "-out", "client.crt", "-days", "30"},
          folder);
  return {folder / "client.crt", folder / "client.key"};
}

}  // namespace ronda::test
