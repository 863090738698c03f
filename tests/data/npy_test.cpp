#include "ravine/data/npy.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "support/python.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::run_python;
using testing::TemporaryFolder;
using Shape = std::vector<std::size_t>;
using Doubles = AlignedBuffer<double>;
using Floats = AlignedBuffer<float>;

// The bytes of a version 1 file with this header and these bytes of values.
std::string npy_bytes(const std::string& header, const std::string& values) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + values;
}

std::string header_of(const std::string& type, const std::string& shape,
                      const std::string& fortran_order = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran_order + ", 'shape': " + shape +
         "}";
}

std::string bytes_of(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

NpyArray parse(const std::string& bytes) {
  MemorySource source(bytes, "a.npy");
  return read_npy(source);
}

TEST(Npy, ReadsDoubles) {
  const NpyArray array = parse(npy_bytes(header_of("<f8", "(2, 1)"), bytes_of({1.5, -2.0})));
  EXPECT_EQ(array.shape, (Shape{2, 1}));
  EXPECT_EQ(std::get<Doubles>(array.values), (Doubles{1.5, -2.0}));
}

TEST(Npy, AlignsItsValues) {
  const NpyArray array = parse(npy_bytes(header_of("<f8", "(1,)"), bytes_of({1.0})));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(std::get<Doubles>(array.values).data()) % 64, 0u);
}

TEST(Npy, ReadsNumbersAndEmptyArrays) {
  EXPECT_EQ(parse(npy_bytes(header_of("<f8", "()"), bytes_of({7.0}))).shape, Shape{});
  EXPECT_TRUE(std::get<Floats>(parse(npy_bytes(header_of("<f4", "(0, 3)"), "")).values).empty());
}

TEST(Npy, ReadsWhatNumpySaved) {
  const TemporaryFolder folder;
  run_python(
      "import numpy, sys\n"
      "a = numpy.arange(6).reshape(2, 3) / 7\n"
      "for version in (1, 2, 3):\n"
      "  with open(f'{sys.argv[1]}/v{version}.npy', 'wb') as f:\n"
      "    numpy.lib.format.write_array(f, a, version=(version, 0))\n"
      "numpy.save(sys.argv[1] + '/floats.npy', a.astype(numpy.float32))\n"
      "numpy.save(sys.argv[1] + '/number.npy', numpy.float64(3.25))\n",
      {folder.path().string()});
  Doubles expected(6);
  for (int i = 0; i < 6; ++i) expected[static_cast<std::size_t>(i)] = i / 7.0;
  for (const std::string name : {"v1.npy", "v2.npy", "v3.npy"}) {
    const NpyArray array = read_npy(folder / name);
    EXPECT_EQ(array.shape, (Shape{2, 3}));
    EXPECT_EQ(std::get<Doubles>(array.values), expected) << name;
  }
  EXPECT_EQ(std::get<Floats>(read_npy(folder / "floats.npy").values),
            Floats(expected.begin(), expected.end()));
  EXPECT_EQ(std::get<Doubles>(read_npy(folder / "number.npy").values), Doubles{3.25});
}

TEST(Npy, WritesWhatNumpyLoads) {
  const TemporaryFolder folder;
  const std::vector<double> doubles = {1.0 / 3.0, -0.0, 1e300, 5e-324, 2.0, 3.0};
  const std::vector<float> floats = {0.1f, -7.5f};
  write_npy(folder / "d.npy", {{3, 2}, doubles});
  write_npy(folder / "f.npy", {{2}, floats});
  write_npy(folder / "n.npy", {{}, std::span(doubles).first(1)});
  write_npy(folder / "e.npy", {{0, 4}, std::span<const double>()});
  EXPECT_EQ(run_python("import numpy, sys\n"
                       "for name in 'dfne':\n"
                       "  a = numpy.load(f'{sys.argv[1]}/{name}.npy')\n"
                       "  print(a.dtype, a.shape, a.flags.c_contiguous, a.ravel().tolist())\n",
                       {folder.path().string()}),
            "float64 (3, 2) True [0.3333333333333333, -0.0, 1e+300, 5e-324, 2.0, 3.0]\n"
            "float32 (2,) True [0.10000000149011612, -7.5]\n"
            "float64 () True [0.3333333333333333]\n"
            "float64 (0, 4) True []\n");
}

TEST(Npy, ComesBackFromItsOwnFile) {
  const TemporaryFolder folder;
  const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
  write_npy(folder / "a.npy", {{2, 2, 2}, values});
  const NpyArray array = read_npy(folder / "a.npy");
  EXPECT_EQ(array.shape, (Shape{2, 2, 2}));
  EXPECT_EQ(std::get<Floats>(array.values), Floats(values.begin(), values.end()));
}

TEST(Npy, StartsItsValuesAtMultiplesOf64) {
  for (std::size_t cols = 1; cols < 1'000'000'000'000; cols *= 10) {
    EXPECT_EQ(npy_preamble({{1, cols}, std::span<const double>()}).size() % 64, 0u);
  }
}

TEST(Npy, ConvertsItsValuesOnRequest) {
  const NpyArray doubles{{2}, Doubles{0.1, 2.0}};
  EXPECT_EQ(take_values_as<float>(NpyArray(doubles)), (Floats{0.1f, 2.0f}));
  EXPECT_EQ(take_values_as<double>(NpyArray(doubles)), (Doubles{0.1, 2.0}));
  EXPECT_EQ(take_values_as<double>(NpyArray{{1}, Floats{0.5f}}), Doubles{0.5});
}

TEST(Npy, MovesValuesOfTheRightType) {
  NpyArray array{{2}, Doubles{0.1, 2.0}};
  const double* before = std::get<Doubles>(array.values).data();
  EXPECT_EQ(take_values_as<double>(std::move(array)).data(), before);
}

TEST(Npy, ReadsWholeNumbersAndBothByteOrders) {
  const auto floats = [](const std::string& type, const std::string& values) {
    return std::get<Floats>(parse(npy_bytes(header_of(type, "(2,)"), values)).values);
  };
  const auto doubles = [](const std::string& type, const std::string& values) {
    return std::get<Doubles>(parse(npy_bytes(header_of(type, "(2,)"), values)).values);
  };
  EXPECT_EQ(floats("|b1", std::string("\x01\x00", 2)), (Floats{1, 0}));
  EXPECT_EQ(floats("|i1", "\xff\x7f"), (Floats{-1, 127}));
  EXPECT_EQ(floats("|u1", "\xff\x7f"), (Floats{255, 127}));
  EXPECT_EQ(floats("<i2", "\xfe\xff\x01\x02"), (Floats{-2, 513}));
  EXPECT_EQ(floats(">u2", "\xfe\xff\x01\x02"), (Floats{65279, 258}));
  EXPECT_EQ(floats(">f4", std::string("\x3f\x80\x00\x00\xc0\x20\x00\x00", 8)), (Floats{1, -2.5F}));
  EXPECT_EQ(doubles("<u4", std::string("\xff\xff\xff\xff\x01\x00\x00\x00", 8)),
            (Doubles{4294967295, 1}));
  EXPECT_EQ(doubles(">i4", std::string("\xff\xff\xff\xff\x00\x00\x01\x00", 8)), (Doubles{-1, 256}));
  EXPECT_EQ(doubles("<i8", std::string("\xff\xff\xff\xff\xff\xff\xff\xff"
                                       "\x05\x00\x00\x00\x00\x00\x00\x00",
                                       16)),
            (Doubles{-1, 5}));
  EXPECT_EQ(doubles(">f8", std::string("\xbf\xf0\x00\x00\x00\x00\x00\x00"
                                       "\x40\x08\x00\x00\x00\x00\x00\x00",
                                       16)),
            (Doubles{-1, 3}));
}

TEST(Npy, ReadsMoreWholeNumbersThanItConvertsAtOnce) {
  std::string bytes;
  for (int i = 0; i < 70'000; ++i)
    bytes += {static_cast<char>(i & 0xff), static_cast<char>(i >> 8 & 0x7f)};
  const NpyArray array = parse(npy_bytes(header_of("<i2", "(70000,)"), bytes));
  const Floats& values = std::get<Floats>(array.values);
  ASSERT_EQ(values.size(), 70'000U);
  for (int i = 0; i < 70'000; ++i) {
    ASSERT_EQ(values[static_cast<std::size_t>(i)], static_cast<float>(i & 0x7fff)) << i;
  }
}

TEST(Npy, BringsFortranOrderIntoCOrder) {
  const NpyArray matrix =
      parse(npy_bytes(header_of("<f8", "(2, 3)", "True"), bytes_of({1, 4, 2, 5, 3, 6})));
  EXPECT_EQ(matrix.shape, (Shape{2, 3}));
  EXPECT_EQ(std::get<Doubles>(matrix.values), (Doubles{1, 2, 3, 4, 5, 6}));
  const NpyArray cube =
      parse(npy_bytes(header_of("|u1", "(2, 2, 3)", "True"),
                      std::string("\x00\x06\x03\x09\x01\x07\x04\x0a\x02\x08\x05\x0b", 12)));
  EXPECT_EQ(std::get<Floats>(cube.values), (Floats{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_TRUE(
      std::get<Doubles>(parse(npy_bytes(header_of("<f8", "(0, 3)", "True"), "")).values).empty());
}

TEST(Npy, ReadsTheRowsThatNumpyIndexes) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_python("import numpy, sys\n"
                       "s = numpy.arange(18).reshape(2, 3, 3)\n"
                       "i, j = numpy.triu_indices(3)\n"
                       "rows = s[:, i, j]\n"
                       "numpy.save(sys.argv[1] + '/rows.npy', rows)\n"
                       "print(rows.flags.c_contiguous, rows.dtype)\n",
                       {folder.path().string()}),
            "False int64\n");
  const NpyArray rows = read_npy(folder / "rows.npy");
  EXPECT_EQ(rows.shape, (Shape{2, 6}));
  EXPECT_EQ(std::get<Doubles>(rows.values), (Doubles{0, 1, 2, 4, 5, 8, 9, 10, 11, 13, 14, 17}));
}

TEST(Npy, RefusesOtherTypesWithAHint) {
  for (const std::string type : {"<f2", "<c16", "|O", "<i3", "=f8", "|f8", "<M8[s]", ""}) {
    EXPECT_EQ(
        error_of<DataError>([&] { parse(npy_bytes(header_of(type, "(1,)"), "12345678")); }),
        "[npy] a.npy: expected float32, float64, bool or whole numbers of up to 8 bytes, got " +
            type + "; hint: numpy.save(path, a.astype(numpy.float32))");
  }
}

TEST(Npy, RefusesWholeNumbersThatADoubleNeedNotHold) {
  // 2^53 and 2^53 + 1.
  const std::string bytes("\x00\x00\x00\x00\x00\x00\x20\x00\x01\x00\x00\x00\x00\x00\x20\x00", 16);
  for (const std::string type : {"<i8", "<u8"}) {
    EXPECT_EQ(error_of<DataError>([&] { parse(npy_bytes(header_of(type, "(2,)"), bytes)); }),
              "[npy] a.npy: expected whole numbers of at most 2^53, got 9007199254740993 at flat "
              "index 1; hint: save the array as float64");
  }
}

TEST(Npy, KeepsItsBoundsForEveryType) {
  EXPECT_EQ(
      error_of<DataError>([] { parse(npy_bytes(header_of(">i2", "(3,)", "True"), "12345")); }),
      "[npy] a.npy: expected 6 bytes of big-endian int16 values, got at most 5 before the end");
  EXPECT_THROW(parse(npy_bytes(header_of("|u1", "(18446744073709551615,)"), "1")), DataError);
  EXPECT_THROW(parse(npy_bytes(header_of("|u1", "(2,)"), "123")), DataError);
}

TEST(Npy, RefusesEveryTruncation) {
  const std::string whole = npy_bytes(header_of("<f8", "(2,)"), bytes_of({1, 2}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parse(whole.substr(0, size)), DataError) << "cut to " << size;
  }
}

TEST(Npy, RefusesTrailingBytes) {
  EXPECT_THROW(parse(npy_bytes(header_of("<f8", "(1,)"), bytes_of({1, 2}))), DataError);
}

TEST(Npy, RefusesOtherFiles) {
  EXPECT_EQ(error_of<DataError>([] { parse("PK\x03\x04 a zip archive"); }),
            "[npy] a.npy: expected an array saved by numpy.save, got no npy magic number");
  std::string version_4 = npy_bytes(header_of("<f8", "(1,)"), bytes_of({1}));
  version_4[6] = 4;
  EXPECT_THROW(parse(version_4), DataError);
}

TEST(Npy, RefusesHeadersLongerThanTheFile) {
  const std::string start("\x93NUMPY\x02\x00", 8);
  EXPECT_THROW(parse(start + std::string("\xff\xff\xff\xff", 4)), DataError);
  EXPECT_THROW(parse(start + std::string("\xff\xff\x00\x00", 4) + "{}"), DataError);
}

TEST(Npy, RefusesHeadersThatAreTooLong) {
  const std::string header = header_of("<f8", "(1,)") + std::string(70'000, ' ');
  std::string bytes("\x93NUMPY\x02\x00", 8);
  for (const int shift : {0, 8, 16, 24}) bytes += static_cast<char>(header.size() >> shift & 0xff);
  EXPECT_NE(error_of<DataError>([&] {
              parse(bytes + header + bytes_of({1}));
            }).find("expected a header of at most 65536 bytes"),
            std::string::npos);
}

TEST(Npy, RefusesShapesThatOverflow) {
  for (const std::string shape :
       {"(4294967296, 4294967296)", "(2305843009213693952,)", "(18446744073709551615, 2)"}) {
    EXPECT_THROW(parse(npy_bytes(header_of("<f8", shape), bytes_of({1}))), DataError) << shape;
  }
}

TEST(Npy, RefusesShapesLargerThanTheFile) {
  EXPECT_EQ(error_of<DataError>(
                [] { parse(npy_bytes(header_of("<f4", "(1000000, 1000000)"), bytes_of({1}))); }),
            "[npy] a.npy: expected 4000000000000 bytes of float32 values, got at most 8 before the "
            "end");
}

TEST(Npy, RefusesToWriteAnotherNumberOfValues) {
  const TemporaryFolder folder;
  const std::vector<double> values = {1, 2, 3};
  EXPECT_EQ(error_of<ShapeError>([&] {
              write_npy(folder / "a.npy", {{2, 2}, values});
            }),
            "[npy] array: expected (2, 2), got 3 values");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Npy, SaysWhenItCannotBeWritten) {
  const TemporaryFolder folder;
  const std::vector<double> values = {1};
  EXPECT_THROW(write_npy(folder / "none/a.npy", {{1}, values}), IoError);
  fs::create_directories(folder / "folder.npy/full");
  EXPECT_THROW(write_npy(folder / "folder.npy", {{1}, values}), IoError);
  EXPECT_FALSE(fs::exists(folder / "folder.npy.part"));
}

}  // namespace
}  // namespace ravine
