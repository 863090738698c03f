#include "ravine/report/legend.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace ravine::report {

namespace {

constexpr double kSampleGap = 6.0;
constexpr double kEntryGap = 22.0;
constexpr double kMarkSize = 0.55;

// gnuplot cannot measure text in the reader's font; this is a wide sans-serif at 12 pixels.
double text_width(const std::string& text) {
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return 7.2 * static_cast<double>(std::count_if(text.begin(), text.end(), is_first_byte));
}

int point_type(Marks marks) { return marks == Marks::kRings ? 6 : 7; }

}  // namespace

void add_entry(std::vector<LegendEntry>& legend, const std::string& name, const Stroke& stroke,
               Marks marks) {
  const auto has_name = [&](const LegendEntry& entry) { return entry.name == name; };
  if (name.empty() || std::any_of(legend.begin(), legend.end(), has_name)) return;
  legend.push_back({name, stroke, marks});
}

double flow(std::vector<LegendEntry>& legend, double left, double right) {
  double x = left;
  double y = kLegendTop;
  for (LegendEntry& entry : legend) {
    const double width = kSampleWidth + kSampleGap + text_width(entry.name);
    if (x > left && x + width > right) {
      x = left;
      y += kLegendLine;
    }
    entry.x = x;
    entry.y = y;
    x += width + kEntryGap;
  }
  return legend.empty() ? kLegendTop - kLegendLine : y;
}

std::string legend_commands(const std::vector<LegendEntry>& legend, const Canvas& canvas) {
  std::string commands;
  for (const LegendEntry& entry : legend) {
    const double end = entry.x + kSampleWidth;
    if (entry.marks == Marks::kNone || entry.marks == Marks::kLinesAndDots) {
      commands += fmt::format("set arrow from screen {} to screen {} nohead {}\n",
                              canvas.at(entry.x, entry.y), canvas.at(end, entry.y),
                              stroke_words(entry.stroke));
    }
    if (entry.marks != Marks::kNone) {
      commands += fmt::format(
          "set label '' at screen {} point pointtype {} pointsize {} linecolor rgb '{}'\n",
          canvas.at(entry.x + 0.5 * kSampleWidth, entry.y), point_type(entry.marks),
          point_size(entry.marks), entry.stroke.colour);
    }
    commands += canvas.label(entry.name, end + kSampleGap, entry.y,
                             fmt::format("left textcolor rgb '{}'", kTextColour));
  }
  return commands;
}

double point_size(Marks marks) { return marks == Marks::kRings ? 2.0 * kMarkSize : kMarkSize; }

std::string stroke_words(const Stroke& stroke) {
  return fmt::format("linewidth {} linecolor rgb '{}' dashtype {}", stroke.width, stroke.colour,
                     stroke.dash);
}

std::string drawing_words(const Stroke& stroke, Marks marks) {
  if (marks == Marks::kNone) return "with lines " + stroke_words(stroke);
  const std::string_view style = marks == Marks::kLinesAndDots ? "linespoints" : "points";
  return fmt::format("with {} {} pointtype {} pointsize {}", style, stroke_words(stroke),
                     point_type(marks), point_size(marks));
}

}  // namespace ravine::report
