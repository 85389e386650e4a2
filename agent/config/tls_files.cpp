#include "agent/config/tls_files.hpp"

namespace ronda::agent {

std::vector<TlsFiles::Problem> TlsFiles::problems(const net::TlsSettings& settings) {
  std::vector<Problem> problems;
  if (!settings.ca_file.empty()) {
    const auto trusted = contexts_.get({.verify = false, .ca_file = settings.ca_file});
    if (!trusted) {
      problems.push_back({.key = "ca_file", .sentence = trusted.error()});
    }
  }
  const std::string& certificate = settings.cert_file;
  const std::string& key = settings.key_file;
  if (certificate.empty() || key.empty()) {
    return problems;
  }
  const auto own = contexts_.get({.verify = false, .cert_file = certificate, .key_file = key});
  if (!own) {
    const std::string& why = own.error();  // names first what is wrong
    const bool of_key = why.find(key) < why.find(certificate);
    problems.push_back({.key = of_key ? "key_file" : "cert_file", .sentence = why});
  }
  return problems;
}

}  // namespace ronda::agent
