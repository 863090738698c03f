#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "ravine/report/contour_figure.hpp"
#include "ravine/report/run_figures.hpp"
#include "ravine/report/run_tables.hpp"
#include "ravine/report/slice_figures.hpp"

namespace ravine::report {

namespace {

constexpr double kDecades = 5.0;   // so that barriers between minima are seen
constexpr double kInPlane = 1e-6;  // distance from the plane, over that of A and B

Stroke black(std::string_view dash = kSolid) {
  return {std::string(kBlack), std::string(dash), 1.5};
}

/// The points of the run that lie in its plane.
std::vector<Series> marked_points(const RunRecord& run, double length) {
  const CsvTable& table = run.table("slice_points.csv");
  const std::vector<std::string> names = table.texts("point");
  const std::vector<double> x = table.numbers("x"), y = table.numbers("y");
  const std::vector<double> off_plane = table.numbers("off_plane");
  const auto colour_of = [](const std::string& name) {
    if (name == "A") return kBlack;
    if (name == "C") return kGreen;
    return kBlue;
  };
  std::vector<Series> marks;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (off_plane[i] > kInPlane * length) continue;
    const bool turned = names[i] == "B aligned";
    marks.push_back({names[i],
                     {x[i]},
                     {y[i]},
                     {std::string(colour_of(names[i])), std::string(kSolid), turned ? 3.0 : 2.5},
                     turned ? Marks::kRings : Marks::kDots});
  }
  return marks;
}

/// From A to B, and to B aligned where that is elsewhere in the plane.
std::vector<Series> straight_lines(const std::vector<Series>& marks) {
  std::vector<Series> lines;
  for (const Series& mark : marks) {
    if (!mark.name.starts_with("B")) continue;
    lines.push_back({"straight segments", {0, mark.x[0]}, {0, mark.y[0]}, black(kDashed)});
  }
  return lines;
}

/// The contours, points and lines of a run that has a slice.csv.
ContourFigure plane_figure(const RunRecord& run, double length) {
  ContourFigure figure;
  figure.name = "slice";
  figure.x_label = "from A to B";
  figure.y_label = "across";
  figure.value_label = "loss";
  figure.decades = kDecades;
  const CsvTable& table = run.table("slice.csv");
  ContourPanel panel = loss_panel(table, all_rows(table));
  panel.points = marked_points(run, length);
  panel.paths = straight_lines(panel.points);
  if (run.has_table("slice_paths.csv")) {
    const CsvTable& paths = run.table("slice_paths.csv");
    std::ranges::move(descent_paths(paths, all_rows(paths)), std::back_inserter(panel.paths));
  }
  figure.panels.push_back(std::move(panel));
  return figure;
}

std::string factor_caption(const std::string& third) {
  return fmt::format(
      "The loss, on a log scale of colour, over the plane through A, B and {}, in units of the "
      "distance from A to B. B aligned is B turned as near to A as can be, U → UQ, which changes "
      "no loss. Descents from points of the plane are projected on it.",
      third == "given"     ? "C"
      : third == "aligned" ? "B aligned"
                           : "a random direction");
}

LineFigure segment_figure(const RunRecord& run) {
  LineFigure figure;
  figure.name = "segments";
  figure.title = "The loss between A and B";
  const CsvTable& table = run.table("segments.csv");
  const std::vector<double> t = table.numbers("t"), loss = table.numbers("loss");
  Panel panel{"",
              {"t, from A at 0 to B at 1", Scale::kLinear, false, {}},
              {"loss", Scale::kLinear, false, {}},
              {},
              {}};
  for (const RowGroup& group : rows_by(table, "segment")) {
    const bool aligned = group.key == "aligned";
    panel.series.push_back({aligned ? "to B aligned" : "to B as given",
                            pick(t, group),
                            pick(loss, group),
                            {std::string(aligned ? kBlue : kVermillion), std::string(kSolid)}});
  }
  panel.series.push_back({"between the ends", {0, 1}, {loss.front(), loss.back()}, black(kDashed)});
  figure.panels.push_back(std::move(panel));
  return figure;
}

}  // namespace

std::vector<FigureScript> slice_figures(const RunRecord& run) {
  ContourFigure plane = plane_figure(run, run.number("/results/segments/0/length"));
  plane.title = "The loss over the plane of the points";
  plane.caption = factor_caption(run.text("/results/third_point"));
  LineFigure segments = segment_figure(run);
  segments.caption =
      "Loss along the straight segments from A to B as given, and to B turned as near to A as can "
      "be; the latter is the way between two points of the loss, which does not know U from UQ. "
      "The dashed line joins the losses of the ends: the barrier is the largest height above it.";
  return {script_of(plane), script_of(segments)};
}

std::vector<FigureScript> connection_figures(const RunRecord& run) {
  if (!run.has("/results/connection")) return {};
  ContourFigure plane = plane_figure(run, run.number("/results/connection/length"));
  plane.title = "The loss over a plane through two networks";
  plane.caption =
      "Loss of the first training samples over the plane through the trained weights A, the other "
      "weights B and a random filter-normalised direction, in units of the distance from A to B, "
      "on a log scale of colour.";
  LineFigure segment = segment_figure(run);
  segment.caption =
      "Loss along the straight segment from the trained weights A to the other weights B. The "
      "dashed line joins the losses of the ends: the barrier is the largest height above it.";
  return {script_of(plane), script_of(segment)};
}

}  // namespace ravine::report
