#include "ravine/data/sha256.hpp"

#include <span>
#include <string>

#include <gtest/gtest.h>

namespace ravine {
namespace {

// Sums from FIPS 180-4's examples.
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, MatchesThePublishedExamples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), kOfAbc);
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  Sha256 sum;
  const std::string first = "a";
  const std::string second = "bc";
  sum.update(std::as_bytes(std::span(first)));
  sum.update({});
  EXPECT_NE(sum.hex(), kOfAbc);
  sum.update(std::as_bytes(std::span(second)));
  EXPECT_EQ(sum.hex(), kOfAbc);
  EXPECT_EQ(sum.hex(), kOfAbc);
}

}  // namespace
}  // namespace ravine
