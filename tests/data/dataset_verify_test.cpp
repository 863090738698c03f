#include "ravine/data/dataset_verify.hpp"

#include <span>
#include <string>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/data/sha256.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

using testing::error_of;

DatasetFile file_like(const std::string& content) {
  return {"labels", content.size(), sha256_hex(content)};
}

TEST(DatasetVerify, PassesTheContentToTheSink) {
  for (const std::size_t size : {0u, 1u, 1u << 17, 300'000u}) {
    const std::string content(size, 'x');
    MemorySource source(content, "memory");
    std::string sunk;
    verify_content(file_like(content), source, [&](std::span<const std::byte> piece) {
      sunk.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    });
    EXPECT_EQ(sunk, content);
  }
}

TEST(DatasetVerify, TellsSizeAndSumApart) {
  const DatasetFile file = file_like("content");
  const auto verify = [&](const std::string& content) {
    return error_of<DataError>([&] {
      MemorySource source(content, "memory");
      verify_content(file, source);
    });
  };
  EXPECT_EQ(verify("conten"), "[data] memory: expected labels of 7 bytes, got 6");
  EXPECT_EQ(verify("contents"), "[data] memory: expected labels of 7 bytes, got more");
  EXPECT_EQ(verify("Content"), "[data] memory: expected labels with SHA-256 " + file.sha256 +
                                   ", got " + sha256_hex("Content"));
}

TEST(DatasetVerify, StopsReadingSoonAfterTheSizeItExpects) {
  const std::string endless(10'000'000, 'x');
  MemorySource source(endless, "memory");
  EXPECT_THROW(verify_content(file_like("content"), source), DataError);
  EXPECT_GT(source.most_remaining(), 9'000'000u);
}

TEST(DatasetVerify, ChecksTheFourFilesOfAFolder) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_dataset(folder.path(), true);
  EXPECT_NO_THROW(verify_dataset(testing::tiny_dataset(), folder.path()));
  folder.file(testing::tiny_dataset().files[1].name, "wrong");
  EXPECT_THROW(verify_dataset(testing::tiny_dataset(), folder.path()), DataError);
}

}  // namespace
}  // namespace ravine
