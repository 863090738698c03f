#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/canvas.hpp"
#include "ravine/report/colour_area.hpp"
#include "ravine/report/figure.hpp"
#include "ravine/report/legend.hpp"

namespace ravine::report {

namespace {

constexpr double kWidth = 760.0;
constexpr double kTop = 44.0;
constexpr double kBottom = 58.0;
constexpr double kLeast = 90.0;  // left of the cells
constexpr double kLetter = 7.0;  // width of one in a row's name
constexpr double kBesideNames = 24.0;
constexpr double kRight = 650.0;
constexpr double kBarLeft = 676.0;
constexpr double kBarRight = 692.0;
constexpr double kNameHeight = 18.0;  // of a row whose name is readable

// Viewers that smooth pictures would blur one cell into the next; copies of it keep it sharp.
std::size_t copies_for(std::size_t cells) { return 1 + 64 / std::max<std::size_t>(1, cells); }

// What the copies of a row with an expectation show, from top to bottom: values (v), the expected
// ones (e), or nothing.
constexpr std::string_view kSplitRow = "vvvvvv.eeeeeeee.vvvvvv..";

std::size_t row_copies(const HeatMap& map) {
  return map.expected.empty() ? copies_for(map.values.size()) : kSplitRow.size();
}

std::size_t column_count(const HeatMap& map) {
  return map.values.empty() ? 0 : map.values.front().size();
}

std::string line_of(const std::vector<double>& row) {
  std::string line;
  for (const double value : row) {
    const std::string cell = std::isfinite(value) ? fmt::format("{:.4f} ", value) : "NaN ";
    for (std::size_t copy = 0; copy < copies_for(row.size()); ++copy) line += cell;
  }
  return line + '\n';
}

std::string cells_of(const HeatMap& map) {
  if (column_count(map) == 0) return "$cells << EOD\nNaN\nEOD\n";
  std::string block = "$cells << EOD\n";
  const std::string gap = line_of(std::vector<double>(column_count(map), NAN));
  for (std::size_t row = 0; row < map.values.size(); ++row) {
    const std::string values = line_of(map.values[row]);
    const bool split = !map.expected.empty();
    const bool foretold = split && !map.expected[row].empty();
    const std::string expected = foretold ? line_of(map.expected[row]) : gap;
    for (std::size_t copy = 0; copy < row_copies(map); ++copy) {
      const char shown = split ? kSplitRow[copy] : 'v';
      block += shown == 'v' ? values : shown == 'e' ? expected : gap;
    }
  }
  return block + "EOD\n";
}

AxisRange value_range_of(const HeatMap& map) {
  if (map.value_range) return *map.value_range;
  double low = INFINITY;
  double high = -INFINITY;
  for (const auto* rows : {&map.values, &map.expected}) {
    for (const std::vector<double>& row : *rows) {
      for (const double value : row) {
        if (!std::isfinite(value)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
  }
  if (low > high) return {-1.0, 1.0};
  if (high - low < 0.02) return {low - 0.01, high + 0.01};
  return {low, high};
}

// Names at first, first + step, ..., as many as are readable.
std::vector<Tick> name_ticks(const std::vector<std::string>& names, double first, double step,
                             std::size_t most) {
  const std::size_t every = 1 + (names.size() - 1) / most;
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < names.size(); i += every) {
    ticks.push_back({first + step * static_cast<double>(i), marked_up(names[i])});
  }
  return ticks;
}

std::size_t names_in(double height) { return static_cast<std::size_t>(height / kNameHeight); }

double left_of(const HeatMap& map) {
  std::size_t longest = 0;
  for (const std::string& name : map.row_names) longest = std::max(longest, name.size());
  return std::clamp(kBesideNames + kLetter * static_cast<double>(longest), kLeast, kRight / 2);
}

double column_width(const HeatMap& map) {
  return (map.x_range.high - map.x_range.low) /
         static_cast<double>(std::max<std::size_t>(1, column_count(map)));
}

std::vector<Tick> column_ticks(const HeatMap& map) {
  if (map.column_names.empty()) return ticks_for(map.x_range, Scale::kLinear, 8, map.whole_x);
  const double width = column_width(map);
  return name_ticks(map.column_names, map.x_range.low + 0.5 * width, width, 12);
}

std::string axes_commands(const HeatMap& map, const Rectangle& area, const Canvas& canvas) {
  const auto rows = static_cast<double>(map.values.size());
  const AxisRange decades = value_range_of(map);
  const AxisRange& steps = map.x_range;
  return canvas.margins(area) +
         fmt::format("set xrange [{}:{}]\nset yrange [{}:-0.5]\nset cbrange [{}:{}]\n", steps.low,
                     steps.high, rows - 0.5, decades.low, decades.high) +
         ticks_command("x", column_ticks(map)) +
         ticks_command("y", name_ticks(map.row_names, 0.0, 1.0, names_in(area.height()))) +
         ticks_command("cb", colour_ticks(map.value_scale, decades, 8)) +
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

std::string curve_data(const HeatMap& map) {
  std::string data;
  for (std::size_t i = 0; i < map.curves.size(); ++i) {
    data += curve_block(fmt::format("curve{}", i), map.curves[i].x, map.curves[i].y);
  }
  return data;
}

std::string curve_plots(const HeatMap& map) {
  std::string plots;
  for (std::size_t i = 0; i < map.curves.size(); ++i) {
    plots += rimmed(fmt::format("curve{}", i), map.curves[i].stroke, map.curves[i].marks);
  }
  return plots;
}

}  // namespace

FigureScript script_of(const HeatMap& map) {
  const double left = left_of(map);
  std::vector<LegendEntry> legend;
  for (const Series& curve : map.curves) add_entry(legend, curve.name, curve.stroke, curve.marks);
  const double top = legend.empty() ? kTop : flow(legend, left, kRight) + kLegendLine;
  const double height =
      std::clamp(36.0 * static_cast<double>(map.values.size()), 120.0, map.most_height);
  const Rectangle area{left, top, kRight, top + height};
  const Canvas canvas(kWidth, top + height + kBottom);
  const double cell = column_width(map) / static_cast<double>(copies_for(column_count(map)));
  const auto copies = static_cast<double>(row_copies(map));
  return {map.name, map.title, map.caption,
          canvas.head(map.name) + cells_of(map) + curve_data(map) +
              axes_commands(map, area, canvas) + texts_commands(map, area, canvas) +
              legend_commands(legend, canvas) +
              colour_bar_command({kBarLeft, area.top, kBarRight, area.bottom}, canvas) +
              cividis_palette_command() + "unset grid\n" +
              fmt::format("plot $cells matrix using ({} + $1 * {}):(($2 + 0.5) / {:.1f} - 0.5):3 "
                          "with image notitle{}\n",
                          map.x_range.low + 0.5 * cell, cell, copies, curve_plots(map))};
}

}  // namespace ravine::report
