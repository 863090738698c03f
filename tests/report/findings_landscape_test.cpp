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

TEST(LandscapeFindings, NameEveryCriticalPointThatIsNotSecondOrderStationary) {
  LandscapeFindings found;
  EXPECT_THAT(sentences_of(found).back(), HasSubstr("; 0 is the critical point that is not"));
  found.true_rank = 2;
  EXPECT_THAT(sentences_of(found).back(),
              HasSubstr("; 0 and the saddles between it and the truth are critical points that"));
}

}  // namespace
}  // namespace ravine::report
