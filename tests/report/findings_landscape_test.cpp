#include "ravine/report/findings_landscape.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/example_runs.hpp"
#include "report/findings_text.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using namespace ravine::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(LandscapeFindings, TellSaddlesFromMinima) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  const LandscapeFindings found = landscape_findings(read_run(folder.path()));
  EXPECT_EQ(found.points.size(), 10U);
  EXPECT_EQ(found.agreeing, 10U);
  EXPECT_LT(found.population_deviation, 1e-12);
  EXPECT_NEAR(found.sampled_deviation, 0.04, 1e-9);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("the point 0 is a <strong>strict saddle</strong>"));
  EXPECT_THAT(text, HasSubstr("is −208.0 (theory: −200.0)"));
  EXPECT_THAT(text, HasSubstr("+u*, −u*, descent 1 are <strong>minima</strong>"));
  EXPECT_THAT(text, HasSubstr("±<i>u</i>* are critical points <em>and</em>"));
}

TEST(LandscapeFindings, CountAgreementAsTheRunDoesAndDrawNoConclusionWhenAPointDisagrees) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  std::string table = read_file(folder / "points.csv");
  const std::string agreed = ",yes\n";  // its kind is right, its eigenvalues are not
  table.replace(table.find(agreed), agreed.size(), ",no\n");
  folder.file("points.csv", table);
  const LandscapeFindings found = landscape_findings(read_run(folder.path()));
  EXPECT_EQ(found.agreeing, 9U);
  EXPECT_THAT(text_of(found), HasSubstr("<strong>9 of 10</strong>"));
  EXPECT_THAT(text_of(found), Not(HasSubstr("conclusion")));
}

// What a run says with another row, and another end, of the sampled loss's descent.
std::string text_with_descent(const std::string& termination, const std::string& row) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  std::string table = read_file(folder / "points.csv");
  const std::size_t at = table.find("sampled,descent 1");
  table.replace(at, table.find('\n', at) - at, "sampled,descent 1," + row);
  folder.file("points.csv", table);
  Json json = read_manifest(folder.path());
  json["results"]["descents"] = {
      {{"loss_kind", "sampled"}, {"point", "descent 1"}, {"termination", termination}}};
  folder.file("manifest.json", json.dump());
  return text_of(landscape_findings(read_run(folder.path())));
}

TEST(LandscapeFindings, CallADescentThatDidNotConvergeUnfinished) {
  const std::string row = "1e-9,6e-5,6e-7,-1e-4,600,200,600,strict saddle,minimum,20,no";
  const std::string text = text_with_descent("max_steps", row);
  EXPECT_THAT(text, HasSubstr("descent 1 <strong>reached the iteration limit</strong> before it"));
  EXPECT_THAT(text, Not(HasSubstr("the point descent 1 is a")));
  EXPECT_THAT(text_with_descent("diverged", row), HasSubstr("descent 1 <strong>diverged</strong>"));
  EXPECT_THAT(text_with_descent("converged", row),
              AllOf(HasSubstr("the point descent 1 is a <strong>strict saddle"),
                    HasSubstr("but descent ended there")));
}

TEST(LandscapeFindings, TellMinimaOtherThanTheTruthByTheirLoss) {
  const std::string fit =
      text_with_descent("converged", "1e-13,9e-7,9e-9,1e-8,600,200,600,minimum,minimum,37,no");
  EXPECT_THAT(fit, HasSubstr("descent 1 is a minimum <strong>other than <i>X</i>*</strong>, up to "
                             "37 away from it, though the loss there is zero"));
  EXPECT_THAT(fit, HasSubstr("For the sampled loss, +u*, −u* are <strong>minima</strong>"));
  EXPECT_THAT(text_with_descent("converged", "12,9e-7,9e-9,1e-8,600,200,600,minimum,minimum,37,no"),
              AllOf(HasSubstr("the loss is up to 12 and not zero: spurious"),
                    Not(HasSubstr("loss there is zero"))));
}

TEST(LandscapeFindings, NameEveryCriticalPointThatIsNotSecondOrderStationary) {
  LandscapeFindings found;
  EXPECT_THAT(sentences_of(found).back(), HasSubstr("; 0 is the critical point that is not"));
  found.true_rank = 2;
  EXPECT_THAT(sentences_of(found).back(),
              HasSubstr("; 0 and the saddles between it and the truth are critical points that"));
}

}  // namespace
}  // namespace ravine::report
