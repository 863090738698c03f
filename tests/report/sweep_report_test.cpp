#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/report/findings_sweep.hpp"
#include "ravine/report/report.hpp"
#include "ravine/report/run_figures.hpp"
#include "report/xml_check.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

namespace fs = std::filesystem;

using ::ravine::testing::TemporaryFolder;
using ::ravine::testing::XmlCheck;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A sweep's table, row by row, with its manifest.
class ExampleSweep {
 public:
  ExampleSweep(const fs::path& folder, const std::vector<std::string>& columns, Json axes)
      : folder_(folder), axes_(std::move(axes)), table_(folder / "sweep.csv", all(columns)) {}

  void row(const std::vector<double>& values, double error, double iterations) {
    table_.cell(rows_++);
    for (const double value : values) table_.cell(value);
    const bool success = error <= 1e-3;
    succeeded_ += success;
    table_.row("max_steps", 100, error * error, error, success ? 1 : 0,
               success ? fmt::format("{}", iterations) : std::string());
  }

  RunRecord finish(const std::string& reason = "max_steps") {
    table_.close();
    Manifest manifest;
    manifest.kind = "sweep";
    manifest.name = "s";
    manifest.configuration = {{"plan", "p.toml"}, {"success", 1e-3}, {"dimension", 60}};
    manifest.termination_reason = reason;
    manifest.termination_message = "all cells were run";
    manifest.results = {{"cells", rows_},         {"instances", rows_}, {"runs", rows_},
                        {"cells_done", rows_},    {"diverged", 0},      {"axes", axes_},
                        {"succeeded", succeeded_}};
    write_manifest(folder_, manifest);
    return read_run(folder_);
  }

 private:
  static std::vector<std::string> all(const std::vector<std::string>& columns) {
    std::vector<std::string> result = {"run"};
    result.insert(result.end(), columns.begin(), columns.end());
    result.insert(result.end(), {"outcome", "iterations", "loss", "relative_error", "success",
                                 "iterations_to_success"});
    return result;
  }

  fs::path folder_;
  Json axes_;
  CsvWriter table_;
  int rows_ = 0;
  int succeeded_ = 0;
};

Json axis(const char* option, const char* column, const std::vector<std::string>& of = {}) {
  return {{"option", option}, {"column", column}, {"of", of}};
}

double freedom(double r) { return 1 - (r - 1) / 120; }  // (d r - r (r - 1) / 2) / (d r), d = 60

// Runs succeed from 1.25 times the degrees of freedom on, in one seed of two from 1.15 on.
RunRecord phase_transition(const fs::path& folder) {
  ExampleSweep sweep(folder, {"true_rank", "measurements_multiple", "measurements", "seed"},
                     {axis("true-rank", "true_rank"),
                      axis("measurements", "measurements_multiple", {"dimension", "true-rank"}),
                      axis("seed", "seed")});
  for (double r = 1; r <= 9; r += 2) {
    for (int k = 0; k < 12; ++k) {
      const double x = 0.8 + 0.1 * k;
      for (const double seed : {1, 2}) {
        const bool success = x > (seed == 1 ? 1.15 : 1.25) * freedom(r);
        sweep.row({r, x, std::round(60 * r * x), seed}, success ? 5e-4 : 0.7, 20);
      }
    }
  }
  return sweep.finish();
}

std::string text_of(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += sentence + "\n";
  return text;
}

TEST(SweepReport, FindsWhereHalfOfTheRunsSucceed) {
  const TemporaryFolder folder;
  const RunRecord run = phase_transition(folder.path());
  const SweepFindings found = sweep_findings(run);
  EXPECT_EQ(found.trials, 2);
  const auto map = sweep_map(run, found);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->rows->option, "true-rank");
  EXPECT_EQ(map->columns->symbol, "m / (d r)");
  ASSERT_EQ(map->half.size(), 5U);
  for (std::size_t row = 0; row < 5; ++row) {
    EXPECT_DOUBLE_EQ(map->parameters[row], freedom(map->rows->values[row]));
    EXPECT_NEAR(map->half[row] / map->parameters[row], 1.2, 0.1);
  }
  const std::string text = text_of(sentences_of(run, found));
  EXPECT_THAT(text, HasSubstr("Half of the runs succeed at m / (d r) between"));
  EXPECT_THAT(text, HasSubstr("degrees of freedom"));
  EXPECT_FALSE(sweep_curves(run, found));
}

TEST(SweepReport, DrawsTheMapWithBothLines) {
  const TemporaryFolder folder;
  const RunRecord run = phase_transition(folder.path());
  write_report_into(folder.path());
  const std::string svg = read_file(folder / "figures/success.svg");
  EXPECT_EQ(XmlCheck(svg).problem(), "");
  for (const char* text : {"rank r of X", "m / (d r)", "share of successes", "degrees of freedom",
                           "half of the runs succeed"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  const std::string page = read_file(folder / "report.html");
  EXPECT_EQ(XmlCheck(page, {"meta"}).problem(), "");
  EXPECT_THAT(page, HasSubstr("ravine sweep p.toml --success 0.001"));
  EXPECT_THAT(page, HasSubstr("times the degrees of freedom"));
}

TEST(SweepReport, FindsTheExponentOfAlphaForEachOtherValue) {
  const TemporaryFolder folder;
  ExampleSweep sweep(folder.path(), {"measurements", "alpha"},
                     {axis("measurements", "measurements"), axis("alpha", "alpha")});
  for (const double m : {500, 1000}) {
    for (int k = 0; k <= 4; ++k) {
      sweep.row({m, std::pow(10, -k)}, std::pow(10, -k * (m == 500 ? 0.5 : 1.0)), 50 + 40 * k);
    }
  }
  const RunRecord run = sweep.finish();
  const SweepFindings found = sweep_findings(run);
  const auto curves = sweep_curves(run, found);
  ASSERT_TRUE(curves);
  EXPECT_EQ(curves->x->option, "alpha");
  EXPECT_EQ(curves->x->values.front(), 1e-4) << "increasing";
  ASSERT_EQ(curves->curves.size(), 2U);
  EXPECT_EQ(curves->curves[1].name, "m = 1000");
  EXPECT_EQ(curves->curves[1].points[0]->errors[0], 1e-4);
  const std::string text = text_of(sentences_of(run, found));
  EXPECT_THAT(text, HasSubstr("m = 500: the final error goes as <i>α</i> to the power "
                              "<strong>0.50 ± 0.00</strong>"));
  EXPECT_THAT(
      text, HasSubstr("<strong>1.00 ± 0.00</strong>, and below 0.0010 each tenth of <i>α</i> costs "
                      "<strong>40</strong> more iterations to a relative error of 10⁻³"));
  write_report_into(folder.path());
  EXPECT_EQ(XmlCheck(read_file(folder / "figures/curves.svg")).problem(), "");
}

TEST(SweepReport, NamesColumnsThatAreNotEvenlySpaced) {
  const TemporaryFolder folder;
  ExampleSweep sweep(folder.path(), {"rank", "noise"},
                     {axis("rank", "rank"), axis("noise", "noise")});
  for (const double rank : {2, 3, 4}) {
    for (const double noise : {1e-3, 0.1, 17.0}) sweep.row({rank, noise}, noise, 9);
  }
  sweep.finish();
  write_report_into(folder.path());
  const std::string svg = read_file(folder / "figures/success.svg");
  EXPECT_EQ(XmlCheck(svg).problem(), "");
  EXPECT_THAT(svg, HasSubstr("17"));
}

TEST(SweepReport, SaysSoWhenThereIsNothingToDraw) {
  const TemporaryFolder none;
  ExampleSweep empty(none.path(), {"rank"}, {axis("rank", "rank")});
  const RunRecord interrupted = empty.finish("interrupted");
  EXPECT_THAT(sweep_figures(interrupted), IsEmpty());
  EXPECT_THAT(sentences_of(interrupted, sweep_findings(interrupted)),
              ElementsAre("No run was finished."));
  const TemporaryFolder many;
  ExampleSweep sweep(many.path(), {"rank", "step", "noise"},
                     {axis("rank", "rank"), axis("step", "step"), axis("noise", "noise")});
  for (const double rank : {2, 3}) {
    for (const double step : {0.1, 0.2}) {
      for (const double noise : {0.0, 0.1}) sweep.row({rank, step, noise}, noise, 9);
    }
  }
  const RunRecord run = sweep.finish();
  EXPECT_THAT(sweep_figures(run), IsEmpty());
  EXPECT_THAT(text_of(sentences_of(run, sweep_findings(run))), HasSubstr("one or two axes"));
}

}  // namespace
}  // namespace ravine::report
