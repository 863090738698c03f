#include "ravine/record/run_record.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::ravine::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

RunRecord example(const TemporaryFolder& folder) {
  Manifest manifest;
  manifest.kind = "train";
  manifest.name = "small";
  manifest.results = {{"epochs", 2}, {"loss", nullptr}, {"median_norm", {0.5, nullptr}}};
  write_manifest(folder.path(), manifest);
  return read_run(folder.path());
}

TEST(RunRecord, GivesValuesByTheirPlace) {
  TemporaryFolder folder;
  const RunRecord run = example(folder);
  EXPECT_EQ(run.kind(), "train");
  EXPECT_EQ(run.name(), "small");
  EXPECT_EQ(run.number("/results/epochs"), 2);
  EXPECT_TRUE(std::isnan(run.number("/results/loss")));
  EXPECT_EQ(run.numbers("/results/median_norm").at(0), 0.5);
  EXPECT_TRUE(std::isnan(run.numbers("/results/median_norm").at(1)));
  EXPECT_TRUE(run.has("/results/epochs"));
  EXPECT_FALSE(run.has("/results/loss"));
  EXPECT_FALSE(run.has("/results/nothing/deeper"));
}

TEST(RunRecord, NamesThePlaceOfAValueThatIsMissingOrOfAnotherKind) {
  TemporaryFolder folder;
  const RunRecord run = example(folder);
  EXPECT_THAT(error_of<DataError>([&] { run.number("/results/test_nll"); }),
              AllOf(HasSubstr("manifest.json, /results/test_nll"),
                    HasSubstr("expected a number, got nothing")));
  EXPECT_THAT(error_of<DataError>([&] { run.number("/name"); }), HasSubstr("got string"));
  EXPECT_THROW(run.text("/results/epochs"), DataError);
  EXPECT_THROW(run.numbers("/results/epochs"), DataError);
  EXPECT_THROW(run.array("/name"), DataError);
}

TEST(RunRecord, GivesNanForNumbersARunNeverReached) {
  TemporaryFolder folder;
  const RunRecord run = example(folder);
  EXPECT_EQ(run.number_if_any("/results/epochs"), 2);
  EXPECT_TRUE(std::isnan(run.number_if_any("/results/test_nll")));
  EXPECT_TRUE(std::isnan(run.number_if_any("/results/loss")));
  EXPECT_THROW(run.number_if_any("/name"), DataError);
}

TEST(RunRecord, ReadsATableOnce) {
  TemporaryFolder folder;
  const RunRecord run = example(folder);
  folder.file("epochs.csv", "epoch\n1\n2\n");
  EXPECT_THAT(run.table("epochs.csv").numbers("epoch"), ElementsAre(1, 2));
  folder.file("epochs.csv", "epoch\n3\n");
  EXPECT_THAT(run.table("epochs.csv").numbers("epoch"), ElementsAre(1, 2));
}

TEST(RunRecord, SaysThatATableIsMissingOrBroken) {
  TemporaryFolder folder;
  const RunRecord run = example(folder);
  EXPECT_THAT(error_of<DataError>([&] { run.table("steps.csv"); }), HasSubstr("a table steps.csv"));
  folder.file("steps.csv", "step,loss\n1\n");
  EXPECT_THAT(error_of<DataError>([&] { run.table("steps.csv"); }), HasSubstr("steps.csv, line 2"));
}

TEST(RunRecord, RefusesAFolderThatIsNoRun) {
  TemporaryFolder folder;
  EXPECT_THROW(read_run(folder.path()), DataError);
  EXPECT_THROW(read_run(folder / "missing"), IoError);
}

}  // namespace
}  // namespace ravine
