#include "ravine/data/gzip.hpp"

#include <memory>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::gzipped;

// Inflates in steps of `step` bytes, up to `most` bytes.
std::string inflate(const std::string& compressed, std::size_t step, std::size_t most = 1 << 20) {
  GzipSource source(std::make_unique<MemorySource>(compressed, "memory"));
  std::string content;
  std::string piece(step, '\0');
  while (content.size() < most) {
    const std::size_t count = source.read(std::as_writable_bytes(std::span(piece)));
    content.append(piece, 0, count);
    if (count < step) break;
  }
  return content;
}

// Incompressible enough that its gzip is longer than one read of the source.
std::string varied_content(std::size_t size) {
  std::string content(size, '\0');
  std::uint32_t state = 1;
  for (char& c : content) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return content;
}

TEST(Gzip, InflatesInStepsOfAnySize) {
  for (const std::size_t size : {0u, 1u, 100u, 200'000u}) {
    const std::string content = varied_content(size);
    const std::string compressed = gzipped(content);
    for (const std::size_t step : {7u, 4096u, 300'000u})
      EXPECT_EQ(inflate(compressed, step), content);
  }
}

TEST(Gzip, JoinsMembers) {
  const std::string compressed = gzipped("one, ") + gzipped("") + gzipped("two");
  EXPECT_EQ(inflate(compressed, 100), "one, two");
  EXPECT_EQ(inflate(compressed, 1), "one, two");
}

TEST(Gzip, RefusesTruncationAnywhere) {
  const std::string whole = gzipped("some content that is long enough to be cut");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(inflate(whole.substr(0, size), 100), DataError) << "cut to " << size;
  }
}

TEST(Gzip, RefusesTrailingBytes) {
  const std::string whole = gzipped("content");
  for (const std::string& garbage : {std::string("x"), std::string(512, '\0'), std::string("\x1f"),
                                     std::string("\x1f\x8b"), std::string("\x1f----------")}) {
    EXPECT_THROW(inflate(whole + garbage, 100), DataError);
  }
  EXPECT_EQ(error_of<DataError>([&] { inflate(whole + "x", 100); }),
            "[gzip] memory: expected nothing after the gzip data, got trailing bytes");
}

TEST(Gzip, RefusesEveryFlippedByteOfContentAndCheckSum) {
  const std::string content = "some content";
  const std::string whole = gzipped(content);
  constexpr std::size_t kHeaderSize = 10;
  for (std::size_t i = kHeaderSize; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    EXPECT_THROW(inflate(damaged, 100), DataError) << "byte " << i;
  }
}

TEST(Gzip, InflatesNoMoreThanAskedFor) {
  const std::string bomb = gzipped(std::string(10'000'000, '\0'));
  ASSERT_LT(bomb.size(), 20'000u);
  EXPECT_EQ(inflate(bomb, 64, 64).size(), 64u);
}

TEST(Gzip, BoundsItsContentByTheDeflateRatio) {
  const std::string content(10'000'000, '\0');
  const std::string compressed = gzipped(content);
  GzipSource source(std::make_unique<MemorySource>(compressed, "memory"));
  EXPECT_GE(source.most_remaining(), content.size());
  EXPECT_EQ(source.most_remaining(), compressed.size() * 1032);
  std::string piece(1000, ' ');
  source.read(std::as_writable_bytes(std::span(piece)));
  EXPECT_EQ(source.most_remaining(), compressed.size() * 1032 - 1000);
}

TEST(Gzip, BoundOfHugeSizesDoesNotOverflow) {
  EXPECT_EQ(most_inflated(std::uint64_t{1} << 60), ~std::uint64_t{0});
}

}  // namespace
}  // namespace ravine
