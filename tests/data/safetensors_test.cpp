#include "ravine/data/safetensors.hpp"

#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"
#include "support/python.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::ravine::testing::run_python;
using ::ravine::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& values) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + values;
}

std::string refusal_of(const std::string& content) {
  TemporaryFolder folder;
  const auto path = folder.file("w.safetensors", content);
  return error_of<DataError>([&] { read_safetensors(path); });
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const std::vector<float> a = {1, -2.5F, 3e38F, 1e-45F, 0, 6};
  const std::vector<double> b = {0.1, -1e300};
  const std::vector<float> none;
  const NamedArray arrays[] = {{"layer1.weight", {{2, 3}, std::span<const float>(a)}},
                               {"x \"y\"", {{2}, std::span<const double>(b)}},
                               {"empty", {{0, 4}, std::span<const float>(none)}}};
  TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", arrays);
  auto read = read_safetensors(folder / "w.safetensors");
  ASSERT_EQ(read.size(), 3U);
  EXPECT_THAT(read["layer1.weight"].shape, ElementsAre(2, 3));
  const auto floats = take_values_as<float>(std::move(read["layer1.weight"]));
  EXPECT_EQ(std::vector<float>(floats.begin(), floats.end()), a);
  const auto doubles = take_values_as<double>(std::move(read["x \"y\""]));
  EXPECT_EQ(std::vector<double>(doubles.begin(), doubles.end()), b);
  EXPECT_THAT(read["empty"].shape, ElementsAre(0, 4));
}

TEST(Safetensors, IsReadByAnIndependentReader) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  const NamedArray arrays[] = {{"layer1.weight", {{2, 3}, std::span<const float>(a)}}};
  TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", arrays);
  EXPECT_EQ(run_python("import json, struct, sys\n"
                       "data = open(sys.argv[1], 'rb').read()\n"
                       "n, = struct.unpack('<Q', data[:8])\n"
                       "assert n % 8 == 0\n"
                       "for name, t in json.loads(data[8:8 + n]).items():\n"
                       "    b, e = t['data_offsets']\n"
                       "    print(name, t['dtype'], t['shape'], "
                       "struct.unpack(f'<{(e - b) // 4}f', data[8 + n:][b:e]))\n",
                       {(folder / "w.safetensors").string()}),
            "layer1.weight F32 [2, 3] (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)\n");
}

TEST(Safetensors, PassesOverMetadata) {
  TemporaryFolder folder;
  const auto path = folder.file(
      "w.safetensors",
      file_of(
          R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
          R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   )",
          std::string("\0\0\x80\x3f\0\0\0\x40", 8)));
  auto read = read_safetensors(path);
  EXPECT_EQ(take_values_as<float>(std::move(read["a"]))[0], 1);
  EXPECT_EQ(take_values_as<float>(std::move(read["b"]))[0], 2);
}

TEST(Safetensors, RefusesHeadersThatPromiseWhatTheFileCannotHold) {
  EXPECT_THAT(refusal_of("abc"), HasSubstr("the length"));
  EXPECT_THAT(refusal_of(std::string(8, '\xff')), HasSubstr("at most 1048576 bytes"));
  EXPECT_THAT(refusal_of(file_of("{}", "").substr(0, 9)), HasSubstr("the header"));
  EXPECT_THAT(refusal_of(file_of("{", "")), HasSubstr("a JSON object"));
  EXPECT_THAT(refusal_of(file_of("[]", "")), HasSubstr("a JSON object"));
  EXPECT_THAT(refusal_of(file_of("{}", "more")), HasSubstr("nothing after"));
  EXPECT_THAT(
      refusal_of(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "1234")),
      AllOf(HasSubstr("w.safetensors"), HasSubstr("values")));
}

TEST(Safetensors, NamesTheTensorThatIsWrong) {
  const auto refusal = [](const std::string& tensor) {
    return refusal_of(file_of("{\"a\":" + tensor + "}", std::string(8, '\0')));
  };
  const auto named = [](const char* what) { return AllOf(HasSubstr(", a: "), HasSubstr(what)); };
  EXPECT_THAT(refusal("7"), named("dtype"));
  EXPECT_THAT(refusal(R"({"shape":[2],"data_offsets":[0,8]})"),
              named("dtype F32 or F64, got none"));
  EXPECT_THAT(refusal(R"({"dtype":"BF16","shape":[4],"data_offsets":[0,8]})"), named("BF16"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","data_offsets":[0,8]})"), named("'shape'"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), named("-2"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","shape":[1.5],"data_offsets":[0,8]})"), named("1.5"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), named("fit"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), named("fit"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,9]})"), named("fit"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})"),
              named("fit"));
  EXPECT_THAT(refusal(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})"), named("without gap"));
}

TEST(Safetensors, RefusesOverlappingTensors) {
  EXPECT_THAT(refusal_of(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                 R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                 std::string(8, '\0'))),
              HasSubstr("without gap or overlap"));
}

TEST(Safetensors, RefusesToWriteNothingOrANameTwice) {
  TemporaryFolder folder;
  const std::vector<float> a = {1};
  const NamedArray one = {"a", {{1}, std::span<const float>(a)}};
  const NamedArray twice[] = {one, one};
  EXPECT_THROW(write_safetensors(folder / "w", {}), ConfigError);
  EXPECT_THROW(write_safetensors(folder / "w", twice), ConfigError);
  const NamedArray wrong[] = {{"a", {{2}, std::span<const float>(a)}}};
  EXPECT_THROW(write_safetensors(folder / "w", wrong), ShapeError);
}

}  // namespace
}  // namespace ravine
