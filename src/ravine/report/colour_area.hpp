#pragma once

#include <string>
#include <vector>

#include "ravine/report/canvas.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

/// What figures share whose areas have the colour of a value.

/// Ticks of the colour bar; on a log scale, `range` holds logarithms and ticks stand at round
/// values.
std::vector<Tick> colour_ticks(Scale scale, const AxisRange& range, int wanted);

/// Where the colour bar stands.
std::string colour_bar_command(const Rectangle& bar, const Canvas& canvas);

/// A data block of a curve's points, gaps as blank lines.
std::string curve_block(const std::string& block, const std::vector<double>& x,
                        const std::vector<double>& y);

/// The plot commands of a curve or of points from a block, with a white rim that keeps them apart
/// from any colour. Rings are filled with white.
std::string rimmed(const std::string& block, const Stroke& stroke, Marks marks);

}  // namespace ravine::report
