#include <fstream>

#include "cli/bad_input.hpp"
#include "ravine/data/npz.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine::testing {
namespace {

TEST_F(BadInput, DataSetsThatAreMissingOrWrongAreNamed) {
  expect_refusal({"train", "--data", "minst"}, kUsage, {"minst", "fashion-mnist"});
  const ProgramResult into_taken_place =
      run_program({"train", "--data", "minst", "--out", files_.path().string()});
  EXPECT_EQ(into_taken_place.exit_code, kUsage);
  EXPECT_THAT(into_taken_place.err, ::testing::HasSubstr("minst")) << "data before the place";
  expect_refusal({"train", "--data", (files_ / "nowhere").string()}, kUsage, {"nowhere"});
  expect_refusal({"train", "--data", files_.path().string()}, kInputOutput,
                 {"train-images-idx3-ubyte"});
}

TEST_F(BadInput, DamagedImageFilesAreDataErrors) {
  write_tiny_dataset(files_.path());
  const auto images = files_ / "train-images-idx3-ubyte";
  std::filesystem::resize_file(images, std::filesystem::file_size(images) - 1);
  expect_refusal({"train", "--data", files_.path().string()}, kData, {"train-images-idx3-ubyte"});
  std::filesystem::resize_file(images, std::filesystem::file_size(images) + 2);
  expect_refusal({"train", "--data", files_.path().string()}, kData, {"train-images-idx3-ubyte"});
  files_.file("train-images-idx3-ubyte", tiny_dataset_files()[1]);
  expect_refusal({"train", "--data", files_.path().string()}, kData, {"train-images-idx3-ubyte"});
}

TEST_F(BadInput, InitialWeightsMustFitTheNetwork) {
  write_tiny_dataset(files_.path());
  const std::vector<float> values(12, 0.5F);
  const auto weights = files_ / "w.npz";
  const NamedArray entries[] = {{"layer1.weight", {{3, 4}, std::span<const float>(values)}}};
  write_npz(weights, entries);
  const std::vector<std::string> train = {"train",         "--data", files_.path().string(),
                                          "--hidden",      "3",      "--initial-weights",
                                          weights.string()};
  expect_refusal(train, kData, {"layer2.weight", "w.npz"});
  std::vector<std::string> wider = train;
  wider[4] = "5";
  expect_refusal(wider, kData, {"layer1.weight", "(5, 4)", "(3, 4)"});
}

TEST_F(BadInput, MeasurementAndValueFilesThatDisagreeAreRefused) {
  const std::string a = npy("A.npy", {2, 3, 3}, std::vector<double>(18, 1.0));
  const std::string y = npy("y.npy", {3}, {1, 2, 3});
  expect_refusal({"sense", "--rank", "1", "--measurement-file", a, "--value-file", y}, kData,
                 {"y.npy", "shape (2)", "got (3)"});
  const std::string flat = npy("flat.npy", {2, 4}, std::vector<double>(8, 1.0));
  expect_refusal({"sense", "--rank", "1", "--measurement-file", flat, "--value-file", y}, kData,
                 {"flat.npy", "(m, d, d)", "(2, 4)"});
  expect_refusal({"sense", "--measurement-file", a}, kUsage, {"--value-file"});
  expect_refusal(
      {"sense", "--rank", "1", "--measurement-file", a, "--value-file", y, "--start", "saddle"},
      kUsage, {"--truth-file"});
}

TEST_F(BadInput, ValuesThatAreNotFiniteAreNamedWithTheirPlace) {
  std::vector<double> entries(18, 1.0);
  entries[7] = NAN;
  const std::string a = npy("A.npy", {2, 3, 3}, entries);
  const std::string y = npy("y.npy", {2}, {1, 2});
  expect_refusal({"sense", "--rank", "1", "--measurement-file", a, "--value-file", y}, kData,
                 {"A.npy", "nan at flat index 7"});
}

TEST_F(BadInput, TruthMustBeSymmetricAndOfTheRightSize) {
  const std::string a = npy("A.npy", {2, 2, 2}, std::vector<double>(8, 1.0));
  const std::string y = npy("y.npy", {2}, {1, 2});
  const std::vector<std::string> sense = {"sense", "--rank",       "1", "--measurement-file",
                                          a,       "--value-file", y,   "--truth-file"};
  std::vector<std::string> skew = sense;
  skew.push_back(npy("X.npy", {2, 2}, {1, 2, 3, 4}));
  expect_refusal(skew, kData, {"X.npy", "symmetric"});
  std::vector<std::string> large = sense;
  large.push_back(npy("X3.npy", {3, 3}, std::vector<double>(9, 1.0)));
  expect_refusal(large, kData, {"X3.npy", "(2, 2)", "(3, 3)"});
}

TEST_F(BadInput, TruthMustBePositiveSemidefinite) {
  const std::string a = npy("A.npy", {2, 2, 2}, std::vector<double>(8, 1.0));
  const std::string y = npy("y.npy", {2}, {1, 2});
  const std::string text = "expected a positive semidefinite matrix, U* U*^T, got the eigenvalue ";
  const auto sense = [&](const std::string& truth) {
    return std::vector<std::string>{
        "sense", "--rank",       "1", "--iterations", "1",  "--measurement-file",
        a,       "--value-file", y,   "--truth-file", truth};
  };
  expect_refusal(sense(npy("X.npy", {2, 2}, {1, 0, 0, -2e-6})), kData, {"X.npy", text + "-2e-06"});
  expect_refusal(sense(npy("X.npy", {2, 2}, {-3, 0, 0, -1})), kData, {text + "-3"});
  std::vector<std::string> rounded = sense(npy("X.npy", {2, 2}, {1, 0, 0, -1e-7}));
  rounded.insert(rounded.end(), {"--quiet", "--out", (files_ / "run").string()});
  EXPECT_EQ(run_program(rounded).exit_code, 0);
}

TEST_F(BadInput, WhatHasNoScaleIsBlamedOnItsOwnFile) {
  const std::string y = npy("y.npy", {2}, {1, 2});
  const auto sense = [&](const std::string& a, const std::string& values) {
    return std::vector<std::string>{"sense", "--rank",       "1",   "--measurement-file",
                                    a,       "--value-file", values};
  };
  const std::string a = npy("A.npy", {2, 2, 2}, std::vector<double>(8, 1.0));
  std::vector<std::string> zero_truth = sense(a, y);
  zero_truth.insert(zero_truth.end(),
                    {"--truth-file", npy("X.npy", {2, 2}, std::vector<double>(4, 0.0))});
  expect_refusal(zero_truth, kData, {"X.npy: expected a matrix that is not zero, got zeros only"});
  expect_refusal(sense(a, npy("y0.npy", {2}, {0, 0})), kData, {"y0.npy", "a spectral norm of 0"});
  expect_refusal(sense(npy("A200.npy", {2, 2, 2}, std::vector<double>(8, 1e200)),
                       npy("y200.npy", {2}, {1e200, 2e200})),
                 kData,
                 {"y200.npy: expected squares and products that fit into a double", "A200.npy"});
  expect_refusal(sense(npy("A0.npy", {0, 12, 12}, {}), npy("y.npy", {0}, {})), kData,
                 {"A0.npy: expected at least one measurement, got (0, 12, 12)"});
}

TEST_F(BadInput, FilesThatAreNotNpyAreRefused) {
  const auto text = files_.file("A.npy", "1 2 3\n");
  expect_refusal({"sense", "--measurement-file", text.string(), "--value-file", text.string()},
                 kData, {"A.npy"});
  expect_refusal({"sense", "--measurement-file", "/nonexistent/A.npy", "--value-file", "y.npy"},
                 kInputOutput, {"/nonexistent/A.npy"});
}

}  // namespace
}  // namespace ravine::testing
