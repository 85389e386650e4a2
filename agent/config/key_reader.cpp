#include "agent/config/key_reader.hpp"

#include <algorithm>
#include <utility>

#include "agent/config/files.hpp"
#include "agent/config/problems.hpp"
#include "dnsupdate/wire/key_file.hpp"

namespace ronda::agent {
namespace {

constexpr std::size_t kKeyFileLimit = std::size_t{1024} * 1024;
constexpr unsigned kOthers = 0006;  // read and write bits of every user of the machine

}  // namespace

std::expected<dnsupdate::TsigKeyPtr, KeyProblem> read_key(const std::filesystem::path& file,
                                                          const std::string& key_name) {
  const std::string subject = "key file " + file.string();
  auto text = read_file(file, kKeyFileLimit, FileKind::regular);
  if (!text) {
    return std::unexpected(KeyProblem{subject + " cannot be read: " + text.error() +
                                      "; make one with \"tsig-keygen ronda > " + file.string() +
                                      "\" or let the user ronda runs as read it"});
  }
  if ((text->mode & kOthers) != 0) {
    return std::unexpected(KeyProblem{
        subject + " is open to every user of this machine; run: chmod 640 " + file.string()});
  }
  const auto keys = dnsupdate::parse_key_file(text->text);
  std::ranges::fill(text->text, '\0');
  if (!keys) {
    return std::unexpected(KeyProblem{subject + ": " + keys.error()});
  }
  auto key = dnsupdate::select_key(*keys, key_name);
  if (!key) {
    return std::unexpected(KeyProblem{subject + ": " + key.error(), true});
  }
  return *std::move(key);
}

std::string weakness(const dnsupdate::TsigKey& key) {
  if (key.algorithm != dnsupdate::TsigAlgorithm::hmac_md5 &&
      key.algorithm != dnsupdate::TsigAlgorithm::hmac_sha1) {
    return {};
  }
  return "key " + in_quotes(key.name.to_string()) +
         " uses a weak algorithm; make a new one with \"tsig-keygen -a hmac-sha256\"";
}

}  // namespace ronda::agent
