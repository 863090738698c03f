#include "ravine/data/bounded_read.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using testing::error_of;
using Sizes = std::vector<std::size_t>;

TEST(CheckedProduct, IsNothingExactlyWhenItOverflows) {
  constexpr std::size_t kHalf = std::size_t{1} << 32;
  EXPECT_EQ(checked_product(Sizes{}), 1u);
  EXPECT_EQ(checked_product(Sizes{3, 4, 5}), 60u);
  EXPECT_EQ(checked_product(Sizes{kHalf, 0}), 0u);
  EXPECT_EQ(checked_product(Sizes{SIZE_MAX, 1}), SIZE_MAX);
  EXPECT_EQ(checked_product(Sizes{kHalf, kHalf - 1}), SIZE_MAX - kHalf + 1);
  EXPECT_EQ(checked_product(Sizes{kHalf, kHalf}), std::nullopt);
}

// A source that promises more than it has, as an archive with a false directory does.
class EmptyPromise : public ByteSource {
 public:
  EmptyPromise() : ByteSource("promise") {}
  std::size_t read(std::span<std::byte>) override { return 0; }
  std::uint64_t most_remaining() const override { return 1000; }
};

TEST(BoundedRead, NoticesASourceThatEndsEarly) {
  EmptyPromise source;
  EXPECT_EQ(error_of<DataError>(
                [&] { read_elements<std::vector<double>>(source, 3, "test", "numbers"); }),
            "[test] promise: expected 24 bytes of numbers, got 0 before the end");
}

TEST(BoundedRead, RefusesCountsWhoseBytesOverflow) {
  EmptyPromise source;
  EXPECT_THROW(read_elements<std::vector<double>>(source, (SIZE_MAX >> 3) + 2, "test", "numbers"),
               DataError);
}

}  // namespace
}  // namespace ravine
