#include "ravine/report/findings_theory.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/example_runs.hpp"
#include "report/example_theory.hpp"
#include "report/findings_text.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using namespace ravine::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TheoryFindings theory_of(const Json& configuration) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1, 1e-3}, .iterations = 20});
  add_theory(folder.path(), {0.1, 1e-3});
  Json json = read_manifest(folder.path());
  json["configuration"].update(configuration);
  write_file_atomically(folder.path() / kManifestFile, json.dump(2) + "\n");
  return theory_findings(read_run(folder.path()));
}

TEST(TheoryFindings, SayWhenEachModeArrivedAndWhenItWasToArrive) {
  const TheoryFindings found = theory_of(Json::object());
  ASSERT_EQ(found.members.size(), 2U);
  ASSERT_EQ(found.members[1].half_times.size(), 2U);
  EXPECT_EQ(found.members[1].half_times[1].measured, 40);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("At <i>α</i> = 10⁻³ the modes reach half their final size after "
                              "<strong>10, 40</strong> iterations"));
  EXPECT_THAT(text, HasSubstr("from their sizes at the start: 10, 40; by"));
  EXPECT_THAT(text, HasSubstr("alone: 13, 52."));
  EXPECT_THAT(text, HasSubstr("to within <strong>0.4 %</strong> over all starts"));
  EXPECT_THAT(text, HasSubstr("because sampling couples the modes"));
  const std::string table = half_time_table(found);
  EXPECT_THAT(table, HasSubstr("40.4"));
  EXPECT_THAT(table, HasSubstr("52.0"));
}

TEST(TheoryFindings, CallADeviationOfManyTimesAFactor) {
  TheoryFindings found = theory_of(Json::object());
  found.members[0].recursion_deviation = 4.526;
  EXPECT_THAT(text_of(found), HasSubstr("off by at most a factor of 5.5 here"));
}

TEST(TheoryFindings, CallTheRecursionExactOnlyWhereItIs) {
  EXPECT_THAT(text_of(theory_of({{"population", true}, {"start", "aligned"}})),
              AllOf(HasSubstr("not approximately but exactly"), HasSubstr("3·10⁻¹⁵")));
  EXPECT_THAT(text_of(theory_of({{"population", true}})),
              AllOf(Not(HasSubstr("exactly")), HasSubstr("random start are not orthogonal")));
}

TEST(TheoryFindings, AreNoneWithoutTheory) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 20});
  const TheoryFindings found = theory_findings(read_run(folder.path()));
  EXPECT_TRUE(found.members.empty());
  EXPECT_TRUE(sentences_of(found).empty());
  EXPECT_EQ(half_time_table(found), "");
}

}  // namespace
}  // namespace ravine::report
