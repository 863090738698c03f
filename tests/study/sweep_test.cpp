#include "ravine/study/sweep.hpp"

#include <charconv>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/record/csv_table.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::ravine::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

double number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The options these tests use.
SenseConfig translate(const SenseOptions& options) {
  SenseConfig config;
  config.iterations = 30;
  for (const auto& [name, text] : options) {
    if (name == "seed") config.instance.seed = static_cast<std::uint64_t>(number(text));
    if (name == "dimension") config.instance.dimension = static_cast<std::size_t>(number(text));
    if (name == "true-rank") config.instance.true_rank = static_cast<std::size_t>(number(text));
    if (name == "measurements") {
      config.instance.measurements = static_cast<std::size_t>(number(text));
    }
    if (name == "rank") config.rank = static_cast<std::size_t>(number(text));
    if (name == "alpha") config.alphas = {number(text)};
    if (name == "rule") config.rule.name = text;
    if (name == "step") config.step = number(text);
  }
  return config;
}

SweepPlan plan_of(const std::string& text) {
  return make_sweep_plan(parse_sweep_grid(toml::parse(text), "p.toml"), translate);
}

constexpr const char* kText = R"(
rule = ["gd", "lbfgs"]
alpha = [0.5, 0.1]
seed = [1, 2, 3]
dimension = 10
true-rank = 2
rank = [2, 10]
measurements = { of = ["dimension", "true-rank"], times = [1.5, 3.5] }
step = 0.2
)";

fs::path sweep(
    const SweepPlan& plan, const fs::path& folder, int threads,
    const std::function<bool()>& interrupted = [] { return false; }) {
  ThreadTeam team(threads);
  StudyContext context;
  const GrowingFolder growing = open_sweep_folder(folder, plan, {}, false);
  context.folder = growing.path();
  context.name = "s";
  context.team = &team;
  context.interrupted = interrupted;
  run_sweep(plan, {}, context);
  return folder;
}

TEST(SweepPlan, BringsRunsOfOneInstanceTogetherAndStartsOfOneDescent) {
  const SweepPlan plan = plan_of(kText);
  EXPECT_THAT(plan.columns, ElementsAre("rule", "seed", "rank", "measurements_multiple",
                                        "measurements", "alpha"));
  EXPECT_EQ(plan.cells.size(), 48U);
  EXPECT_EQ(plan.descents.size(), 24U);  // the alphas share one
  EXPECT_EQ(plan.instances.size(), 6U);  // seeds x measurements
  for (const IndexRange& instance : plan.instances) {
    EXPECT_EQ(instance.size(), 4U);  // rules x ranks
    const SenseConfig& first = plan.cells[plan.descents[instance.begin].begin].config;
    for (std::size_t i = instance.begin; i < instance.end; ++i) {
      EXPECT_EQ(plan.descents[i].size(), 2U);
      EXPECT_TRUE(plan.cells[plan.descents[i].begin].config.instance == first.instance);
    }
  }
  EXPECT_THAT(plan.cells[0].values, ElementsAre("gd", "1", "2", "1.5", "30", "0.5"));
  EXPECT_THAT(plan.cells[47].values, ElementsAre("lbfgs", "3", "10", "3.5", "70", "0.1"));
}

TEST(SweepPlan, NamesTheFirstCellThatIsRefused) {
  const std::string text =
      error_of<ConfigError>([] { plan_of("dimension = 10\nmeasurements = 20\nrank = [2, 12]\n"); });
  EXPECT_THAT(text, HasSubstr("rank: expected at most the dimension 10, got 12"));
  EXPECT_THAT(text, HasSubstr("cell rank = 12"));
}

// 30 measurements of 55 unknowns, and 70, for which the normal operator is in question.
TEST(Sweep, EveryCellHasTheBitsOfASenseRunOfItsOwn) {
  const TemporaryFolder folder;
  const SweepPlan plan = plan_of(kText);
  const CsvTable table = CsvTable::read(sweep(plan, folder / "s", 2) / "sweep.csv");
  const std::vector<std::string> errors = table.texts("relative_error"),
                                 losses = table.texts("loss"),
                                 iterations = table.texts("iterations");
  ThreadTeam team(2);
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const TemporaryFolder own;
    StudyContext context;
    context.folder = own.path();
    context.team = &team;
    SenseConfig config = plan.cells[i].config;
    config.singular_values = 0;
    const Json member = run_sense(config, context).manifest["results"]["members"][0];
    EXPECT_EQ(errors[i], fmt::format("{}", member["relative_error"].get<double>())) << i;
    EXPECT_EQ(losses[i], fmt::format("{}", member["loss"].get<double>())) << i;
    EXPECT_EQ(iterations[i], fmt::format("{}", member["iterations"].get<int>())) << i;
  }
}

TEST(Sweep, WritesTheSameBytesForAnyNumberOfThreads) {
  const TemporaryFolder folder;
  const SweepPlan plan = plan_of(kText);
  const std::string one = read_file(sweep(plan, folder / "1", 1) / "sweep.csv");
  for (const int threads : {2, 3, 8}) {  // 8 are more than there are instances
    const fs::path other = sweep(plan, folder / std::to_string(threads), threads);
    EXPECT_EQ(read_file(other / "sweep.csv"), one) << threads;
  }
}

TEST(Sweep, GoesOnFromAnyPlaceWhereItsTablesWereCutOff) {
  const TemporaryFolder folder;
  const SweepPlan plan = plan_of(kText);
  const fs::path whole = sweep(plan, folder / "whole", 2);
  const std::string cells = read_file(whole / "sweep.csv");
  const std::string seconds = read_file(whole / "seconds.csv");
  for (const double share : {0.0, 0.01, 0.3, 0.55, 0.97, 1.0}) {
    const fs::path part = folder / "part";
    fs::remove_all(part);
    fs::copy(whole, part);
    const auto cut = [&](const std::string& text, double of) {
      return text.substr(0, static_cast<std::size_t>(of * static_cast<double>(text.size())));
    };
    write_file_atomically(part / "sweep.csv", cut(cells, share));
    write_file_atomically(part / "seconds.csv", cut(seconds, 1.0 - share / 2));
    EXPECT_EQ(read_file(sweep(plan, part, 2) / "sweep.csv"), cells) << share;
    EXPECT_EQ(CsvTable::read(part / "seconds.csv").row_count(), plan.descents.size()) << share;
  }
}

TEST(Sweep, AnInterruptionKeepsWholeInstances) {
  const TemporaryFolder folder;
  const SweepPlan plan = plan_of(kText);
  const std::string whole = read_file(sweep(plan, folder / "whole", 1) / "sweep.csv");
  int polls = 0;
  const fs::path part = sweep(plan, folder / "part", 1, [&] { return ++polls > 500; });
  const Json manifest = read_manifest(part);
  EXPECT_EQ(manifest["termination"]["reason"], "interrupted");
  const auto done = manifest["results"]["cells_done"].get<std::size_t>();
  EXPECT_GT(done, 0U);
  EXPECT_LT(done, 48U);
  EXPECT_EQ(done % 8, 0U) << "instances have 8 cells";
  EXPECT_TRUE(whole.starts_with(read_file(part / "sweep.csv")));
  EXPECT_EQ(read_file(sweep(plan, part, 1) / "sweep.csv"), whole);
  EXPECT_EQ(read_manifest(part)["termination"]["reason"], "max_steps");
}

TEST(Sweep, SuccessIsAnErrorThatIsSmallEnough) {
  const TemporaryFolder folder;
  SweepPlan plan =
      plan_of("dimension = 10\ntrue-rank = 1\nrank = 1\nmeasurements = [4, 50]\nrule = 'lbfgs'\n");
  for (SweepCell& cell : plan.cells) cell.config.iterations = 100;
  const CsvTable table = CsvTable::read(sweep(plan, folder / "s", 1) / "sweep.csv");
  EXPECT_THAT(table.numbers("success"), ElementsAre(0, 1));
  EXPECT_GT(table.numbers("relative_error")[0], 1e-3);
  EXPECT_LE(table.numbers("relative_error")[1], 1e-3);
  EXPECT_EQ(table.texts("iterations_to_success")[0], "");
  EXPECT_GT(table.numbers("iterations_to_success")[1], 0);
  EXPECT_LE(table.numbers("iterations_to_success")[1], table.numbers("iterations")[1]);
}

TEST(SweepFolder, RefusesAnotherPlanAndFoldersThatAreNoSweep) {
  const TemporaryFolder folder;
  const SweepPlan plan = plan_of(kText);
  open_sweep_folder(folder / "s", plan, {}, false);
  open_sweep_folder(folder / "s", plan, {}, false);
  const SweepConfig stricter{"", 1e-6};
  EXPECT_THAT(error_of<ConfigError>([&] {
                open_sweep_folder(folder / "s", plan_of("dimension = 10\nrank = 2\n"), {}, false);
              }),
              HasSubstr("--force"));
  EXPECT_THAT(
      error_of<ConfigError>([&] { open_sweep_folder(folder / "s", plan, stricter, false); }),
      HasSubstr("begun with"));
  open_sweep_folder(folder / "s", plan, stricter, true);
  fs::create_directory(folder / "mine");
  write_file_atomically(folder / "mine/notes.txt", "x");
  for (const bool force : {false, true}) {
    error_of<IoError>([&] { open_sweep_folder(folder / "mine", plan, {}, force); });
  }
  EXPECT_EQ(read_file(folder / "mine/notes.txt"), "x");
  error_of<IoError>([&] { open_sweep_folder("/proc/ravine/s", plan, {}, false); });
}

}  // namespace
}  // namespace ravine
