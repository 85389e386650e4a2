#include "net/tls_pin.hpp"

#include <array>
#include <cstddef>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/tls_refusal.hpp"

namespace ronda::net {

namespace {

constexpr std::size_t kDigest = 32;
constexpr std::size_t kPinLength = 44;  // of 32 octets in base64

struct Pin {
  std::string text{};
  bool verify_too = false;
};

std::string to_base64(const unsigned char* octets) {
  std::array<unsigned char, kPinLength + 1> text{};
  EVP_EncodeBlock(text.data(), octets, kDigest);
  return {text.begin(), text.begin() + kPinLength};
}

std::string pin_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned char* encoded = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
  if (length <= 0) {
    return {};
  }
  const bool made = EVP_Digest(encoded, static_cast<std::size_t>(length), digest.data(), nullptr,
                               EVP_sha256(), nullptr) == 1;
  OPENSSL_free(encoded);
  return made ? to_base64(digest.data()) : std::string();
}

int check_certificate(X509_STORE_CTX* store, void* argument) {
  const Pin& pin = *static_cast<const Pin*>(argument);
  const X509* certificate = X509_STORE_CTX_get0_cert(store);
  const std::string presented = certificate == nullptr ? std::string() : pin_of(certificate);
  if (presented.empty() || presented != pin.text) {
    if (Refusal* refusal = refusal_of(store); refusal != nullptr) {
      *refusal = {.presented = presented_in(store), .pin = presented};
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  if (pin.verify_too) {
    return verify_or_remember(store, nullptr);
  }
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return 1;
}

// The pin lives as long as its context, which sessions keep alive.
void forget_pin(void*, void* pin, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Pin*>(pin);
}

int pin_slot() {
  static const int slot =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, forget_pin);
  return slot;
}

}  // namespace

std::string pin_problem(const std::string& pin) {
  std::array<unsigned char, kPinLength> octets{};
  const bool decodes =
      pin.size() == kPinLength && pin.ends_with('=') &&
      EVP_DecodeBlock(octets.data(), reinterpret_cast<const unsigned char*>(pin.data()),
                      kPinLength) == static_cast<int>(kDigest + 1) &&
      to_base64(octets.data()) == pin;
  if (decodes) {
    return {};
  }
  return "a pin is the SHA-256 of the server's public key in base64, 44 characters; get it with: "
         "openssl x509 -in server.crt -pubkey -noout | openssl pkey -pubin -outform der | openssl "
         "dgst -sha256 -binary | base64";
}

bool require_pin(const std::shared_ptr<ssl_ctx_st>& context, const std::string& pin,
                 bool verify_too) {
  auto kept = std::make_unique<Pin>(Pin{.text = pin, .verify_too = verify_too});
  if (SSL_CTX_set_ex_data(context.get(), pin_slot(), kept.get()) != 1) {
    return false;
  }
  SSL_CTX_set_cert_verify_callback(context.get(), check_certificate, kept.release());
  return true;
}

}  // namespace ronda::net
