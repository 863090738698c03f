#include "ravine/report/contour_figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/canvas.hpp"
#include "ravine/report/colour_area.hpp"
#include "ravine/report/legend.hpp"
#include "ravine/report/thinning.hpp"

namespace ravine::report {

namespace {

constexpr double kWidth = 760.0;
constexpr double kLeft = 62.0;
constexpr double kRight = 92.0;  // colour bar, its ticks and label
constexpr double kBetween = 16.0;
constexpr double kBottom = 56.0;
constexpr double kPanelTitle = 38.0;  // below the legend, with air
constexpr double kLargestSide = 460.0;
constexpr double kBarGap = 12.0;
constexpr double kBarWidth = 12.0;
constexpr std::array kBandSteps{0.5, 0.25, 0.1, 0.05, 0.02};  // decades
constexpr int kFewestBands = 10;
constexpr std::size_t kFine = 201;  // pixels a side of the filled map

// Bands of colour over the logarithm: from `low` on, `count` of them, each `step` decades.
struct Bands {
  double low = 0.0;
  double step = kBandSteps.front();
  int count = 2;
  double high() const { return low + count * step; }
};

// Those with round edges that show all of `shown`, at least kFewestBands if a step gives as many.
Bands bands_over(const AxisRange& shown) {
  Bands bands;
  for (const double step : kBandSteps) {
    const double first = std::floor(shown.low / step), last = std::ceil(shown.high / step);
    bands = {first * step, step, std::max(2, static_cast<int>(last - first))};
    if (bands.count >= kFewestBands) break;
  }
  return bands;
}

Bands bands_of(const ContourFigure& figure) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const ContourPanel& panel : figure.panels) {
    for (const auto& row : panel.values) {
      for (const double value : row) {
        if (!std::isfinite(value) || value <= 0) continue;
        low = std::min(low, std::log10(value));
        high = std::max(high, std::log10(value));
      }
    }
  }
  if (low > high) return {};
  return bands_over({std::max(low, high - figure.decades), high});
}

// Where a coordinate falls among sorted ones: the index below it and the share of the gap.
struct Place {
  std::size_t below = 0;
  double share = 0.0;
};

Place place_in(const std::vector<double>& sorted, double at) {
  const auto above = std::upper_bound(sorted.begin() + 1, sorted.end() - 1, at);
  const auto below = static_cast<std::size_t>(above - sorted.begin()) - 1;
  return {below, (at - sorted[below]) / (sorted[below + 1] - sorted[below])};
}

// log10 of the value, interpolated linearly, cut at the ends of the bands; NaN where there is none.
double level_at(const ContourPanel& panel, const Bands& bands, double x, double y) {
  const Place i = place_in(panel.y, y);
  const Place j = place_in(panel.x, x);
  const auto& low = panel.values[i.below];
  const auto& high = panel.values[i.below + 1];
  const double value = (1 - i.share) * ((1 - j.share) * low[j.below] + j.share * low[j.below + 1]) +
                       i.share * ((1 - j.share) * high[j.below] + j.share * high[j.below + 1]);
  if (!std::isfinite(value)) return NAN;
  return value > 0 ? std::clamp(std::log10(value), bands.low, bands.high()) : bands.low;
}

double fine_coordinate(const std::vector<double>& sorted, std::size_t i) {
  const double share = static_cast<double>(i) / (kFine - 1);
  return sorted.front() * (1 - share) + sorted.back() * share;
}

// A data block of x, y, level rows, one block of lines a row of the grid.
std::string grid_block(const ContourPanel& panel, const Bands& bands, std::size_t index) {
  std::string block = fmt::format("$grid{} << EOD\n", index);
  for (std::size_t i = 0; i < kFine; ++i) {
    const double y = fine_coordinate(panel.y, i);
    for (std::size_t j = 0; j < kFine; ++j) {
      const double x = fine_coordinate(panel.x, j);
      const double level = level_at(panel, bands, x, y);
      block += std::isfinite(level) ? fmt::format("{:.5g} {:.5g} {:.4f}\n", x, y, level)
                                    : fmt::format("{:.5g} {:.5g} NaN\n", x, y);
    }
    block += '\n';
  }
  return block + "EOD\n";
}

Series on_paper(const ContourPanel& panel, const Series& path, double side) {
  std::vector<PixelPoint> pixels;
  for (std::size_t i = 0; i < path.x.size(); ++i) {
    pixels.push_back({side * (path.x[i] - panel.x.front()) / (panel.x.back() - panel.x.front()),
                      side * (path.y[i] - panel.y.front()) / (panel.y.back() - panel.y.front())});
  }
  Series drawn{path.name, {}, {}, path.stroke, path.marks};
  for (const std::size_t i : corners_of(pixels)) {
    drawn.x.push_back(path.x[i]);
    drawn.y.push_back(path.y[i]);
  }
  return drawn;
}

std::string curve_blocks(const ContourPanel& panel, std::size_t index, double side) {
  std::string blocks;
  for (std::size_t p = 0; p < panel.paths.size(); ++p) {
    const Series path = on_paper(panel, panel.paths[p], side);
    blocks += curve_block(fmt::format("path{}_{}", index, p), path.x, path.y);
  }
  for (std::size_t k = 0; k < panel.points.size(); ++k) {
    const Series& points = panel.points[k];
    blocks += curve_block(fmt::format("points{}_{}", index, k), points.x, points.y);
  }
  return blocks;
}

std::string level_lines(const Bands& bands, std::size_t index) {
  std::string levels;
  for (int k = 1; k < bands.count; ++k) {
    levels += fmt::format("{}{:.4f}", k == 1 ? "" : ",", bands.low + k * bands.step);
  }
  return fmt::format(
      "set contour base\nset cntrparam levels discrete {1}\nunset surface\nset table $level{0}\n"
      "splot $grid{0} using 1:2:3\nunset table\nunset contour\nset surface\n",
      index, levels);
}

std::vector<Rectangle> areas_of(std::size_t panels, double top) {
  const auto count = static_cast<double>(panels);
  const double side =
      std::min(kLargestSide, (kWidth - kLeft - kRight - kBetween * (count - 1.0)) / count);
  std::vector<Rectangle> areas;
  for (std::size_t i = 0; i < panels; ++i) {
    const double left = kLeft + static_cast<double>(i) * (side + kBetween);
    areas.push_back({left, top, left + side, top + side});
  }
  return areas;
}

std::vector<LegendEntry> legend_of(const ContourFigure& figure) {
  std::vector<LegendEntry> legend;
  for (const ContourPanel& panel : figure.panels) {
    for (const auto* all : {&panel.paths, &panel.points}) {
      for (const Series& series : *all) {
        add_entry(legend, series.name, series.stroke, series.marks);
      }
    }
  }
  return legend;
}

std::string plot_command(const ContourPanel& panel, std::size_t index) {
  std::string command = fmt::format(
      "plot $grid{0} using 1:2:3 with image notitle, \\\n"
      "  $level{0} using 1:2 with lines linewidth 0.6 linecolor rgb '#40FFFFFF' notitle",
      index);
  for (std::size_t p = 0; p < panel.paths.size(); ++p) {
    command += rimmed(fmt::format("path{}_{}", index, p), panel.paths[p].stroke, Marks::kNone);
  }
  for (std::size_t k = 0; k < panel.points.size(); ++k) {
    command +=
        rimmed(fmt::format("points{}_{}", index, k), panel.points[k].stroke, panel.points[k].marks);
  }
  return command + "\nunset label\n";
}

std::string panel_commands(const ContourFigure& figure, std::size_t index, const Rectangle& area,
                           const Bands& bands, const Canvas& canvas) {
  const ContourPanel& panel = figure.panels[index];
  const AxisRange x{panel.x.front(), panel.x.back()};
  const AxisRange y{panel.y.front(), panel.y.back()};
  std::string commands = canvas.margins(area);
  commands += fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\nset cbrange [{:.6g}:{:.6g}]\n",
                          x.low, x.high, y.low, y.high, bands.low, bands.high());
  commands += ticks_command("x", ticks_for(x, Scale::kLinear, 4));
  commands += index == 0 ? ticks_command("y", ticks_for(y, Scale::kLinear, 5)) : "unset ytics\n";
  commands += fmt::format("set xlabel {} offset 0,0.3 textcolor rgb '{}'\n", quoted(figure.x_label),
                          kTextColour);
  commands += canvas.label(panel.title, area.left, area.top - 11.0,
                           fmt::format("left textcolor rgb '{}'", kTextColour));
  return commands + plot_command(panel, index);
}

std::string colour_bar(const ContourFigure& figure, const Rectangle& last, const Bands& bands,
                       const Canvas& canvas) {
  const double left = last.right + kBarGap;
  return colour_bar_command({left, last.top, left + kBarWidth, last.bottom}, canvas) +
         ticks_command("cb", colour_ticks(Scale::kLog10, {bands.low, bands.high()}, 6)) +
         canvas.label(figure.value_label, last.right + kRight - 12.0,
                      0.5 * (last.top + last.bottom),
                      fmt::format("center rotate by 90 textcolor rgb '{}'", kTextColour));
}

}  // namespace

FigureScript script_of(const ContourFigure& figure) {
  std::vector<LegendEntry> legend = legend_of(figure);
  const double top = flow(legend, kLeft, kWidth - kLeft) + kPanelTitle;
  const std::vector<Rectangle> areas = areas_of(figure.panels.size(), top);
  const Canvas canvas(kWidth, areas.front().bottom + kBottom);
  const Bands bands = bands_of(figure);
  const std::string colour = fmt::format("textcolor rgb '{}'", kTextColour);
  std::string script = canvas.head(figure.name);
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    script += grid_block(figure.panels[i], bands, i) +
              curve_blocks(figure.panels[i], i, areas[i].width()) + level_lines(bands, i);
  }
  script += canvas.label(figure.title, kLeft, 26.0, "left font ',15' " + colour) +
            canvas.label(figure.y_label, 16.0, 0.5 * (areas[0].top + areas[0].bottom),
                         "center rotate by 90 " + colour) +
            legend_commands(legend, canvas) + colour_bar(figure, areas.back(), bands, canvas) +
            cividis_steps_command(bands.count) + "unset grid\nset multiplot\n";
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    if (i == 1) script += "unset colorbox\nunset arrow\n";
    script += panel_commands(figure, i, areas[i], bands, canvas);
  }
  return {figure.name, figure.title, figure.caption, script + "unset multiplot\n"};
}

}  // namespace ravine::report
