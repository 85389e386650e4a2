// A real Knot DNS as primary, in a temporary folder. Throws std::runtime_error with a sentence when
// it cannot start; the Debian package is knot.
#pragma once

#include "tests/support/other_servers/other_server.hpp"

namespace ronda::test {

class Knot final : public OtherServer {
 public:
  explicit Knot(const OtherServerOptions& options);
  static std::string release();  // "3.2"
};

}  // namespace ronda::test
