#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/figure.hpp"
#include "ravine/report/section.hpp"

namespace ravine::report {

/// Runs of one experiment side by side.
struct Comparison {
  std::string name;  // plain text: what it is to the experiment
  Section section;
  std::vector<FigureScript> figures;
  bool replaces_runs = false;  // too many for a section each
};

/// One for each experiment among the runs that compares step rules or networks, beside the place of
/// the experiment's first run. Figures of one name are numbered: rules, rules-2, rules-3, ...
/// Throws DataError when a record lacks what the format promises.
std::map<std::size_t, Comparison> comparisons_of(const std::vector<RunRecord>& runs);

}  // namespace ravine::report
