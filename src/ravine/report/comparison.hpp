#pragma once

#include <vector>

#include "ravine/report/figure.hpp"
#include "ravine/report/section.hpp"

namespace ravine::report {

/// Runs of one experiment side by side.
struct Comparison {
  Section section;
  std::vector<FigureScript> figures;
};

}  // namespace ravine::report
