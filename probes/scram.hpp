// The client of a login by SCRAM-SHA-256 (RFC 5802, RFC 7677): three texts, no IO. The password
// never leaves, and the server has to prove that it knows it too. Without channel binding. Of
// SASLprep (RFC 4013) it has what ASCII needs, which is nothing: another password must be written
// in the file as the server has prepared it (NFKC).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ronda::probes {

// The rounds are the server's choice and our loop's time: these take 4 to 8 ms. RFC 7677 4 names
// 15,000 as an upper end, PostgreSQL's default is 4096.
inline constexpr std::uint32_t kMostScramRounds = 16'384;

class ScramClient {
 public:
  // `nonce`: printable, without commas, never used before.
  ScramClient(std::string_view user, std::string_view password, std::string nonce);

  std::string first() const;
  // Errors are what came, to follow "got".
  std::expected<std::string, std::string> answer(std::string_view server_first);
  std::expected<void, std::string> verify(std::string_view server_final) const;
  // Ours and the server's, as the texts have them, once it has been answered.
  std::vector<std::string> proofs() const;

 private:
  std::string bare_first_;  // without the header that says "no channel binding"
  std::string password_;
  std::string nonce_;
  std::string proof_{};
  std::string server_signature_{};
};

}  // namespace ronda::probes
