#include "ravine/data/hashing_source.hpp"

#include <span>
#include <string>

#include <gtest/gtest.h>

#include "ravine/data/sha256.hpp"

namespace ravine {
namespace {

TEST(HashingSource, PassesBytesThroughAndSumsThem) {
  for (const std::size_t size : {0u, 1u, (1u << 17) - 1, 1u << 17, 300'000u}) {
    const std::string content(size, 'x');
    MemorySource inner(content, "memory");
    HashingSource source(inner);
    EXPECT_EQ(source.most_remaining(), size);
    std::string read(size + 10, ' ');
    EXPECT_EQ(source.read(std::as_writable_bytes(std::span(read))), size);
    EXPECT_EQ(read.substr(0, size), content);
    EXPECT_EQ(source.sha256(), sha256_hex(content));
  }
}

TEST(HashingSource, SumsOnlyWhatWasRead) {
  MemorySource inner("abcdef", "memory");
  HashingSource source(inner);
  std::string read(3, ' ');
  source.read(std::as_writable_bytes(std::span(read)));
  EXPECT_EQ(source.sha256(), sha256_hex("abc"));
  EXPECT_EQ(source.most_remaining(), 3u);
  EXPECT_EQ(source.where(), "memory");
}

}  // namespace
}  // namespace ravine
