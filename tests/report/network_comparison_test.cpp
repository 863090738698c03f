#include "ravine/report/network_comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/report/report.hpp"
#include "report/example_runs.hpp"
#include "report/xml_check.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

namespace fs = std::filesystem;

using namespace ravine::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Train runs of one experiment, read from their folders.
class Networks {
 public:
  void add(const TrainExample& run) {
    fs::create_directory(folder_ / run.name);
    write_train_run(folder_ / run.name, run);
    finish(run.name);
  }
  /// A network that mean-field theory covers, with these norms at its one step.
  void add_plain(const TrainExample& run, const std::vector<double>& norms) {
    const fs::path folder = folder_ / run.name;
    fs::create_directory(folder);
    write_train_run(folder, run);
    Json json = read_manifest(folder);
    json["configuration"].update({{"init", "he"},
                                  {"init-gain", 1},
                                  {"loss", "nll"},
                                  {"normalisation", "none"},
                                  {"residual", false},
                                  {"dropout", 0}});
    write_file_atomically(folder / kManifestFile, json.dump());
    CsvWriter steps(folder / "steps.csv", norm_columns({"step"}, norms.size()));
    steps.cell(1);
    for (const double norm : norms) steps.cell(norm);
    steps.end_row();
    steps.close();
    finish(run.name);
  }
  void add_blown_up(const std::string& name) {
    fs::create_directory(folder_ / name);
    write_blown_up_train_run(folder_ / name);
    finish(name);
  }

  std::optional<Comparison> compared() const {
    std::vector<const RunRecord*> runs;
    for (const RunRecord& run : records_) runs.push_back(&run);
    return compare_networks(runs);
  }
  std::vector<fs::path> folders() const {
    std::vector<fs::path> folders;
    for (const RunRecord& run : records_) folders.push_back(run.folder());
    return folders;
  }

 private:
  void finish(const std::string& name) {
    add_experiment(folder_ / name, "Ladder", "Which rung?", "");
    records_.push_back(read_run(folder_ / name));
  }

  TemporaryFolder folder_;
  std::vector<RunRecord> records_;
};

TrainExample sick() { return {.name = "sick", .epochs = 2, .level = {1e-6, 1e-4, 1e-2, 0.5}}; }
TrainExample well() { return {.name = "well", .epochs = 2}; }

TEST(NetworkComparison, ShowsMoreThanTenAsHeatMapsInTheirSteadAndMoreThanSixtyNot) {
  Networks networks;
  networks.add(well());
  EXPECT_FALSE(networks.compared());
  for (int i = 2; i <= 61; ++i) {
    networks.add({.name = fmt::format("well-{}", i), .epochs = 1, .steps_per_epoch = 2});
    const auto compared = networks.compared();
    ASSERT_EQ(compared.has_value(), i <= 60);
    if (!compared) continue;
    EXPECT_EQ(compared->figures.front().name, i <= 10 ? "networks" : "norms-before");
    EXPECT_EQ(compared->figures.size(), i <= 10 ? 1U : 2U);
    EXPECT_EQ(compared->replaces_runs, i > 10);
  }
}

TEST(NetworkComparison, SaysWhichNetworkHasWhichVerdictAndNorms) {
  Networks networks;
  networks.add(sick());
  networks.add(well());
  const Section section = networks.compared()->section;
  EXPECT_THAT(section.headline, HasSubstr("<strong>1</strong> of 2"));
  EXPECT_THAT(section.findings[0], AllOf(HasSubstr("<strong>healthy</strong>: well"),
                                         HasSubstr("<strong>vanishing</strong>: sick")));
  EXPECT_THAT(section.findings[1], AllOf(HasSubstr("10⁻⁷ (sick)"), HasSubstr("(well)")));
  EXPECT_THAT(section.findings[2], HasSubstr("(sick)")) << "both end alike; the first is named";
  EXPECT_THAT(section.tables[0], HasSubstr("layer 1, before"));
}

TEST(NetworkComparison, ShowsLossesOfRunsOfManyEpochsOnly) {
  Networks brief, lengthy;
  for (Networks* networks : {&brief, &lengthy}) {
    for (TrainExample run : {sick(), well()}) {
      if (networks == &lengthy) run.epochs = 12;
      networks->add(run);
    }
  }
  EXPECT_EQ(brief.compared()->figures.size(), 1U);
  ASSERT_EQ(lengthy.compared()->figures.size(), 2U);
  EXPECT_THAT(lengthy.compared()->figures[1].script, HasSubstr("test loss"));
}

TEST(NetworkComparison, KeepsANetworkThatBlewUpBeforeItsFirstEpochEnded) {
  Networks networks;
  networks.add(well());
  networks.add_blown_up("explode");
  const Section section = networks.compared()->section;
  EXPECT_THAT(section.findings[0], HasSubstr("<strong>exploding</strong>: explode"));
  EXPECT_THAT(section.findings[2], Not(HasSubstr("explode")));
  TemporaryFolder out;
  write_report(networks.folders(), out / "report.html");
  const std::string page = read_file(out / "report.html");
  EXPECT_EQ(XmlCheck(page, {"meta"}).problem(), "");
  EXPECT_THAT(page, HasSubstr("Ladder: the networks compared"));
}

TEST(NetworkComparison, StandsOnThePageForManyNetworksButKeepsTheirCommands) {
  Networks networks;
  for (int i = 1; i <= 11; ++i) {
    networks.add({.name = fmt::format("well-{}", i), .epochs = 1, .steps_per_epoch = 2});
  }
  TemporaryFolder out;
  write_report(networks.folders(), out / "report.html");
  const std::string page = read_file(out / "report.html");
  EXPECT_EQ(XmlCheck(page, {"meta"}).problem(), "");
  EXPECT_THAT(page, HasSubstr("<h2>Ladder</h2>"));
  EXPECT_THAT(page, Not(HasSubstr("<h2>Ladder: well")));
  EXPECT_THAT(page, HasSubstr("<summary>Ladder: 11 runs</summary>"));
  std::size_t commands = 0;
  for (std::size_t at = page.find("ravine train --"); at != std::string::npos;
       at = page.find("ravine train --", at + 1)) {
    ++commands;
  }
  EXPECT_EQ(commands, 11U);
}

TEST(NetworkComparison, SaysHowFarTheoryIsOffTheFirstNorms) {
  // Under He's initialisation a ReLU layer keeps the signal's size: |Delta| is sqrt(0.9), that of a
  // blind guess among ten, and |H| the square root of the fan-in.
  const auto expected = [](double fan_in) { return std::sqrt(0.9 * fan_in / 128); };
  std::vector<double> norms{expected(784), expected(128), expected(128), expected(128)};
  Networks networks;
  networks.add(well());
  networks.add_plain({.name = "exact", .epochs = 1, .steps_per_epoch = 1}, norms);
  EXPECT_THAT(networks.compared()->section.findings[2],
              AllOf(HasSubstr("norms of 4 layers"), HasSubstr("all to within a factor of 1.")));
  for (double& norm : norms) norm *= 3;
  norms.back() /= 15;
  networks.add_plain({.name = "off", .epochs = 1, .steps_per_epoch = 1}, norms);
  EXPECT_THAT(networks.compared()->section.findings[2],
              AllOf(HasSubstr("norms of 8 layers"), HasSubstr("all to within a factor of 5")));
}

}  // namespace
}  // namespace ravine::report
