#include "ravine/study/experiment_check.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::TemporaryFolder;

/// A table with y = 3 x^2 for m = 5, and other rows.
class MeasuredValue : public ::testing::Test {
 protected:
  MeasuredValue() {
    folder_.file("t.csv",
                 "m,x,y\n"
                 "4,10,7\n"
                 "5,1,3\n"
                 "5,10,300\n"
                 "5,100,\n"
                 "5,1000,3000000\n"
                 "6,1,0\n");
  }

  RunRecord record() const {
    return RunRecord(folder_.path(), {{"schema", "ravine-run/1"},
                                      {"kind", "sweep"},
                                      {"name", "r"},
                                      {"results", {{"number", 2.5}, {"flag", true}}}});
  }

  static ExperimentCheck check_of(CheckStatistic statistic, std::vector<RowCondition> where) {
    ExperimentCheck check;
    check.table = "t.csv";
    check.column = "y";
    check.over = "x";
    check.where = std::move(where);
    check.statistic = statistic;
    return check;
  }

  TemporaryFolder folder_;
};

TEST_F(MeasuredValue, OfResultsIsTheNumberOrFlag) {
  ExperimentCheck check;
  check.result = "/results/number";
  EXPECT_EQ(measured_value(check, record()), 2.5);
  check.result = "/results/flag";
  EXPECT_EQ(measured_value(check, record()), 1);
  check.result = "/results/none";
  EXPECT_TRUE(std::isnan(measured_value(check, record())));
}

TEST_F(MeasuredValue, OfATableIsOfTheRowsThatMeetAllConditions) {
  using enum CheckStatistic;
  EXPECT_EQ(measured_value(check_of(first, {}), record()), 7);
  EXPECT_EQ(measured_value(check_of(first, {{"m", 5, 5}, {"x", 10, 10}}), record()), 300);
  EXPECT_EQ(measured_value(check_of(mean, {{"m", 4, 6}, {"x", 1, 10}}), record()), 310.0 / 4);
  EXPECT_TRUE(std::isnan(measured_value(check_of(mean, {{"m", 5, 5}}), record())))
      << "a row without a number";
  EXPECT_TRUE(std::isnan(measured_value(check_of(mean, {{"m", 9, 9}}), record()))) << "no rows";
}

TEST_F(MeasuredValue, OfASlopeIsTheLeastSquaresLine) {
  ExperimentCheck check = check_of(CheckStatistic::slope, {{"m", 5, 5}, {"x", 1, 10}});
  EXPECT_NEAR(measured_value(check, record()), 297.0 / 9, 1e-12);
  check.where.pop_back();
  check.logs = {"x", "y"};
  EXPECT_NEAR(measured_value(check, record()), 2, 1e-12);
  check.where = {{"m", 6, 6}};
  EXPECT_TRUE(std::isnan(measured_value(check, record()))) << "one point has no slope";
}

TEST_F(MeasuredValue, OfATableOrColumnThatIsNotThereIsAnError) {
  ExperimentCheck check = check_of(CheckStatistic::mean, {});
  check.column = "z";
  EXPECT_THROW(measured_value(check, record()), DataError);
  check.table = "u.csv";
  EXPECT_THROW(measured_value(check, record()), DataError);
}

}  // namespace
}  // namespace ravine
