#include "ravine/report/contour_figure.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/canvas.hpp"

namespace ravine::report {

namespace {

constexpr double kWidth = 760.0;
constexpr double kLeft = 62.0;
constexpr double kRight = 92.0;  // colour bar, its ticks and label
constexpr double kBetween = 16.0;
constexpr double kTop = 92.0;
constexpr double kBottom = 56.0;
constexpr double kLegendY = 52.0;
constexpr double kBandsPerDecade = 2.0;
constexpr double kRim = 1.2;        // pixels of black around what is white, both sides together
constexpr std::size_t kFine = 201;  // pixels a side of the filled map

// The bands of colour: decades in steps of 1 / kBandsPerDecade that end at or above `high`.
struct Bands {
  double low = 0.0;
  double high = 1.0;
  int count = 1;
};

Bands bands_of(const ContourFigure& figure) {
  double largest = -INFINITY;
  for (const ContourPanel& panel : figure.panels) {
    for (const auto& row : panel.values) {
      for (const double value : row) {
        if (std::isfinite(value) && value > 0) largest = std::max(largest, std::log10(value));
      }
    }
  }
  if (!std::isfinite(largest)) largest = 0.0;
  const double high = std::ceil(largest * kBandsPerDecade) / kBandsPerDecade;
  const int count = static_cast<int>(std::lround(figure.decades * kBandsPerDecade));
  return {high - count / kBandsPerDecade, high, count};
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
  return value > 0 ? std::clamp(std::log10(value), bands.low, bands.high) : bands.low;
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

std::string path_blocks(const ContourPanel& panel, std::size_t index) {
  std::string blocks;
  for (std::size_t p = 0; p < panel.paths.size(); ++p) {
    blocks += fmt::format("$path{}_{} << EOD\n", index, p);
    const Series& path = panel.paths[p];
    for (std::size_t i = 0; i < path.x.size(); ++i) {
      if (std::isfinite(path.x[i]) && std::isfinite(path.y[i])) {
        blocks += fmt::format("{:.5g} {:.5g}\n", path.x[i], path.y[i]);
      }
    }
    blocks += "EOD\n";
  }
  return blocks;
}

std::string level_lines(const Bands& bands, std::size_t index) {
  std::string levels;
  for (int k = 1; k < bands.count; ++k) {
    levels += fmt::format("{}{:.4f}", k == 1 ? "" : ",", bands.low + k / kBandsPerDecade);
  }
  return fmt::format(
      "set contour base\nset cntrparam levels discrete {1}\nunset surface\nset table $level{0}\n"
      "splot $grid{0} using 1:2:3\nunset table\nunset contour\nset surface\n",
      index, levels);
}

std::vector<Rectangle> areas_of(std::size_t panels) {
  const auto count = static_cast<double>(panels);
  const double side = (kWidth - kLeft - kRight - kBetween * (count - 1.0)) / count;
  std::vector<Rectangle> areas;
  for (std::size_t i = 0; i < panels; ++i) {
    const double left = kLeft + static_cast<double>(i) * (side + kBetween);
    areas.push_back({left, kTop, left + side, kTop + side});
  }
  return areas;
}

// White with a black rim; for Marks::kRings black with a white one, so that both show on any
// colour.
std::string mark_words(Marks marks, bool rim) {
  const bool is_black = rim != (marks == Marks::kRings);
  return fmt::format("pointtype 7 pointsize {} linecolor rgb '{}'", rim ? 1.0 : 0.7,
                     is_black ? "#000000" : "#FFFFFF");
}

std::string plot_command(const ContourPanel& panel, std::size_t index) {
  std::string command = fmt::format(
      "plot $grid{0} using 1:2:3 with image notitle, \\\n"
      "  $level{0} using 1:2 with lines linewidth 0.6 linecolor rgb '#40FFFFFF' notitle",
      index);
  for (std::size_t p = 0; p < panel.paths.size(); ++p) {
    const Stroke& stroke = panel.paths[p].stroke;
    command += fmt::format(
        ", \\\n  $path{0}_{1} using 1:2 with lines linewidth {4} linecolor rgb '#000000' notitle"
        ", \\\n  $path{0}_{1} using 1:2 with lines linewidth {2} linecolor rgb '{3}' notitle"
        ", \\\n  $path{0}_{1} using 1:2 with points pointtype 7 pointsize 0.22 linecolor rgb '{3}' "
        "notitle",
        index, p, stroke.width, stroke.colour, stroke.width + kRim);
  }
  for (const PlaneMark& mark : panel.marks) {
    for (const bool rim : {true, false}) {
      command += fmt::format(", \\\n  '+' using ({}):({}) every ::::0 with points {} notitle",
                             mark.x, mark.y, mark_words(mark.marks, rim));
    }
  }
  return command + "\nunset label\n";
}

std::string panel_commands(const ContourFigure& figure, std::size_t index, const Rectangle& area,
                           const Bands& bands, const Canvas& canvas) {
  const ContourPanel& panel = figure.panels[index];
  const AxisRange x{panel.x.front(), panel.x.back()};
  const AxisRange y{panel.y.front(), panel.y.back()};
  std::string commands = canvas.margins(area);
  commands += fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\nset cbrange [{}:{}]\n", x.low,
                          x.high, y.low, y.high, bands.low, bands.high);
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
  const AxisRange shown{std::pow(10.0, bands.low), std::pow(10.0, bands.high)};
  std::vector<Tick> ticks = ticks_for(shown, Scale::kLog10, 6);
  std::erase_if(ticks, [](const Tick& tick) { return tick.minor; });
  for (Tick& tick : ticks) tick.value = std::log10(tick.value);
  return fmt::format("set colorbox user origin screen {} size screen {:.5f}, {:.5f} noborder\n",
                     canvas.at(last.right + 12.0, last.bottom), 12.0 / canvas.width(),
                     last.height() / canvas.height()) +
         ticks_command("cb", ticks) +
         canvas.label(figure.value_label, kWidth - 12.0, 0.5 * (last.top + last.bottom),
                      fmt::format("center rotate by 90 textcolor rgb '{}'", kTextColour));
}

// Every kind of mark once, and the paths.
std::string legend(const ContourFigure& figure, const Canvas& canvas) {
  std::string commands;
  double x = kLeft;
  std::vector<std::string> said;
  const auto add = [&](const std::string& name, const std::string& sample) {
    if (name.empty() || std::ranges::find(said, name) != said.end()) return;
    said.push_back(name);
    commands += sample;
    commands +=
        canvas.label(name, x + 34.0, kLegendY, fmt::format("left textcolor rgb '{}'", kTextColour));
    x += 34.0 + 7.2 * static_cast<double>(name.size()) + 22.0;
  };
  for (const ContourPanel& panel : figure.panels) {
    for (const Series& path : panel.paths) {
      std::string sample;
      for (const bool rim : {true, false}) {
        sample += fmt::format(
            "set arrow from screen {} to screen {} nohead linewidth {} linecolor rgb '{}'\n",
            canvas.at(x, kLegendY), canvas.at(x + 28.0, kLegendY),
            path.stroke.width + (rim ? kRim : 0.0), rim ? "#000000" : path.stroke.colour);
      }
      add(path.name, sample);
    }
    for (const PlaneMark& mark : panel.marks) {
      std::string sample;
      for (const bool rim : {true, false}) {
        sample += fmt::format("set label '' at screen {} point {}\n", canvas.at(x + 14.0, kLegendY),
                              mark_words(mark.marks, rim));
      }
      add(mark.name, sample);
    }
  }
  return commands;
}

}  // namespace

FigureScript script_of(const ContourFigure& figure) {
  const std::vector<Rectangle> areas = areas_of(figure.panels.size());
  const Canvas canvas(kWidth, areas.front().bottom + kBottom);
  const Bands bands = bands_of(figure);
  const std::string colour = fmt::format("textcolor rgb '{}'", kTextColour);
  std::string script = canvas.head(figure.name);
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    script += grid_block(figure.panels[i], bands, i) + path_blocks(figure.panels[i], i) +
              level_lines(bands, i);
  }
  script += canvas.label(figure.title, kLeft, 26.0, "left font ',15' " + colour) +
            canvas.label(figure.y_label, 16.0, 0.5 * (areas[0].top + areas[0].bottom),
                         "center rotate by 90 " + colour) +
            legend(figure, canvas) + colour_bar(figure, areas.back(), bands, canvas) +
            cividis_palette_command() +
            fmt::format("set palette maxcolors {}\nunset grid\nset multiplot\n", bands.count);
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    if (i == 1) script += "unset colorbox\nunset arrow\n";
    script += panel_commands(figure, i, areas[i], bands, canvas);
  }
  return {figure.name, figure.title, figure.caption, script + "unset multiplot\n"};
}

}  // namespace ravine::report
