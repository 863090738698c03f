#include "ravine/data/idx.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ravine/base/error.hpp"
#include "ravine/data/gzip.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::gzipped;
using testing::idx_images;
using testing::idx_labels;
using testing::TemporaryFolder;

IdxImages parse_images(const std::string& bytes) {
  MemorySource source(bytes, "images");
  return read_idx_images(source);
}

IdxImages parse_gzipped_images(const std::string& bytes) {
  GzipSource source(std::make_unique<MemorySource>(bytes, "images.gz"));
  return read_idx_images(source);
}

std::vector<std::uint8_t> parse_labels(const std::string& bytes) {
  MemorySource source(bytes, "labels");
  return read_idx_labels(source);
}

const std::string kPixels = "abcdefghijkl";

TEST(Idx, ReadsImages) {
  const IdxImages images = parse_images(idx_images(2, 3, 2, kPixels));
  EXPECT_EQ(images.count, 2u);
  EXPECT_EQ(images.rows, 3u);
  EXPECT_EQ(images.cols, 2u);
  EXPECT_EQ(images.pixels_per_image(), 6u);
  EXPECT_EQ(std::string(images.pixels.begin(), images.pixels.end()), kPixels);
}

TEST(Idx, ReadsLabels) {
  EXPECT_EQ(parse_labels(idx_labels(3, "\x09\x08\x07")), (std::vector<std::uint8_t>{9, 8, 7}));
}

TEST(Idx, ReadsFilesPlainAndGzipped) {
  const TemporaryFolder folder;
  const std::string images = idx_images(2, 3, 2, kPixels);
  const std::string labels = idx_labels(2, "\x01\x02");
  EXPECT_EQ(read_idx_images(folder.file("i", images)).pixels,
            read_idx_images(folder.file("i.gz", gzipped(images))).pixels);
  EXPECT_EQ(read_idx_labels(folder.file("l", labels)),
            read_idx_labels(folder.file("l.gz", gzipped(labels))));
}

TEST(Idx, ReadsFilesWithoutContent) {
  EXPECT_EQ(parse_images(idx_images(0, 28, 28, "")).pixels.size(), 0u);
  EXPECT_TRUE(parse_labels(idx_labels(0, "")).empty());
}

TEST(Idx, RefusesAnotherMagicNumber) {
  EXPECT_EQ(
      error_of<DataError>([] { parse_images(idx_labels(3, "abc")); }),
      "[idx] images: expected magic number 0x00000803 (IDX images), got 0x00000801 (IDX labels)");
  EXPECT_THROW(parse_labels(idx_images(2, 3, 2, kPixels)), DataError);
  EXPECT_THROW(parse_images("<!DOCTYPE html><html></html>"), DataError);
}

TEST(Idx, RefusesTruncatedImages) {
  const std::string whole = idx_images(2, 3, 2, kPixels);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parse_images(whole.substr(0, size)), DataError) << "cut to " << size;
    EXPECT_THROW(parse_gzipped_images(gzipped(whole.substr(0, size))), DataError) << size;
  }
  EXPECT_EQ(error_of<DataError>([&] { parse_images(whole.substr(0, 20)); }),
            "[idx] images: expected 12 bytes of pixels, got at most 4 before the end");
}

TEST(Idx, RefusesTruncatedLabels) {
  const std::string whole = idx_labels(3, "abc");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parse_labels(whole.substr(0, size)), DataError) << "cut to " << size;
  }
}

TEST(Idx, RefusesTrailingBytes) {
  const std::string images = idx_images(2, 3, 2, kPixels) + "x";
  EXPECT_EQ(error_of<DataError>([&] { parse_images(images); }),
            "[idx] images: expected nothing after the announced content, got more bytes");
  EXPECT_THROW(parse_gzipped_images(gzipped(images)), DataError);
  EXPECT_THROW(parse_labels(idx_labels(3, "abcd")), DataError);
}

TEST(Idx, RefusesDimensionsWhoseProductOverflows) {
  // 2^32 - 1 to the third power, and 2^31 * 2^31 * 4 = 2^64, which wraps to 0.
  EXPECT_THROW(parse_images(idx_images(~0u, ~0u, ~0u, "")), DataError);
  EXPECT_EQ(
      error_of<DataError>([] { parse_images(idx_images(1u << 31, 1u << 31, 4, "")); }),
      "[idx] images: expected dimensions of a possible size, got 2147483648 x 2147483648 x 4");
}

// Runs `work` in a child whose address space cannot grow by more than 256 MiB, and expects that it
// throws DataError rather than bad_alloc.
template <class Work>
void expect_data_error_in_little_memory(const Work& work) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  EXPECT_THROW(work(), DataError);  // shadow memory needs more address space than any limit
#else
  const auto limited = [&] {
    rlimit limit{};
    getrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = rlim_t{256} << 20;
    setrlimit(RLIMIT_DATA, &limit);
    try {
      work();
    } catch (const DataError&) {
      std::_Exit(7);
    }
    std::_Exit(1);
  };
  EXPECT_EXIT(limited(), ::testing::ExitedWithCode(7), "");
#endif
}

TEST(IdxDeathTest, AllocatesNothingForImagesThatCannotBeThere) {
  const std::string claim = idx_images(1u << 31, 1, 1, std::string(84, 'x'));
  ASSERT_EQ(claim.size(), 100u);
  expect_data_error_in_little_memory([&] { parse_images(claim); });
  const std::string compressed = gzipped(claim);
  expect_data_error_in_little_memory([&] { parse_gzipped_images(compressed); });
  expect_data_error_in_little_memory([] { parse_labels(idx_labels(~0u, "abc")); });
}

TEST(IdxDeathTest, BoundsAGzipBombByTheHeaderInIt) {
  // A header of one pixel before a gigabyte of zeros, in members of 8 MiB.
  const std::string zeros = gzipped(std::string(8 << 20, '\0'));
  std::string bomb = gzipped(idx_images(1, 1, 1, ""));
  for (int i = 0; i < 128; ++i) bomb += zeros;
  ASSERT_LT(bomb.size(), 2'000'000u);
  expect_data_error_in_little_memory([&] { parse_gzipped_images(bomb); });
}

TEST(Idx, NamesTheFileThatIsMissing) {
  const TemporaryFolder folder;
  const std::string message = error_of<IoError>([&] { read_idx_labels(folder / "none"); });
  EXPECT_NE(message.find((folder / "none").string()), std::string::npos);
}

}  // namespace
}  // namespace ravine
