#include "ravine/data/mapped_npy.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::normals;
using testing::same_bits;

class MapNpy : public ::testing::Test {
 protected:
  std::filesystem::path saved() {
    const std::vector<double> values = normals(60, "values");
    write_npy(folder_ / "a.npy", NpyView{{3, 20}, std::span<const double>(values)});
    return folder_ / "a.npy";
  }
  testing::TemporaryFolder folder_;
};

TEST_F(MapNpy, IsWhatReadingGives) {
  const auto path = saved();
  const NpyArray read = read_npy(path);
  const MappedNpy mapped = map_npy(path).value();
  EXPECT_EQ(mapped.view.shape, read.shape);
  EXPECT_TRUE(same_bits(std::get<std::span<const double>>(mapped.view.values),
                        std::get<AlignedBuffer<double>>(read.values)));
  const std::vector<float> floats{1, 2, 3};
  write_npy(folder_ / "f.npy", NpyView{{3}, std::span<const float>(floats)});
  EXPECT_TRUE(
      same_bits(std::get<std::span<const float>>(map_npy(folder_ / "f.npy")->view.values), floats));
}

TEST_F(MapNpy, OutlivesTheFilesName) {
  const auto path = saved();
  const MappedNpy mapped = map_npy(path).value();
  std::filesystem::remove(path);
  EXPECT_EQ(std::get<std::span<const double>>(mapped.view.values)[59], normals(60, "values")[59]);
}

TEST_F(MapNpy, RefusesFilesThatAreTooShortOrTooLong) {
  const auto path = saved();
  const std::string bytes = read_file(path);
  const auto cut = folder_.file("cut.npy", bytes.substr(0, bytes.size() - 1));
  EXPECT_THAT(error_of<DataError>([&] { map_npy(cut); }), HasSubstr("480 bytes of float64 values"));
  const auto longer = folder_.file("long.npy", bytes + "x");
  EXPECT_THAT(error_of<DataError>([&] { map_npy(longer); }), HasSubstr("nothing after"));
  const auto empty = folder_.file("empty.npy", "");
  EXPECT_THAT(error_of<DataError>([&] { map_npy(empty); }), HasSubstr("empty.npy"));
  EXPECT_THROW(map_npy(folder_ / "none.npy"), IoError);
}

TEST_F(MapNpy, IsForValuesThatLieAsInMemory) {
  const auto saved_as = [&](const std::string& type, const std::string& order, char blanks) {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': (1, 1), }";
    header.resize(54 + static_cast<std::size_t>(blanks), ' ');
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += {static_cast<char>(header.size()), '\x00'};
    return folder_.file("a.npy", bytes + header + std::string(8, '\0'));
  };
  EXPECT_TRUE(map_npy(saved_as("<f8", "False", 16)).has_value());
  EXPECT_FALSE(map_npy(saved_as("<f8", "True", 16)).has_value());
  EXPECT_FALSE(map_npy(saved_as(">f8", "False", 16)).has_value());
  EXPECT_FALSE(map_npy(saved_as("<i8", "False", 16)).has_value());
  const auto askew = saved_as("<f8", "False", 17);
  EXPECT_FALSE(map_npy(askew).has_value());
  EXPECT_EQ(std::get<AlignedBuffer<double>>(read_npy(askew).values).size(), 1U);
}

}  // namespace
}  // namespace ravine
