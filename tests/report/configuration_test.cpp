#include "ravine/report/configuration.hpp"

#include <gtest/gtest.h>

namespace ravine::report {
namespace {

RunRecord run_with(Json configuration) {
  return RunRecord("somewhere", {{"schema", "ravine-run/1"},
                                 {"kind", "sense"},
                                 {"name", "my run"},
                                 {"configuration", std::move(configuration)}});
}

TEST(CommandLine, RepeatsTheOptionsOfTheRun) {
  const RunRecord run = run_with({{"rank", 5},
                                  {"alpha", {0.1, 1e-5}},
                                  {"hidden", {128, 64}},
                                  {"bias", true},
                                  {"no-shuffle", false},
                                  {"truth-file", nullptr},
                                  {"data", "mnist"}});
  EXPECT_EQ(command_line_of(run),
            "ravine sense --rank 5 --alpha 0.1,1e-05 --hidden 128,64 --bias --data mnist "
            "--out 'my run'");
}

TEST(CommandLine, LeavesOutWhatChangesNoNumber) {
  const RunRecord run = run_with({{"threads", 2}, {"out", "x"}, {"quiet", true}, {"seed", 7}});
  EXPECT_EQ(command_line_of(run), "ravine sense --seed 7 --out 'my run'");
}

TEST(CommandLine, DoesNotSayWhatMeasurementFilesSay) {
  const RunRecord run = run_with({{"dimension", 30},
                                  {"measurements", 200},
                                  {"rank", 2},
                                  {"measurement-file", "A.npy"},
                                  {"value-file", "y.npy"}});
  EXPECT_EQ(command_line_of(run),
            "ravine sense --rank 2 --measurement-file A.npy --value-file y.npy --out 'my run'");
}

RunRecord sweep_with(Json configuration) {
  return RunRecord("somewhere", {{"schema", "ravine-run/1"},
                                 {"kind", "sweep"},
                                 {"name", "s"},
                                 {"configuration", std::move(configuration)}});
}

TEST(CommandLine, OfASweepNamesItsPlanAndTheSeedThatThePlanLeavesOpen) {
  EXPECT_EQ(command_line_of(sweep_with({{"plan", "p.toml"}, {"success", 0.1}, {"seed", 77.0}})),
            "ravine sweep p.toml --success 0.1 --seed 77 --out s");
  EXPECT_EQ(command_line_of(sweep_with({{"plan", "p.toml"}, {"success", 0.1}, {"seed", {1, 2}}})),
            "ravine sweep p.toml --success 0.1 --out s");
  EXPECT_EQ(command_line_of(sweep_with({{"plan", nullptr}, {"success", 0.1}})), "");
}

TEST(CommandLine, QuotesForTheShell) {
  const RunRecord run = run_with({{"data", "it's; rm -rf $HOME"}});
  EXPECT_EQ(command_line_of(run), "ravine sense --data 'it'\\''s; rm -rf $HOME' --out 'my run'");
}

TEST(Configuration, ShowsOptionsAsText) {
  const RunRecord run =
      run_with({{"learning-rate", 0.01}, {"activation", "relu"}, {"none", nullptr}});
  EXPECT_EQ(option_text(run, "learning-rate"), "0.01");
  EXPECT_EQ(option_text(run, "activation"), "relu");
  EXPECT_EQ(option_text(run, "none"), "–");
  EXPECT_EQ(option_text(run, "missing"), "–");
}

}  // namespace
}  // namespace ravine::report
