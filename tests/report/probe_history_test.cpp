#include "ravine/report/probe_history.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/record/csv_writer.hpp"
#include "ravine/report/run_figures.hpp"
#include "ravine/report/section.hpp"
#include "report/example_runs.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using namespace ravine::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

/// Probes of three layers over two epochs: the signal falls a hundredfold on its way back, layer 2
/// is the most saturated, the noise scale rises to 900.
void write_probes(const std::filesystem::path& folder) {
  CsvWriter table(folder / "layer_epochs.csv",
                  {"epoch", "layer", "signal_rms", "saturated_share", "dead_share", "update_ratio",
                   "gradient_cosine", "noise_scale"});
  for (const int epoch : {1, 2}) {
    table.row(epoch, "layer1", 0.005, 0.25, 0.0, 2e-4, 0.1, 5.0);
    table.row(epoch, "layer2", 0.05, 0.75, 0.125, 1e-3, 0.1, 5.0);
    table.row(epoch, "layer3", 0.5, NAN, NAN, 3e-3, 0.1, 5.0);
    table.row(epoch, "network", NAN, NAN, NAN, 1e-3, 0.7, epoch == 1 ? 40.0 : 900.0);
  }
  table.close();
}

std::string all_of(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += sentence + "\n";
  return text;
}

TEST(ProbeHistory, HoldsEveryColumnByRowAndEpoch) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.epochs = 2});
  EXPECT_FALSE(probe_history(read_run(folder.path())));
  write_probes(folder.path());
  const std::optional<ProbeHistory> history = probe_history(read_run(folder.path()));
  ASSERT_TRUE(history);
  EXPECT_THAT(history->epoch, ElementsAre(1, 2));
  EXPECT_THAT(history->rows, ElementsAre("layer1", "layer2", "layer3", "network"));
  EXPECT_THAT(history->columns.at("noise_scale").back(), ElementsAre(40, 900));
  EXPECT_THAT(history->last("gradient_cosine"), ElementsAre(0.1, 0.1, 0.1, 0.7));
  EXPECT_TRUE(history->last("weight_norm").empty());
}

TEST(ProbeHistory, IsSaidInWords) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.epochs = 2});
  write_probes(folder.path());
  const ProbeHistory history = *probe_history(read_run(folder.path()));
  const std::string text = all_of(sentences_of(history, 128));
  EXPECT_THAT(text, HasSubstr("<strong>0.0100</strong> times as strong at layer 1"));
  EXPECT_THAT(text, HasSubstr("each layer multiplies it by 0.100 on average"));
  EXPECT_THAT(text, HasSubstr("In layer 2 units are saturated"));
  EXPECT_THAT(text, HasSubstr("<strong>75.0 %</strong>"));
  EXPECT_THAT(text, HasSubstr("12.5 %, in layer 2"));
  EXPECT_THAT(text, HasSubstr("(layer 1) and 0.00300 (layer 3) of their norm, which is about"));
  EXPECT_THAT(text, HasSubstr("cosine of <strong>0.70</strong>, so that step after step"));
  EXPECT_THAT(text,
              HasSubstr("is 40.0 in epoch 1 and <strong>900</strong> in the last epoch, beside "
                        "batches of 128: larger batches would still"));
  EXPECT_THAT(all_of(sentences_of(history, 1000)), HasSubstr("make a step hardly better"));
}

TEST(ProbeHistory, IsATableAFigureAndPartOfTheSection) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.epochs = 2});
  write_probes(folder.path());
  const RunRecord run = read_run(folder.path());
  const ProbeHistory history = *probe_history(run);
  EXPECT_THAT(probe_history_table(history), HasSubstr("update-to-weight ratio"));
  const LineFigure figure = probe_history_figure(history);
  EXPECT_EQ(figure.panels.size(), 6U);
  EXPECT_EQ(figure.panels.front().series.size(), 3U) << "a curve a layer";
  EXPECT_EQ(figure.panels.back().series.size(), 1U) << "the network's noise scale";
  EXPECT_THAT(figures_of(run), Contains(Field(&FigureScript::name, "layer-statistics")));
  const Section section = train_section(run);
  EXPECT_THAT(section.findings, Contains(HasSubstr("backpropagation carries")));
  EXPECT_THAT(section.tables, Contains(HasSubstr("What the probes found, means over epoch 2")));
}

}  // namespace
}  // namespace ravine::report
