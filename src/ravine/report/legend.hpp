#pragma once

#include <string>
#include <vector>

#include "ravine/report/canvas.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

/// One name in a legend, with the line or mark it stands for; x, y are the middle of the sample's
/// left end in pixels.
struct LegendEntry {
  std::string name;
  Stroke stroke;
  Marks marks = Marks::kNone;
  double x = 0.0;
  double y = 0.0;
};

inline constexpr double kLegendTop = 52.0;
inline constexpr double kLegendLine = 21.0;
inline constexpr double kSampleWidth = 30.0;

/// Adds a name unless it is empty or there already.
void add_entry(std::vector<LegendEntry>& legend, const std::string& name, const Stroke& stroke,
               Marks marks);

/// Flows the entries into lines between two edges, from kLegendTop down; returns where the last
/// line ends.
double flow(std::vector<LegendEntry>& legend, double left, double right);

/// The commands that draw it.
std::string legend_commands(const std::vector<LegendEntry>& legend, const Canvas& canvas);

/// gnuplot's size of a mark.
double point_size(Marks marks);

/// gnuplot's words for a line, and for a line or points with marks.
std::string stroke_words(const Stroke& stroke);
std::string drawing_words(const Stroke& stroke, Marks marks);

}  // namespace ravine::report
