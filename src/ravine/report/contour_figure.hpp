#pragma once

#include <string>
#include <vector>

#include "ravine/report/figure.hpp"

namespace ravine::report {

/// A point of a plane that has a name in the legend.
struct PlaneMark {
  std::string name;
  double x = 0.0;
  double y = 0.0;
  Marks marks = Marks::kDots;
};

/// A positive function over a grid in a plane, with curves and points on it.
struct ContourPanel {
  std::string title;
  std::vector<double> x;                    // increasing
  std::vector<double> y;                    // increasing
  std::vector<std::vector<double>> values;  // [y][x]
  std::vector<Series> paths;                // x may run both ways
  std::vector<PlaneMark> marks;
};

/// Panels side by side, filled between level lines in a ratio of 10^(1/2), blue (low) to yellow
/// (high), with one colour bar.
struct ContourFigure {
  std::string name;
  std::string title;
  std::string caption;
  std::string x_label;
  std::string y_label;
  std::string value_label;
  std::vector<ContourPanel> panels;
  double decades = 3.0;  // shown below the largest value; what lies lower has the lowest colour
};

FigureScript script_of(const ContourFigure& figure);

}  // namespace ravine::report
