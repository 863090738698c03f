#pragma once

#include "ravine/report/figure.hpp"
#include "ravine/report/section.hpp"

namespace ravine::report {

/// Runs of one experiment side by side.
struct Comparison {
  Section section;
  FigureScript figure;
};

}  // namespace ravine::report
