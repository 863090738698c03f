#include <filesystem>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/matrix_view.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/record/csv_table.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

namespace ravine::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ProgramResult run_example(const std::string& name, const std::vector<std::string>& arguments) {
  return run_program(arguments, {}, std::string(RAVINE_EXAMPLES) + "/" + name);
}

/// The number after `text` in an example's output.
double number_after(const std::string& text, const std::string& output) {
  std::smatch match;
  const bool found = std::regex_search(output, match, std::regex(text + "([-+.0-9e]+)"));
  EXPECT_TRUE(found) << "'" << text << "' in " << output;
  return found ? std::stod(match[1]) : NAN;
}

class Examples : public ::testing::Test {
 protected:
  std::string npy(const std::string& name, std::vector<std::size_t> shape,
                  const std::vector<double>& values) {
    write_npy(folder_ / name, {std::move(shape), std::span<const double>(values)});
    return (folder_ / name).string();
  }

  TemporaryFolder folder_;
};

TEST_F(Examples, RecoverAMatrixFromTheMeasurementsInFiles) {
  constexpr std::size_t d = 12, m = 120, rank = 2;
  const std::vector<double> factor = normals(d * rank, "factor"), rows = normals(m * d * d, "A");
  std::vector<double> truth(d * d), values(m);
  const MatrixView<const double> u(factor.data(), d, rank);
  matmul_by_transposed(u, u, MatrixView(truth.data(), d, d));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < d * d; ++j) values[i] += rows[i * d * d + j] * truth[j];
  }
  const std::string a = npy("A.npy", {m, d, d}, rows), y = npy("y.npy", {m}, values);
  const std::string x = (folder_ / "X.npy").string();
  const ProgramResult result = run_example("recover_matrix", {a, y, "2", x});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("d = 12, m = 120, rank 2\nconverged after "));
  EXPECT_LT(number_after("loss ", result.out), 1e-18);
  const NpyArray found = read_npy(x);
  EXPECT_EQ(found.shape, (std::vector<std::size_t>{d, d}));
  expect_all_near(std::get<AlignedBuffer<double>>(found.values), truth, 1e-9);
}

TEST_F(Examples, SayWhatIsWrongWithTheFiles) {
  const std::string a = npy("A.npy", {2, 3, 3}, normals(18, "A"));
  const std::string y = npy("y.npy", {3}, {1, 2, 3});
  const ProgramResult result = run_example("recover_matrix", {a, y, "1", "X.npy"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("y.npy: expected shape (2)"));
  for (const char* example : {"recover_matrix", "rosenbrock", "logistic_regression"}) {
    const ProgramResult usage = run_example(example, {});
    EXPECT_EQ(usage.exit_code, 2);
    EXPECT_THAT(usage.err, StartsWith(std::string("usage: ") + example));
  }
}

TEST_F(Examples, DescendRosenbrocksFunctionToItsMinimum) {
  const auto trace = folder_ / "trace.csv";
  const ProgramResult result = run_example("rosenbrock", {trace.string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LT(number_after("off by at most ", result.out), 1e-7);
  EXPECT_THAT(result.out, HasSubstr("at (1.000000, 1.000000)"));
  EXPECT_THAT(result.out, HasSubstr("converged after "));
  const CsvTable table = CsvTable::read(trace);
  EXPECT_EQ(static_cast<double>(table.row_count()), number_after("after ", result.out) + 1);
  EXPECT_DOUBLE_EQ(table.numbers("loss").front(), 24.2);
  EXPECT_EQ(table.numbers("x").front(), -1.2);
}

TEST_F(Examples, DescendLogisticRegressionByItsOwnCurvature) {
  const auto trace = folder_ / "trace.csv";
  const ProgramResult result = run_example("logistic_regression", {trace.string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  // At w = 0 the Hessian is 1/4 mean x x^T + lambda I; E x x^T = I + c c^T, |c|^2 = 10/4.
  EXPECT_NEAR(number_after("start: [-.0-9]+ to ", result.out), 3.5 / 4 + 0.01, 0.15);
  EXPECT_THAT(result.out, HasSubstr("converged after "));
  EXPECT_GT(number_after("accuracy ", result.out), 0.9);
  EXPECT_GE(number_after("end: ", result.out), 0.01) << "lambda at least: a minimum";
  const std::vector<double> losses = CsvTable::read(trace).numbers("loss");
  EXPECT_NEAR(losses.front(), std::log(2.0), 1e-14);
  for (std::size_t i = 1; i < losses.size(); ++i) EXPECT_LE(losses[i], losses[i - 1] + 1e-15);
}

}  // namespace
}  // namespace ravine::testing
