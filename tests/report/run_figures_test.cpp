#include "ravine/report/run_figures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/report/report.hpp"
#include "report/example_runs.hpp"
#include "report/example_theory.hpp"
#include "report/xml_check.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;

using namespace ravine::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr std::uintmax_t kLargestSvg = 150'000;

// Draws a run's figures, checks what holds for all of them, and returns their names.
std::vector<std::string> drawn_names(const TemporaryFolder& folder) {
  write_report_into(folder.path());
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "figures")) {
    const std::string name = entry.path().filename().string();
    const std::string svg = read_file(entry.path());
    EXPECT_EQ(XmlCheck(svg).problem(), "") << name;
    EXPECT_THAT(svg, HasSubstr("<title id=\"title\">")) << name;
    EXPECT_LT(entry.file_size(), kLargestSvg) << name;
    names.push_back(name);
  }
  return names;
}

TEST(RunFigures, DrawATrainRunOfFullLength) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.steps_per_epoch = 469});
  EXPECT_THAT(drawn_names(folder),
              UnorderedElementsAre("loss.svg", "gradient-norms.svg", "gradient-norms-by-step.svg",
                                   "gradient-heatmap.svg"));
}

// All captions of a run's figures.
std::string captions_of(const fs::path& folder) {
  std::string captions;
  for (const auto& figure : report::figures_of(read_run(folder))) captions += figure.caption + '\n';
  return captions;
}

TEST(RunFigures, SayWhereNormsOfZeroAre) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.epochs = 2});
  EXPECT_THAT(captions_of(folder.path()), Not(HasSubstr("Norms of zero")));
  write_train_run(folder.path(), {.epochs = 2, .level = {0.0, 0.57, 0.50, 0.42}});
  const std::string captions = captions_of(folder.path());
  EXPECT_THAT(captions, HasSubstr("cannot show, are gaps in the curves."));
  EXPECT_THAT(captions, HasSubstr("white where it has no others."));
}

TEST(RunFigures, DrawTheEffectiveRanksOfTheTruth) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 50});
  for (const auto& figure : report::figures_of(read_run(folder.path()))) {
    if (figure.name != "effective-rank") continue;
    EXPECT_THAT(figure.script, HasSubstr("that of X* itself"));
    EXPECT_THAT(figure.script, Not(HasSubstr("'rank of X*'")));
    EXPECT_THAT(figure.caption, HasSubstr("nothing in the loss asks for it"));
  }
  write_sense_run(folder.path(), {.alphas = {0.1}, .measurements = 5050, .iterations = 50});
  EXPECT_THAT(captions_of(folder.path()), Not(HasSubstr("implicit regularisation")));
}

TEST(RunFigures, DrawADeepNetwork) {
  TemporaryFolder folder;
  write_train_run(
      folder.path(),
      {.hidden = std::vector<int>(11, 64), .epochs = 2, .level = std::vector<double>(12, 0.5)});
  EXPECT_EQ(drawn_names(folder).size(), 4U);
}

TEST(RunFigures, DrawWhatARunThatBlewUpLeft) {
  TemporaryFolder folder;
  write_blown_up_train_run(folder.path());
  EXPECT_THAT(drawn_names(folder),
              UnorderedElementsAre("gradient-norms-by-step.svg", "gradient-heatmap.svg"));
}

TEST(RunFigures, DrawASenseRunOfFullLength) {
  TemporaryFolder folder;
  write_sense_run(folder.path());
  EXPECT_THAT(drawn_names(folder),
              UnorderedElementsAre("distance.svg", "loss.svg", "singular-values.svg",
                                   "effective-rank.svg", "error-by-alpha.svg"));
}

TEST(RunFigures, DrawOneStartWithoutTheFigureOverAlpha) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .rank = 5, .iterations = 50});
  EXPECT_THAT(drawn_names(folder),
              UnorderedElementsAre("distance.svg", "loss.svg", "singular-values.svg",
                                   "effective-rank.svg"));
}

TEST(RunFigures, DrawNoDistanceWithoutATruth) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1, 0.2}, .iterations = 50, .knows_truth = false});
  EXPECT_THAT(drawn_names(folder),
              UnorderedElementsAre("loss.svg", "singular-values.svg", "effective-rank.svg"));
}

TEST(RunFigures, DrawARunThatRecordedNoSpectrum) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1, 1.0}, .iterations = 30});
  fs::remove(folder / "singular_values.csv");
  fs::remove(folder / "effective_rank.csv");
  EXPECT_THAT(drawn_names(folder),
              UnorderedElementsAre("distance.svg", "loss.svg", "error-by-alpha.svg"));
}

TEST(RunFigures, DrawARunThatHardlyBegan) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1, 1.0}, .iterations = 0});
  EXPECT_EQ(drawn_names(folder).size(), 5U);
}

TEST(RunFigures, DrawModesBesideTheirTheory) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1, 0.01}, .iterations = 50, .knows_truth = false});
  add_theory(folder.path(), {0.1, 0.01});
  EXPECT_THAT(drawn_names(folder),
              UnorderedElementsAre("loss.svg", "singular-values.svg", "effective-rank.svg",
                                   "modes.svg", "half-times.svg"));
  // Without a time that was measured there is nothing to compare.
  fs::remove_all(folder / "figures");
  folder.file("half_times.csv",
              "alpha,mode,sigma,eigenvalue,start_size,end_size,half_time,half_time_by_scale,"
              "half_time_by_size\n0.1,1,4,4,0.1,2,,13,10\n");
  EXPECT_EQ(drawn_names(folder).size(), 4U);
}

TEST(RunFigures, DrawALandscape) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  EXPECT_THAT(drawn_names(folder), ElementsAre("eigenvalues.svg"));
}

TEST(RunFigures, CompareTheRulesOfAReproduction) {
  TemporaryFolder folder;
  for (const std::string rule : {"gd", "lbfgs"}) {
    fs::create_directory(folder / rule);
    write_sense_run(folder / rule,
                    {.name = rule, .alphas = {0.1}, .rank = 5, .iterations = 30, .rule = rule});
    add_experiment(folder / rule, "Solvers", "Which?", "");
  }
  write_reproduce_manifest(folder.path(), {"gd", "lbfgs"});
  EXPECT_THAT(drawn_names(folder), ElementsAre("rules.svg"));
}

TEST(RunFigures, DrawNothingForAReproductionOfOneRule) {
  TemporaryFolder folder;
  write_reproduce_manifest(folder.path(), {});
  write_report_into(folder.path());
  EXPECT_FALSE(fs::exists(folder / "figures"));
}

TEST(RunFigures, SayWhichTableIsMissingOrBroken) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.epochs = 2});
  folder.file("steps.csv", "step,epoch,loss,learning_rate,grad_norm.layer1\n1,1,0.5,0.01,oops\n");
  EXPECT_THAT(error_of<DataError>([&] { write_report_into(folder.path()); }),
              HasSubstr("steps.csv, line 2"));
  folder.file("epochs.csv", "epoch,train_nll,test_nll\n1,2.3,2.2\n");
  EXPECT_THAT(error_of<DataError>([&] { write_report_into(folder.path()); }),
              HasSubstr("a column 'grad_norm.layer1'"));
  fs::remove(folder / "epochs.csv");
  EXPECT_THAT(error_of<DataError>([&] { write_report_into(folder.path()); }),
              HasSubstr("a table epochs.csv"));
  EXPECT_FALSE(fs::exists(folder / "figures"));
}

}  // namespace
}  // namespace ravine
