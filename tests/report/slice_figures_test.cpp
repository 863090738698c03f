#include "ravine/report/slice_figures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/record/csv_writer.hpp"
#include "report/example_runs.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using namespace ravine::testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;

// A landscape run with slices of the population loss and of one sampled loss.
ContourFigure figure_of_rank(int rank) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  Json json = read_manifest(folder.path());
  json["configuration"]["true-rank"] = rank;
  folder.file("manifest.json", json.dump());
  CsvWriter slices(folder / "slices.csv", {"measurements", "x", "y", "loss"});
  CsvWriter paths(folder / "slice_paths.csv", {"measurements", "path", "x", "y"});
  for (const int measurements : {0, 15}) {
    for (const double y : {-1.0, 1.0}) {
      for (const double x : {-1.0, 1.0}) slices.row(measurements, x, y, 1.0 + x + y * y);
    }
    paths.row(measurements, 1, 0.5, 0.5);
  }
  slices.close();
  paths.close();
  return slice_figure(read_run(folder.path()));
}

TEST(SliceFigures, SayThatCriticalPointsArePopulations) {
  for (const int rank : {1, 2}) {
    const ContourFigure figure = figure_of_rank(rank);
    ASSERT_EQ(figure.panels.size(), 2U);
    for (const ContourPanel& panel : figure.panels) {
      for (const Series& kind : panel.points) EXPECT_THAT(kind.name, EndsWith("population loss"));
    }
    EXPECT_THAT(figure.caption, HasSubstr("critical points of the population loss"));
    EXPECT_THAT(figure.caption, HasSubstr(rank == 1 ? "they are critical points of the sampled"
                                                    : "the other saddles are not"));
  }
}

}  // namespace
}  // namespace ravine::report
