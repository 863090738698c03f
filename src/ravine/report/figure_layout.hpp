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

inline constexpr double kFigureWidth = 760.0;
inline constexpr double kSampleWidth = 30.0;
inline constexpr double kSampleGap = 6.0;

/// Where everything of a figure stands: the legend above the panels, so it never covers data.
struct FigureLayout {
  double height = 0.0;
  double title_y = 0.0;
  std::vector<LegendEntry> legend;  // every name once, wrapped into lines
  std::vector<Rectangle> panels;    // the plot areas, row by row
};

FigureLayout layout_of(const LineFigure& figure);

/// How a reference line is drawn.
Stroke reference_stroke();

}  // namespace ravine::report
