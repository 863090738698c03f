#include "ravine/data/sha256.hpp"

#include <array>
#include <new>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace ravine {

namespace {

void require(int openssl_result) {
  if (openssl_result != 1) throw std::runtime_error("[sha256] OpenSSL offers no SHA-256");
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();

  Context() {
    if (handle == nullptr) throw std::bad_alloc();
  }
  ~Context() { EVP_MD_CTX_free(handle); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require(EVP_DigestInit_ex(context_->handle, EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size()));
}

std::string Sha256::hex() const {
  // Finishing spends an OpenSSL context, so a copy is finished.
  const Context copy;
  require(EVP_MD_CTX_copy_ex(copy.handle, context_->handle));
  std::array<unsigned char, 32> digest{};
  require(EVP_DigestFinal_ex(copy.handle, digest.data(), nullptr));
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 sum;
  sum.update(std::as_bytes(std::span(bytes)));
  return sum.hex();
}

}  // namespace ravine
