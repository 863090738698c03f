#include "ravine/report/findings_sense.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/report/power_law.hpp"
#include "ravine/report/run_tables.hpp"
#include "report/example_runs.hpp"
#include "report/findings_text.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using namespace ravine::testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SenseFindings findings_of(const SenseExample& example) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), example);
  return sense_findings(read_run(folder.path()));
}

TEST(SenseFindings, MeasureTheRateOfLinearConvergence) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {0.1}, .rank = 5});
  ASSERT_EQ(found.members.size(), 1U);
  EXPECT_NEAR(found.members[0].log10_rate, -0.0265, 1e-6);
  EXPECT_THAT(found.members[0].iterations_to, ElementsAre(122, 236, 387));
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("<strong>122 / 236 / 387</strong>"));
  EXPECT_THAT(text, HasSubstr("one decimal digit every 38 iterations"));
  EXPECT_THAT(text, Not(HasSubstr("minimum")));
}

TEST(SenseFindings, FitTheExponentsOverAlpha) {
  SenseExample example;
  example.iterations = 600;
  const SenseFindings found = findings_of(example);
  ASSERT_TRUE(found.error_law && found.beyond_law);
  EXPECT_NEAR(found.error_law->exponent, 0.93, 0.02);
  EXPECT_NEAR(found.beyond_law->exponent, 0.42, 0.02);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("to the power <strong>0.93 ± 0.00</strong>"));
  EXPECT_THAT(text, HasSubstr("keeps it smaller, but not in proportion"));
}

// Three starts that settled with these errors and singular values beyond the rank.
SenseFindings settled_starts(const std::vector<double>& errors, const std::vector<double>& beyond) {
  SenseFindings found = findings_of(SenseExample{.alphas = {1e-1, 1e-3, 1e-5}});
  std::vector<double> alphas;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    found.members[i].relative_error = errors[i];
    found.members[i].first_beyond = beyond[i];
    alphas.push_back(found.members[i].alpha);
  }
  found.error_law = power_law(alphas, errors);
  found.beyond_law = power_law(alphas, beyond);
  return found;
}

TEST(SenseFindings, SayInProportionWhereItIs) {
  const std::string text = text_of(settled_starts({1e-1, 1e-3, 1e-5}, {2e-1, 2e-3, 2e-5}));
  EXPECT_THAT(text, HasSubstr("(least squares over 3 starts): in proportion."));
  EXPECT_THAT(text, HasSubstr("</strong>: in proportion to the start."));
  EXPECT_THAT(text, Not(HasSubstr("not in proportion")));
}

TEST(SenseFindings, NameNoPowerThatDoesNotFit) {
  const std::string text = text_of(settled_starts({2.8, 0.11, 1e-1}, {1e-2, 1e-3, 1e-2}));
  EXPECT_THAT(text, HasSubstr("The smaller the start, the smaller the final error"));
  EXPECT_THAT(text, HasSubstr("as no single power of <i>α</i>"));
  EXPECT_THAT(text, Not(HasSubstr("to the power")));
}

TEST(SenseFindings, SayWhereTheErrorDoesNotFollowTheStart) {
  EXPECT_THAT(text_of(settled_starts({0.062, 0.93, 0.5}, {1, 1, 1})),
              AllOf(HasSubstr("does not follow the size of the start"), HasSubstr("0.93"),
                    Not(HasSubstr("to the power"))));
  EXPECT_THAT(text_of(settled_starts({0.062, 0.061, 0.065}, {1, 1, 1})),
              HasSubstr("hardly depends on the size of the start: it is 0.061 to 0.065"));
}

TEST(SenseFindings, CompareNoStartThatHasNotSettled) {
  SenseExample example{.alphas = {1e-1, 1e-2, 1e-3, 1e-12}, .iterations = 90};
  const SenseFindings found = findings_of(example);
  EXPECT_FALSE(found.members[3].settled) << "it has hardly left zero";
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("Not settled when the run ended"));
  EXPECT_THAT(text, Not(HasSubstr("At <i>α</i> = 10⁻¹²")));
}

TEST(SenseFindings, FitNoPowerThroughTwoStarts) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {1e-1, 1e-3}});
  EXPECT_EQ(settled_members(found).size(), 2U);
  EXPECT_FALSE(found.error_law || found.beyond_law);
  EXPECT_THAT(text_of(found), Not(HasSubstr("to the power")));
}

TEST(SenseFindings, SayThatEqualLossesHideDifferentAnswers) {
  const SenseFindings found =
      findings_of(SenseExample{.alphas = {1.0, 1e-5}, .measurements = 1500});
  EXPECT_EQ(fitted_members(found).size(), 2U);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("Same zero loss, different answers"));
  EXPECT_THAT(text, HasSubstr("1,500 measurements cannot determine 5,050 unknowns"));
  EXPECT_THAT(text, HasSubstr("relative error <strong>0.83</strong>"));
}

// What a run says of the minimum-norm solution: its lines that have its error.
std::string minimum_norm_text(const SenseFindings& found) {
  std::string text;
  for (const std::string& sentence : sentences_of(found)) {
    if (sentence.find("relative error <strong>0.83") != std::string::npos) text += sentence;
  }
  return text;
}

TEST(SenseFindings, ConcludeOfSmallAndLargeStartsOnlyWhereBothWereRun) {
  const auto text_for = [](std::vector<double> alphas) {
    return minimum_norm_text(findings_of({.alphas = std::move(alphas), .measurements = 1500}));
  };
  EXPECT_THAT(text_for({1.0, 1e-5}), AllOf(HasSubstr("from the small start <i>α</i> = 10⁻⁵"),
                                           HasSubstr("from the large one <i>α</i> = 1 it fits")));
  EXPECT_THAT(text_for({1e-5}),
              AllOf(HasSubstr("from the small start <i>α</i> = 10⁻⁵"), Not(HasSubstr("large"))));
  EXPECT_THAT(text_for({1.0}),
              AllOf(HasSubstr("from <i>α</i> = 1 reaches"), Not(HasSubstr("small start"))));
}

TEST(SenseFindings, ConcludeNothingOfAStartThatIsNotRandomOrDidNotFit) {
  SenseFindings found = findings_of({.alphas = {1e-5}, .measurements = 1500});
  EXPECT_LT(found.members[0].start_size, 1e-3);
  found.start = "spectral";
  EXPECT_THAT(minimum_norm_text(found), AllOf(HasSubstr("1,500"), Not(HasSubstr("small start"))));
  found.start = "gaussian";
  found.members[0].loss = 1e-3 * found.members[0].start_loss;
  EXPECT_THAT(minimum_norm_text(found), AllOf(HasSubstr("1,500"), Not(HasSubstr("small start"))));
  found.members[0].loss = 2.5e-7 * found.members[0].start_loss;
  EXPECT_THAT(minimum_norm_text(found), HasSubstr("its residuals down to 5·10⁻⁴ of those at the"));
}

TEST(SenseFindings, LeaveNothingToTheStartWhereMeasurementsDetermineTheMatrix) {
  SenseFindings found = findings_of({.alphas = {1.0, 1e-5}, .measurements = 5050});
  found.minimum_norm_error = 0.835;
  EXPECT_THAT(minimum_norm_text(found),
              AllOf(HasSubstr("5,050 measurements are enough for 5,050 unknowns"),
                    Not(HasSubstr("cannot determine")), Not(HasSubstr("small start"))));
  found.own_measurements = true;
  EXPECT_THAT(minimum_norm_text(found),
              AllOf(HasSubstr("minimum-norm solution"), Not(HasSubstr("enough"))));
}

TEST(SenseFindings, CallNoDifferenceOfTinyErrorsADifferentAnswer) {
  SenseFindings found = findings_of(SenseExample{.alphas = {1.0, 1e-5}});
  found.members[0].relative_error = 1e-13;
  found.members[0].loss = 1e-26;
  found.members[1].relative_error = 1e-15;
  EXPECT_THAT(text_of(found),
              AllOf(Not(HasSubstr("different answers")), Not(HasSubstr("not a better answer"))));
}

TEST(SenseFindings, SayWhereAStartOfTheRightRankEnded) {
  const std::string text =
      text_of(findings_of({.alphas = {0.1}, .rank = 5, .measurements = 1500, .iterations = 50}));
  EXPECT_THAT(text, HasSubstr("the relative error goes from 1.7 to <strong>0.080</strong> in 50 "
                              "iterations; it never fell below 10⁻³"));
  EXPECT_THAT(text, HasSubstr("has relative error <strong>0.83</strong>; gradient descent from"));
}

TEST(SenseFindings, SayThatNoIterationWasMade) {
  for (const bool knows_truth : {true, false}) {
    const std::string text =
        text_of(findings_of({.alphas = {0.1}, .iterations = 0, .knows_truth = knows_truth}));
    EXPECT_THAT(text, HasSubstr(fmt::format("No iteration was made from <i>α</i> = 0.1: the start "
                                            "has {}",
                                            knows_truth ? "relative error" : "loss")));
  }
}

TEST(SenseFindings, CompareEffectiveRanksWithThoseOfTheTruth) {
  const SenseFindings found = findings_of(SenseExample{});
  EXPECT_NEAR(found.truth_stable_rank, 491.0 / 132.0, 1e-12);
  EXPECT_NEAR(found.truth_entropy_rank, 4.9, 0.05);
  EXPECT_NEAR(effective_rank(std::vector{3.0, 3.0, 3.0}).entropy, 3.0, 1e-12);
  EXPECT_THAT(text_of(found), HasSubstr("= <i>X</i>* has 4.89 and 3.72; the rank"));
}

TEST(SenseFindings, SayWhenTheSmallestLossIsNotTheBestAnswer) {
  SenseFindings found = findings_of(SenseExample{.alphas = {1.0, 1e-5}, .measurements = 1500});
  found.members[0].loss = 1e-25;
  found.members[0].relative_error = 3.0;
  found.members[1].loss = 1e-3;
  found.members[1].relative_error = 4.8e-4;
  EXPECT_THAT(text_of(found), HasSubstr("A smaller loss is not a better answer"));
  EXPECT_THAT(text_of(found), Not(HasSubstr("Same zero loss")));
  std::swap(found.members[0].loss, found.members[1].loss);
  EXPECT_THAT(text_of(found), Not(HasSubstr("A smaller loss")));
}

TEST(SenseFindings, SayHowMuchTheValueBeyondTheRankGrew) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {1.0, 1e-5}});
  const MemberFindings& small = found.members[1];
  EXPECT_NEAR(small.first_beyond_start, 1e-5 * 17.0, 1e-12);
  EXPECT_GT(small.first_beyond, 50.0 * small.first_beyond_start);
  EXPECT_THAT(text_of(found), HasSubstr("does not stay where it began"));
}

TEST(SenseFindings, CountADivergedStartAsThat) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {1.0, 0.1, 1e-3}, .diverged = 1});
  EXPECT_EQ(fitted_members(found).size(), 2U);
  EXPECT_THAT(text_of(found), HasSubstr("<strong>diverged</strong> after 6 iterations"));
  EXPECT_FALSE(found.members[0].settled);
  EXPECT_FALSE(found.error_law) << "two starts are left";
}

TEST(SenseFindings, SayWhatTheyCanWithoutATruth) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {0.1}, .knows_truth = false});
  EXPECT_EQ(found.true_rank, 0.0);
  EXPECT_TRUE(std::isnan(found.members[0].relative_error));
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("the loss goes from"));
  EXPECT_THAT(text, Not(HasSubstr("–")));
}

TEST(SenseFindings, SayWhatTheyCanWithoutASpectrum) {
  TemporaryFolder folder;
  write_sense_run(folder.path());
  std::filesystem::remove(folder / "singular_values.csv");
  std::filesystem::remove(folder / "effective_rank.csv");
  const SenseFindings found = sense_findings(read_run(folder.path()));
  EXPECT_FALSE(found.beyond_law);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("(least squares over"));
  EXPECT_THAT(text, Not(HasSubstr("–")));
}

TEST(SenseFindings, RefuseTablesThatLackAMember) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 20});
  folder.file("trace.csv", "iteration,alpha,loss,relative_error\n0,0.2,1,1\n");
  EXPECT_THAT(error_of<DataError>([&] { sense_findings(read_run(folder.path())); }),
              HasSubstr("trace.csv: expected rows of alpha 0.1"));
}

TEST(SenseFindings, RefuseSingularValuesOutOfOrder) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 20});
  for (const char* index : {"0", "2", "-1", "1e300", ""}) {
    folder.file("singular_values.csv",
                fmt::format("iteration,alpha,index,value\n0,0.1,{},1\n", index));
    EXPECT_THROW(sense_findings(read_run(folder.path())), DataError) << index;
  }
  folder.file("singular_values.csv",
              "iteration,alpha,index,value\n0,0.1,1,1\n0,0.1,2,1\n1,0.1,1,1\n");
  EXPECT_THROW(sense_findings(read_run(folder.path())), DataError);
}

}  // namespace
}  // namespace ravine::report
