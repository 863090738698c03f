#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/canvas.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

namespace {

constexpr double kWidth = 760.0;
constexpr double kTop = 44.0;
constexpr double kBottom = 58.0;
constexpr Rectangle kColourBar{676.0, kTop, 692.0, 0.0};
constexpr double kLargestMap = 300.0;

// Viewers that smooth pictures would blur one row into the next; copies of a row keep it sharp.
std::size_t copies_of_row(const HeatMap& map) {
  return 1 + 64 / std::max<std::size_t>(1, map.values.size());
}

std::string cells_of(const HeatMap& map) {
  if (map.values.empty() || map.values.front().empty()) return "$cells << EOD\nNaN\nEOD\n";
  std::string block = "$cells << EOD\n";
  for (const std::vector<double>& row : map.values) {
    std::string line;
    for (const double value : row) {
      line += std::isfinite(value) ? fmt::format("{:.4f} ", value) : std::string("NaN ");
    }
    for (std::size_t copy = 0; copy < copies_of_row(map); ++copy) block += line + '\n';
  }
  return block + "EOD\n";
}

AxisRange decades_of(const HeatMap& map) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const std::vector<double>& row : map.values) {
    for (const double value : row) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (low > high) return {-1.0, 1.0};
  if (high - low < 0.02) return {low - 0.01, high + 0.01};
  return {low, high};
}

// The colour bar's ticks: round norms at the place of their logarithm.
std::vector<Tick> colour_ticks(const AxisRange& decades, int wanted) {
  const AxisRange norms{std::pow(10.0, decades.low), std::pow(10.0, decades.high)};
  std::vector<Tick> ticks = ticks_for(norms, Scale::kLog10, wanted);
  std::erase_if(ticks, [](const Tick& tick) { return tick.minor; });
  for (Tick& tick : ticks) tick.value = std::log10(tick.value);
  return ticks;
}

std::vector<Tick> row_ticks(const std::vector<std::string>& names) {
  const std::size_t every = 1 + (names.size() - 1) / 16;
  std::vector<Tick> ticks;
  for (std::size_t row = 0; row < names.size(); row += every) {
    ticks.push_back({static_cast<double>(row), marked_up(names[row])});
  }
  return ticks;
}

std::string axes_commands(const HeatMap& map, const Rectangle& area, const Canvas& canvas) {
  const auto rows = static_cast<double>(map.values.size());
  const AxisRange decades = decades_of(map);
  const AxisRange& steps = map.x_range;
  return canvas.margins(area) +
         fmt::format("set xrange [{}:{}]\nset yrange [{}:-0.5]\nset cbrange [{}:{}]\n", steps.low,
                     steps.high, rows - 0.5, decades.low, decades.high) +
         ticks_command("x", ticks_for(steps, Scale::kLinear, 8, true)) +
         ticks_command("y", row_ticks(map.row_names)) +
         ticks_command("cb", colour_ticks(decades, 8)) +
         fmt::format("set xlabel {} offset 0,0.3 textcolor rgb '{}'\n", quoted(map.x_label),
                     kTextColour);
}

std::string texts_commands(const HeatMap& map, const Rectangle& area, const Canvas& canvas) {
  const double middle = 0.5 * (area.top + area.bottom);
  const std::string colour = fmt::format("textcolor rgb '{}'", kTextColour);
  return canvas.label(map.title, area.left, 26.0, "left font ',15' " + colour) +
         canvas.label(map.y_label, 16.0, middle, "center rotate by 90 " + colour) +
         canvas.label(map.value_label, 750.0, middle, "center rotate by 90 " + colour);
}

std::string colour_bar_command(const Rectangle& area, const Canvas& canvas) {
  return fmt::format("set colorbox user origin screen {} size screen {:.5f}, {:.5f} noborder\n",
                     canvas.at(kColourBar.left, area.bottom), kColourBar.width() / canvas.width(),
                     area.height() / canvas.height());
}

}  // namespace

FigureScript script_of(const HeatMap& map) {
  const double height =
      std::clamp(36.0 * static_cast<double>(map.values.size()), 120.0, kLargestMap);
  const Rectangle area{90.0, kTop, 650.0, kTop + height};
  const Canvas canvas(kWidth, kTop + height + kBottom);
  const std::size_t columns = map.values.empty() ? 0 : map.values.front().size();
  const double cell =
      (map.x_range.high - map.x_range.low) / static_cast<double>(std::max<std::size_t>(1, columns));
  const auto copies = static_cast<double>(copies_of_row(map));
  return {map.name, map.title, map.caption,
          canvas.head(map.name) + cells_of(map) + axes_commands(map, area, canvas) +
              texts_commands(map, area, canvas) + colour_bar_command(area, canvas) +
              cividis_palette_command() + "unset grid\n" +
              fmt::format("plot $cells matrix using ({} + $1 * {}):(($2 + 0.5) / {:.1f} - 0.5):3 "
                          "with image notitle\n",
                          map.x_range.low + 0.5 * cell, cell, copies)};
}

}  // namespace ravine::report
