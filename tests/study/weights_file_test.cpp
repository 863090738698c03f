#include "ravine/study/weights_file.hpp"

#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/data/safetensors.hpp"
#include "ravine/objective/mlp_config.hpp"
#include "ravine/study/training_problem.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::testing::HasSubstr;

class WeightsFile : public ::testing::Test {
 protected:
  WeightsFile() : layout_(mlp_layout({4, {3, 2}, 2, Activation::relu, true})) {
    parameters_.resize(layout_.size());
    std::iota(parameters_.begin(), parameters_.end(), 1.0F);
  }

  /// The parameters under other names.
  std::filesystem::path file_with(const std::vector<std::string>& names) {
    std::vector<NamedArray> arrays;
    for (std::size_t b = 0; b < names.size(); ++b) {
      const ParameterBlock& block = layout_.blocks()[b];
      std::vector<std::size_t> shape = {block.cols};
      if (block.rows > 1) shape.insert(shape.begin(), block.rows);
      arrays.push_back(
          {names[b],
           {shape, std::span<const float>(parameters_).subspan(block.offset, block.size())}});
    }
    std::ranges::reverse(arrays);  // order in the file does not matter
    const auto path = folder_ / "w.safetensors";
    write_safetensors(path, arrays);
    return path;
  }

  ParameterLayout layout_;
  std::vector<float> parameters_;
  testing::TemporaryFolder folder_;
};

TEST_F(WeightsFile, ReadsBackWhatItWroteInBothFormats) {
  for (const char* name : {"w.npz", "w.safetensors"}) {
    write_weights(folder_ / name, layout_, parameters_);
    EXPECT_EQ(read_weights(folder_ / name, layout_), parameters_) << name;
  }
}

TEST_F(WeightsFile, TakesTheNamesOfASequentialInTheOrderOfTheirNumbers) {
  EXPECT_EQ(
      read_weights(file_with({"0.weight", "0.bias", "2.weight", "2.bias", "10.weight", "10.bias"}),
                   layout_),
      parameters_);
  EXPECT_EQ(read_weights(file_with({"net.1.weight", "net.1.bias", "net.3.weight", "net.3.bias",
                                    "net.5.weight", "net.5.bias"}),
                         layout_),
            parameters_);
}

TEST_F(WeightsFile, KeepsNormalisationsAsVectors) {
  MlpConfig config{4, {3}, 2};
  config.normalisation = Normalisation::batch;
  layout_ = saved_layout(config);
  parameters_.resize(layout_.size());
  std::iota(parameters_.begin(), parameters_.end(), 1.0F);
  write_weights(folder_ / "w.npz", layout_, parameters_);
  const auto arrays = read_npz(folder_ / "w.npz");
  ASSERT_EQ(arrays.size(), 6U);
  for (const char* name :
       {"norm1.weight", "norm1.bias", "norm1.running_mean", "norm1.running_var"}) {
    EXPECT_EQ(arrays.at(name).shape, (std::vector<std::size_t>{3})) << name;
  }
  EXPECT_EQ(read_weights(folder_ / "w.npz", layout_), parameters_);
}

TEST_F(WeightsFile, RefusesNamesThatAreNeither) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"0.weight", "0.bias", "fc.weight", "fc.bias", "4.weight",
                                 "4.bias"},
        {"a.0.weight", "a.0.bias", "b.2.weight", "b.2.bias", "b.4.weight", "b.4.bias"},
        {"0.weight", "0.bias", "2.weight", "2.bias"}}) {
    const auto path = file_with(names);
    EXPECT_THAT(error_of<DataError>([&] { read_weights(path, layout_); }),
                HasSubstr("an array layer"));
  }
}

}  // namespace
}  // namespace ravine
