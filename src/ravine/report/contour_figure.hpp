#pragma once

#include <string>
#include <vector>

#include "ravine/report/figure.hpp"

namespace ravine::report {

/// A positive function over a grid in a plane, with curves and points on it.
struct ContourPanel {
  std::string title;
  std::vector<double> x;                    // increasing
  std::vector<double> y;                    // increasing
  std::vector<std::vector<double>> values;  // [y][x]
  std::vector<Series> paths;                // without gaps; x may run both ways
  std::vector<Series> points;               // unconnected, with marks
};

/// Panels side by side, filled between level lines in a round ratio, blue (low) to yellow (high),
/// with one colour bar. Some decades below the largest value are told apart; what lies lower has
/// the lowest colour.
struct ContourFigure {
  std::string name;
  std::string title;
  std::string caption;
  std::string x_label;
  std::string y_label;
  std::string value_label;
  std::vector<ContourPanel> panels;
  double decades = 3.0;  // told apart
};

FigureScript script_of(const ContourFigure& figure);

}  // namespace ravine::report
