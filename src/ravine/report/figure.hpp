#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ravine/report/axis_scale.hpp"
#include "ravine/report/palette.hpp"

namespace ravine::report {

enum class Marks { kNone, kDots, kRings, kLinesAndDots };

/// A curve: y[i] over x[i], x not decreasing. A NaN, or a value a log axis cannot show, is a gap.
struct Series {
  std::string name;  // in the legend; empty: not there
  std::vector<double> x;
  std::vector<double> y;
  Stroke stroke;
  Marks marks = Marks::kNone;
};

/// A straight line across a panel at a value that matters, drawn below the curves.
struct ReferenceLine {
  std::string name;  // in the legend; empty: not there
  double value = 0.0;
  bool vertical = false;
};

struct Axis {
  std::string label;  // with the unit
  Scale scale = Scale::kLinear;
  bool whole = false;                   // ticks at integers only
  std::vector<std::string> categories;  // names for the values 0, 1, 2, ... instead of ticks
};

struct Panel {
  std::string title;
  Axis x;
  Axis y;
  std::vector<Series> series;
  std::vector<ReferenceLine> references;
};

/// Curves in one panel, or in several with one legend. All texts are plain
/// text: whatever a run is called, it is shown as it is.
struct LineFigure {
  std::string name;  // the file's name without .svg
  std::string title;
  std::string caption;  // what to look at, for the page and for those who cannot see it
  std::vector<Panel> panels;
  std::size_t columns = 1;
  bool same_y = true;           // one range of y for all panels, else each has its own
  double panel_height = 280.0;  // pixels
};

/// How many columns show this many panels of a LineFigure best.
std::size_t columns_for(std::size_t panels);

/// Rows of cells, coloured by their value from blue (low) to yellow (high). Where there is an
/// expectation of a row, it is a framed strip along the middle of the row in the same colours, of
/// which only the frame is seen where it holds.
struct HeatMap {
  std::string name;
  std::string title;
  std::string caption;
  std::string x_label;
  std::string y_label;
  std::string value_label;
  std::vector<std::string> row_names;         // from top to bottom
  std::vector<std::vector<double>> values;    // [row][column]; NaN: no colour
  std::vector<std::vector<double>> expected;  // likewise; no rows: none, an empty row: none of it
  AxisRange x_range;                          // of all the columns together
  bool whole_x = true;                        // ticks of x at integers only
  std::vector<std::string> column_names;      // where there are any, instead of ticks of x_range
  Scale value_scale = Scale::kLog10;          // kLog10: values are the log10 of what is shown
  std::optional<AxisRange> value_range;       // of the colours; none: that of all values
  double most_height = 300.0;                 // of all rows together, pixels
  std::vector<Series> curves;                 // over the cells; y counts rows from 0 at the top
};

/// A figure as a gnuplot script.
struct FigureScript {
  std::string name;
  std::string title;
  std::string caption;
  std::string script;
};

FigureScript script_of(const LineFigure& figure);
FigureScript script_of(const HeatMap& map);

/// A figure as an SVG document: standalone, with title and description, white, as wide as its
/// place.
struct DrawnFigure {
  std::string name;
  std::string title;
  std::string caption;
  std::string svg;
};

/// Draws the figures of all groups with gnuplot, together, so that two of it stay busy throughout;
/// group i of the result is that of group i. Throws IoError when gnuplot is missing or fails.
std::vector<std::vector<DrawnFigure>> draw_together(
    const std::vector<std::vector<FigureScript>>& groups);

}  // namespace ravine::report
