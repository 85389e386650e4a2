// TLS of a library that builds contexts and sessions of its own, as libcurl does, held to what ours
// are held to.
#pragma once

#include <memory>
#include <string_view>

#include "net/tls_refusal.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace ronda::net {

// Makes `context` verify by `model`'s CA store, demand the TLS version that it demands and present
// its client certificate, whatever the context has or gets of its own, and read no more than one
// message at a time. A certificate must have an
// alternative name (RFC 9525): no library then falls back to the common name. `*refusal` lives as
// long as the context. Before the first session. False when there is no memory.
[[nodiscard]] bool trust_as(ssl_ctx_st* context, const std::shared_ptr<ssl_ctx_st>& model,
                            Refusal* refusal);
// By ALPN; empty: none.
std::string_view agreed_protocol(const ssl_st* session);

}  // namespace ronda::net
