#include <filesystem>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program_runs.hpp"

namespace ravine::testing {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr int kUsage = 2, kData = 3, kInputOutput = 6;

const std::vector<std::string> kInstance = {"--dimension",    "12", "--true-rank", "2",
                                            "--measurements", "60"};

class Slice : public ::testing::Test, protected ProgramRuns {
 protected:
  std::string npy(const std::string& name, std::vector<std::size_t> shape,
                  const std::vector<double>& values) {
    const auto path = folder_ / name;
    write_npy(path, NpyView{std::move(shape), std::span<const double>(values)});
    return path.string();
  }

  /// The ends of two descents of one instance, as --through takes them.
  std::vector<std::string> ends() {
    std::vector<std::string> sense = {"sense",  "--rank",       "12",  "--alpha",
                                      "1,1e-3", "--iterations", "2000"};
    sense.insert(sense.end(), kInstance.begin(), kInstance.end());
    const std::string arrays = (run(sense, "ends") / "arrays.npz").string();
    return {arrays + ":U.1", arrays + ":U.0.001"};
  }

  /// `ravine slice --through ...` of the instance must end with `code` and one line that has all of
  /// `texts`, and leave nothing behind.
  void expect_refusal(const std::vector<std::string>& through, int code,
                      const std::vector<std::string>& texts,
                      const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"slice", "--through"};
    for (const auto* part : {&through, &kInstance, &more}) {
      arguments.insert(arguments.end(), part->begin(), part->end());
    }
    arguments.insert(arguments.end(), {"--out", (folder_ / "refused").string()});
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    for (const std::string& text : texts) EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_FALSE(fs::exists(folder_ / "refused"));
  }
};

TEST_F(Slice, SlicesBetweenTheEndsOfTwoDescents) {
  std::vector<std::string> slice = {"slice", "--iterations", "50", "--through"};
  for (const std::string& end : ends()) slice.push_back(end);
  slice.insert(slice.end(), kInstance.begin(), kInstance.end());
  const fs::path folder = run(slice, "s");
  EXPECT_THAT(result_.out, HasSubstr("A to B as given: barrier"));
  EXPECT_THAT(result_.out, HasSubstr("A to B aligned: barrier"));
  const RunRecord record = read_run(folder);
  EXPECT_EQ(record.kind(), "slice");
  EXPECT_EQ(record.table("segments.csv").row_count(), 202u);
  EXPECT_EQ(record.table("slice.csv").row_count(), 81u * 81u);
  EXPECT_GE(record.number("/results/segments/0/barrier"), 0);
  EXPECT_LT(record.number("/results/points/0/loss"), 1e-3 * record.number("/results/loss_at_zero"));
  for (const char* file : {"slice_points.csv", "slice_paths.csv", "arrays.npz", "figures/slice.svg",
                           "figures/segments.svg"}) {
    EXPECT_TRUE(fs::exists(folder / file)) << file;
  }
  const std::string report = read_file(folder / "report.html");
  EXPECT_THAT(report, HasSubstr("From A straight to B as given there is"));
  EXPECT_THAT(report, HasSubstr("From A straight to B turned towards A there is"));
}

TEST_F(Slice, TakesTheUsersOwnInstance) {
  // d = 2, x_11 = 4 is measured: zeros of the loss at u = (+-2, anything).
  const std::string a = npy("A.npy", {1, 3}, {1, 0, 0}), y = npy("y.npy", {1}, {4});
  const RunRecord record = read_run(
      run({"slice", "--through", npy("p.npy", {2, 1}, {2, 1}) + "," + npy("q.npy", {2, 1}, {-2, 1}),
           "--measurement-file", a, "--value-file", y},
          "own"));
  EXPECT_NEAR(record.number("/results/points/0/loss"), 0, 1e-20);
  EXPECT_NEAR(record.number("/results/segments/0/barrier"), 8, 1e-12) << "at u_1 = 0";
  EXPECT_NEAR(record.number("/results/segments/1/barrier"), 0, 1e-12) << "from u_1 = 2 to 2";
  EXPECT_FALSE(record.has("/results/points/0/relative_error"));
  EXPECT_EQ(record.text("/results/third_point"), "aligned");
}

TEST_F(Slice, SaysInOneLineWhatIsWrongWithItsPoints) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> numbers(24, 1), broken = numbers, other = numbers;
  broken[5] = nan;
  other[0] = 2;
  const std::string good = npy("good.npy", {12, 2}, numbers);
  const std::string good_too = npy("other.npy", {12, 2}, other);
  expect_refusal({good, (folder_ / "none.npy").string()}, kInputOutput, {"none.npy"});
  expect_refusal({good, npy("nan.npy", {12, 2}, broken)}, kData, {"nan.npy", "finite numbers"});
  expect_refusal({good, npy("rank.npy", {12, 1}, std::vector<double>(12, 1))}, kData,
                 {"rank.npy: expected shape (12, 2) like", "got (12, 1)"});
  expect_refusal(
      {npy("rows.npy", {8, 3}, numbers), good}, kData,
      {"rows.npy: expected shape (12, R), the instance's dimension, got (8, 3)", "--dimension"});
  expect_refusal({npy("flat.npy", {24}, numbers), good}, kData,
                 {"flat.npy: expected a factor of shape (d, R), got (24)"});
  expect_refusal({good, good}, kData, {"another point than", "the same numbers"});
  expect_refusal({good, good_too, npy("third.npy", {12, 2}, numbers)}, kData,
                 {"third.npy: expected a point off the line of the other two"});
  expect_refusal({good}, kUsage, {"through: expected two end points or three points, got 1"});
  expect_refusal({good, good_too}, kUsage, {"points: expected 3 to 501, got 2"}, {"--points", "2"});
}

TEST_F(Slice, SaysWhichArraysAnArchiveHas) {
  const std::vector<std::string> both = ends();
  const std::string archive = both[0].substr(0, both[0].rfind(":U"));
  expect_refusal({both[0], archive + ":U.7"}, kData, {"an array U.7", "U.0.001, U.1, X_true"});
  expect_refusal({both[0], archive}, kData, {"an array of that file", ":U.0.1"});
}

class NetworkSlice : public ::testing::Test, protected ProgramRuns {};

TEST_F(NetworkSlice, MeasuresTheBarrierBetweenTwoTrainedNetworks) {
  const fs::path other = run(kTrain, "other", {"--seed", "7"});
  const std::string weights = (other / "arrays.npz").string();
  const fs::path folder = run(kTrain, "t", {"--slice-through", weights});
  EXPECT_THAT(result_.err, HasSubstr("between them"));
  const RunRecord record = read_run(folder);
  EXPECT_EQ(record.table("segments.csv").row_count(), 51u);
  EXPECT_EQ(record.table("slice.csv").row_count(), 25u * 25u);
  const std::vector<double> loss = record.table("segments.csv").numbers("loss");
  EXPECT_DOUBLE_EQ(record.number("/results/connection/loss_a"), loss.front());
  EXPECT_DOUBLE_EQ(record.number("/results/connection/loss_b"), loss.back());
  EXPECT_GE(record.number("/results/connection/barrier"), 0);
  EXPECT_TRUE(fs::exists(folder / "figures" / "segments.svg"));
  EXPECT_THAT(read_file(folder / "report.html"), HasSubstr("On the straight segment from where"));
  // The rest of the run is the same as without.
  const fs::path plain = run(kTrain, "plain");
  EXPECT_EQ(read_file(folder / "steps.csv"), read_file(plain / "steps.csv"));
}

TEST_F(NetworkSlice, OfANetworkWithItselfHasNoSegment) {
  const fs::path first = run(kTrain, "first");
  const fs::path again = run(kTrain, "again", {"--slice-through", (first / "arrays.npz").string()});
  EXPECT_FALSE(read_run(again).has("/results/connection"));
  EXPECT_FALSE(fs::exists(again / "segments.csv"));
}

TEST_F(NetworkSlice, RefusesWeightsThatDoNotFitBeforeItTrains) {
  const std::string weights = (run(kTrain, "other", {"--hidden", "5"}) / "arrays.npz").string();
  const auto refused = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = kTrain;
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--out", (folder_ / "refused").string()});
    const ProgramResult result = run_program(arguments);
    EXPECT_FALSE(fs::exists(folder_ / "refused"));
    return result;
  };
  EXPECT_EQ(refused({"--slice-through", weights}).exit_code, kData);
  EXPECT_EQ(refused({"--slice-through", (folder_ / "none.npz").string()}).exit_code, kInputOutput);
  const ProgramResult batch = refused({"--slice-through", weights, "--normalisation", "batch"});
  EXPECT_EQ(batch.exit_code, kUsage);
  EXPECT_THAT(batch.err, HasSubstr("slice through: expected a network without batch"));
}

}  // namespace
}  // namespace ravine::testing
