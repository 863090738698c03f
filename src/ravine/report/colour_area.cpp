#include "ravine/report/colour_area.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/legend.hpp"

namespace ravine::report {

namespace {

constexpr double kRim = 2.5;  // pixels, both sides together

}  // namespace

std::vector<Tick> colour_ticks(Scale scale, const AxisRange& range, int wanted) {
  if (scale == Scale::kLinear) return ticks_for(range, Scale::kLinear, wanted);
  const AxisRange values{std::pow(10.0, range.low), std::pow(10.0, range.high)};
  std::vector<Tick> ticks = ticks_for(values, Scale::kLog10, wanted);
  std::erase_if(ticks, [](const Tick& tick) { return tick.minor; });
  for (Tick& tick : ticks) tick.value = std::log10(tick.value);
  return ticks;
}

std::string colour_bar_command(const Rectangle& bar, const Canvas& canvas) {
  return fmt::format("set colorbox user origin screen {} size screen {:.5f}, {:.5f} noborder\n",
                     canvas.at(bar.left, bar.bottom), bar.width() / canvas.width(),
                     bar.height() / canvas.height());
}

std::string curve_block(const std::string& block, const std::vector<double>& x,
                        const std::vector<double>& y) {
  std::string data = fmt::format("${} << EOD\n", block);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool gap = !std::isfinite(x[i]) || !std::isfinite(y[i]);
    data += gap ? "\n" : fmt::format("{} {}\n", x[i], y[i]);
  }
  return data + "EOD\n";
}

std::string rimmed(const std::string& block, const Stroke& stroke, Marks marks) {
  const std::string points = fmt::format(", \\\n  ${} using 1:2", block);
  std::string below;
  if (marks == Marks::kDots || marks == Marks::kRings) {
    below = fmt::format("{} with points pointtype 7 pointsize {} linecolor rgb '#FFFFFF' notitle",
                        points, point_size(marks) + 0.3);
  } else {
    below = fmt::format(
        "{} {} notitle", points,
        drawing_words({"#FFFFFF", std::string(kSolid), stroke.width + kRim}, Marks::kNone));
  }
  return fmt::format("{}{} {} notitle", below, points, drawing_words(stroke, marks));
}

}  // namespace ravine::report
