#include "ravine/data/npz.hpp"

#include <iterator>
#include <span>
#include <string>
#include <time.h>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "support/python.hpp"
#include "support/scoped_variable.hpp"
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

const std::vector<double> kDoubles = {1.0, 0.5, 0.25, 1.0 / 3.0};
const std::vector<float> kFloats = {0.1f, 0.2f};

std::vector<NamedArray> two_entries() {
  return {{"layer2.weight", {{2, 2}, kDoubles}}, {"layer1.bias", {{2}, kFloats}}};
}

// Runs Python with `folder` as its first argument and numpy, zipfile imported.
std::string python(const TemporaryFolder& folder, const std::string& script) {
  return run_python("import numpy, sys, zipfile\nfolder = sys.argv[1]\n" + script,
                    {folder.path().string()});
}

std::string error_reading(const fs::path& path) {
  const std::string message = error_of<DataError>([&] { read_npz(path); });
  EXPECT_NE(message.find(path.string()), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
  return message;
}

TEST(Npz, ReadsWhatNumpySaved) {
  const TemporaryFolder folder;
  python(folder,
         "a = {'U.1e-05': numpy.arange(600).reshape(2, 300) / 7, 'b': numpy.float32([1, 2])}\n"
         "numpy.savez(folder + '/stored.npz', **a)\n"
         "numpy.savez_compressed(folder + '/deflated.npz', **a)\n");
  for (const std::string name : {"stored.npz", "deflated.npz"}) {
    const auto arrays = read_npz(folder / name);
    ASSERT_EQ(arrays.size(), 2u) << name;
    EXPECT_EQ(arrays.at("U.1e-05").shape, (Shape{2, 300}));
    EXPECT_EQ(std::get<Doubles>(arrays.at("U.1e-05").values)[599], 599 / 7.0);
    EXPECT_EQ(std::get<Floats>(arrays.at("b").values), (Floats{1, 2}));
  }
}

TEST(Npz, WritesWhatNumpyLoads) {
  const TemporaryFolder folder;
  write_npz(folder / "a.npz", two_entries());
  EXPECT_EQ(python(folder,
                   "z = numpy.load(folder + '/a.npz')\n"
                   "for name in z.files: print(name, z[name].dtype, z[name].tolist())\n"
                   "print(zipfile.ZipFile(folder + '/a.npz').testzip())\n"),
            "layer2.weight float64 [[1.0, 0.5], [0.25, 0.3333333333333333]]\n"
            "layer1.bias float32 [0.10000000149011612, 0.20000000298023224]\n"
            "None\n");
}

TEST(Npz, ComesBackFromItsOwnFile) {
  const TemporaryFolder folder;
  std::vector<NamedArray> entries = two_entries();
  entries.push_back({"empty", {{0, 3}, std::span<const double>()}});
  entries.push_back({"number", {{}, std::span(kFloats).first(1)}});
  write_npz(folder / "a.npz", entries);
  const auto arrays = read_npz(folder / "a.npz");
  ASSERT_EQ(arrays.size(), 4u);
  EXPECT_EQ(std::get<Doubles>(arrays.at("layer2.weight").values),
            Doubles(kDoubles.begin(), kDoubles.end()));
  EXPECT_EQ(arrays.at("empty").shape, (Shape{0, 3}));
  EXPECT_EQ(arrays.at("number").shape, Shape{});
}

TEST(Npz, KeepsTheOrderGiven) {
  const TemporaryFolder folder;
  std::vector<NamedArray> entries;
  std::string expected;
  for (int i = 40; i > 0; --i) {
    entries.push_back({fmt::format("a{}", i), {{2}, kFloats}});
    expected += entries.back().name + ".npy\n";
  }
  write_npz(folder / "a.npz", entries);
  EXPECT_EQ(python(folder, "for n in zipfile.ZipFile(folder + '/a.npz').namelist(): print(n)"),
            expected);
}

TEST(Npz, IsTheSameToTheByteWheneverAndWhereverItIsWritten) {
  const TemporaryFolder folder;
  write_npz(folder / "a.npz", two_entries());
  {
    const testing::ScopedVariable elsewhere("TZ", "Pacific/Auckland");
    ::tzset();
    write_npz(folder / "b.npz", two_entries());
  }
  ::tzset();
  EXPECT_EQ(read_file(folder / "a.npz"), read_file(folder / "b.npz"));
  EXPECT_EQ(python(folder,
                   "for i in zipfile.ZipFile(folder + '/a.npz').infolist():\n"
                   "  print(i.date_time, i.compress_type, len(i.extra))\n"),
            "(1980, 1, 1, 0, 0, 0) 0 0\n(1980, 1, 1, 0, 0, 0) 0 0\n");
}

TEST(Npz, ReplacesAnOlderFile) {
  const TemporaryFolder folder;
  folder.file("a.npz", "old");
  write_npz(folder / "a.npz", two_entries());
  EXPECT_EQ(read_npz(folder / "a.npz").size(), 2u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(Npz, LeavesNothingWhenItCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THROW(write_npz(folder / "none/a.npz", two_entries()), IoError);
  fs::create_directory(folder / "folder.npz");
  EXPECT_THROW(write_npz(folder / "folder.npz", two_entries()), IoError);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(Npz, RefusesEntriesThatMakeNoSense) {
  const TemporaryFolder folder;
  const auto writing = [&](const std::vector<NamedArray>& entries) {
    write_npz(folder / "a.npz", entries);
  };
  EXPECT_THROW(writing({}), ConfigError);
  EXPECT_THROW(writing({{"", {{2}, kFloats}}}), ConfigError);
  EXPECT_THROW(writing({{"a", {{2}, kFloats}}, {"a", {{2}, kFloats}}}), ConfigError);
  EXPECT_THROW(writing({{"a", {{3}, kFloats}}}), ShapeError);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Npz, RefusesWhatIsNoArchive) {
  const TemporaryFolder folder;
  EXPECT_THROW(read_npz(folder / "none.npz"), IoError);
  EXPECT_THROW(read_npz(folder.path()), IoError);
  EXPECT_NE(error_reading(folder.file("a.npz", "text")).find("expected a zip archive, got"),
            std::string::npos);
  error_reading(folder.file("empty.npz", ""));
}

TEST(Npz, RefusesTruncation) {
  const TemporaryFolder folder;
  write_npz(folder / "a.npz", two_entries());
  const std::string whole = read_file(folder / "a.npz");
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    error_reading(folder.file("cut.npz", whole.substr(0, size)));
  }
}

TEST(Npz, RefusesDamagedValues) {
  const TemporaryFolder folder;
  write_npz(folder / "a.npz", two_entries());
  std::string bytes = read_file(folder / "a.npz");
  const std::string value(reinterpret_cast<const char*>(&kDoubles[3]), sizeof(double));
  bytes[bytes.find(value)] ^= 1;
  const std::string message = error_reading(folder.file("a.npz", bytes));
  EXPECT_NE(message.find("layer2.weight.npy"), std::string::npos) << message;
  EXPECT_NE(message.find("CRC"), std::string::npos) << message;
}

TEST(Npz, RefusesEntriesThatAreNoArrays) {
  const TemporaryFolder folder;
  python(
      folder,
      "z = zipfile.ZipFile(folder + '/readme.npz', 'w'); z.writestr('README', 'x'); z.close()\n"
      "z = zipfile.ZipFile(folder + '/text.npz', 'w'); z.writestr('a.npy', 'x' * 50); z.close()\n"
      "numpy.savez(folder + '/complex.npz', a=numpy.ones(3) * 1j)\n"
      "z = zipfile.ZipFile(folder + '/odd.npz', 'w'); z.writestr('a\\n.npy', 'x'); z.close()\n");
  EXPECT_NE(error_reading(folder / "odd.npz").find("got control characters"), std::string::npos);
  EXPECT_NE(error_reading(folder / "readme.npz").find("got \"README\""), std::string::npos);
  EXPECT_NE(error_reading(folder / "text.npz").find("a.npy"), std::string::npos);
  EXPECT_NE(error_reading(folder / "complex.npz").find("got <c16"), std::string::npos);
}

TEST(Npz, RefusesOtherCompression) {
  const TemporaryFolder folder;
  python(folder,
         "numpy.save(folder + '/a.npy', numpy.zeros(100))\n"
         "z = zipfile.ZipFile(folder + '/a.npz', 'w', zipfile.ZIP_BZIP2)\n"
         "z.write(folder + '/a.npy', 'a.npy'); z.close()\n");
  EXPECT_NE(error_reading(folder / "a.npz").find("compression method 12"), std::string::npos);
}

TEST(Npz, RefusesAnArrayThereTwice) {
  const TemporaryFolder folder;
  python(folder,
         "import warnings; warnings.simplefilter('ignore')\n"
         "numpy.save(folder + '/a.npy', numpy.zeros(3))\n"
         "z = zipfile.ZipFile(folder + '/a.npz', 'w')\n"
         "z.write(folder + '/a.npy', 'a.npy'); z.write(folder + '/a.npy', 'a.npy'); z.close()\n");
  error_reading(folder / "a.npz");
}

TEST(Npz, BoundsABombByTheHeaderInIt) {
  const TemporaryFolder folder;
  // One number announced, 100 MB of zeros behind it.
  python(folder,
         "numpy.save(folder + '/a.npy', numpy.zeros(1))\n"
         "z = zipfile.ZipFile(folder + '/a.npz', 'w', zipfile.ZIP_DEFLATED)\n"
         "z.writestr('a.npy', open(folder + '/a.npy', 'rb').read() + bytes(10**8)); z.close()\n");
  EXPECT_NE(error_reading(folder / "a.npz").find("got more bytes"), std::string::npos);
}

TEST(Npz, BoundsAClaimByTheFileBehindIt) {
  const TemporaryFolder folder;
  // Header and directory announce 400 MB and more; the entry has 8 bytes of values.
  python(folder,
         "import struct\n"
         "numpy.save(folder + '/a.npy', numpy.zeros(1))\n"
         "b = open(folder + '/a.npy', 'rb').read()\n"
         "b = b.replace(b'(1,), }' + b' ' * 7, b'(50000000,), }')\n"
         "for name, method in ('stored', zipfile.ZIP_STORED), ('deflated', zipfile.ZIP_DEFLATED):\n"
         "  z = zipfile.ZipFile(f'{folder}/{name}.npz', 'w', method)\n"
         "  z.writestr('a.npy', b); z.close()\n"
         "  s = bytearray(open(f'{folder}/{name}.npz', 'rb').read())\n"
         "  d = s.find(b'PK\\x01\\x02'); s[d+24:d+28] = struct.pack('<I', 4294967294)\n"
         "  s[22:26] = struct.pack('<I', 4294967294)\n"
         "  open(f'{folder}/{name}.npz', 'wb').write(s)\n");
  for (const std::string name : {"stored.npz", "deflated.npz"}) {
    const std::string message = error_reading(folder / name);
    EXPECT_NE(message.find("expected 400000000 bytes of float64 values, got at most"),
              std::string::npos)
        << message;
  }
}

TEST(Npz, RefusesEntriesThatShareTheirBytes) {
  const TemporaryFolder folder;
  // Two directory entries point to the same data, as in bombs of overlapping files.
  python(folder,
         "numpy.savez(folder + '/a.npz', a=numpy.zeros(1000), b=numpy.zeros(1000))\n"
         "s = bytearray(open(folder + '/a.npz', 'rb').read())\n"
         "first = s.find(b'PK\\x01\\x02'); second = s.find(b'PK\\x01\\x02', first + 4)\n"
         "tail = s.find(b'PK\\x05\\x06')\n"
         "body = s[:s.find(b'PK\\x03\\x04', 4)]\n"
         "one = s[first:second]; two = bytearray(s[first:second]); two[46:47] = b'c'\n"
         "end = bytearray(s[tail:]); end[16:20] = len(body).to_bytes(4, 'little')\n"
         "end[12:16] = (len(one) + len(two)).to_bytes(4, 'little')\n"
         "open(folder + '/b.npz', 'wb').write(body + one + two + end)\n");
  error_reading(folder / "b.npz");
}

}  // namespace
}  // namespace ravine
