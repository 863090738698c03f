#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ravine/record/csv_writer.hpp"
#include "ravine/record/run_record.hpp"
#include "ravine/study/diagnose.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {
namespace {

namespace fs = std::filesystem;

/// How often a way to diagnose was right about runs whose outcome is known.
struct Score {
  int healthy = 0, sick = 0, false_alarms = 0, missed = 0;
  std::string mistakes;

  void count(const std::string& run, bool will_train, const std::string& verdict) {
    (will_train ? healthy : sick) += 1;
    if ((verdict == "healthy") == will_train) return;
    (will_train ? false_alarms : missed) += 1;
    mistakes += fmt::format("\n  {}: {}", run, verdict);
  }
  double recall() const { return 1 - missed / static_cast<double>(sick); }
  double false_alarm_share() const { return false_alarms / static_cast<double>(healthy); }
};

/// The diagnosis of a stranger's table: the norms of a run alone, or the loss beside them and the
/// number of classes.
std::string verdict_from_table(const RunRecord& run, const TemporaryFolder& folder,
                               bool with_loss) {
  const CsvTable& steps = run.table("steps.csv");
  std::vector<std::string> columns;
  for (const std::string& column : steps.columns()) {
    const bool is_loss = with_loss && column == "loss";
    if (column == "step" || column.starts_with("grad_norm.") || is_loss) columns.push_back(column);
  }
  CsvWriter table(folder / "norms.csv", columns);
  std::vector<std::vector<double>> values;
  for (const std::string& column : columns) values.push_back(steps.numbers(column));
  for (std::size_t row = 0; row < steps.row_count(); ++row) {
    for (const auto& column : values) table.cell(column[row]);
    table.end_row();
  }
  table.close();
  return std::string(name_of(diagnose_recording(folder / "norms.csv", with_loss ? 10 : 0).verdict));
}

struct Scores {
  Score run, norms, norms_and_loss;
};

/// Runs the first fifth of every run of a zoo and diagnoses it; the half it belongs to and the
/// outcome of the whole are in the run's name, "check-ok-...", and verified when the zoo is run in
/// full.
std::map<std::string, Scores> foretell(const std::string& zoo) {
  TemporaryFolder folder;
  const fs::path out = folder / "zoo";
  const std::string file = fmt::format("{}/experiments/{}.toml", RAVINE_SOURCE_DIR, zoo);
  const ProgramResult result =
      run_program({"reproduce", "--experiment", file, "--quick", "--quiet", "--no-report",
                   "--threads", "1", "--out", out.string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::map<std::string, Scores> scores;
  const Json manifest = read_manifest(out);
  for (const Json& name : manifest["results"]["runs"]) {
    const auto run_name = name.get<std::string>();
    const std::string half = run_name.substr(0, run_name.find('-'));
    const bool will_train = run_name.starts_with(half + "-ok-");
    const RunRecord run = read_run(out / run_name);
    scores[half].run.count(run_name, will_train, run.text("/results/diagnosis/verdict"));
    scores[half].norms.count(run_name, will_train, verdict_from_table(run, folder, false));
    scores[half].norms_and_loss.count(run_name, will_train, verdict_from_table(run, folder, true));
  }
  return scores;
}

void expect_good(const Score& score) {
  EXPECT_GE(score.recall(), 0.95) << score.mistakes;
  EXPECT_LE(score.false_alarm_share(), 0.02) << score.mistakes;
}

// The thresholds come from the runs `derive`; docs/diagnosis.md says for which rules the mistakes
// on `check` were looked at.
TEST(DiagnosisZoo, ForetellsTheOutcomeFromTheFirstFifthOfARun) {
  const auto scores = foretell("diagnosis-zoo");
  ASSERT_EQ(scores.size(), 2U);
  for (const char* half : {"derive", "check"}) {
    SCOPED_TRACE(half);
    EXPECT_GE(scores.at(half).run.healthy, 23);
    EXPECT_GE(scores.at(half).run.sick, 26);
    expect_good(scores.at(half).run);
    expect_good(scores.at(half).norms);
    expect_good(scores.at(half).norms_and_loss);
  }
}

TEST(DiagnosisZoo, ForetellsTheOutcomeOnFashionMnist) {
  ASSERT_EQ(run_program({"data", "path", "fashion-mnist"}).exit_code, 0)
      << "scripts/setup --with-tests installs it";
  expect_good(foretell("diagnosis-zoo-fashion").at("check").run);
}

}  // namespace
}  // namespace ravine::testing
