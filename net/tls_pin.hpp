// Public key pins: SHA-256 of the SubjectPublicKeyInfo of a server's own certificate, in base64
// (RFC 7469 2.4, RFC 7858 4.2). A pinned server needs no CA, and a renewed certificate with the
// same key keeps its pin.
#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace ronda::net {

// A sentence that says what is wrong with the text of a pin; empty when nothing is.
std::string pin_problem(const std::string& pin);
// Sessions of this context accept a server only with this key, and, with `verify_too`, only when
// its certificate verifies as well.
[[nodiscard]] bool require_pin(const std::shared_ptr<ssl_ctx_st>& context, const std::string& pin,
                               bool verify_too);

}  // namespace ronda::net
