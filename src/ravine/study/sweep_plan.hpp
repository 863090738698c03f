#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/record/manifest.hpp"
#include "ravine/study/sense.hpp"
#include "ravine/study/sweep_grid.hpp"

namespace ravine {

/// One run of a sweep: a start of its own.
struct SweepCell {
  std::vector<std::string> values;  ///< one a column of the plan
  SenseConfig config;               ///< with one alpha
};

/// The runs of a sweep in the order of its table. Runs that share an instance stand together, and
/// among them those that differ in alpha alone: they descend together over the same passes.
struct SweepPlan {
  SweepGrid grid;
  std::vector<std::string> columns;  ///< of the options that vary, `true_rank` for true-rank
  std::vector<SweepCell> cells;
  std::vector<IndexRange> descents;   ///< of cells
  std::vector<IndexRange> instances;  ///< of descents
};

/// The configuration that options by name stand for. Throws ConfigError.
using SenseOptions = std::vector<std::pair<std::string, std::string>>;
using SenseTranslator = std::function<SenseConfig(const SenseOptions&)>;

/// Multiplies out a grid. Throws ConfigError with the values of the first cell that is refused.
SweepPlan make_sweep_plan(SweepGrid grid, const SenseTranslator& translate);

/// The column of an option; that of the multiples of one that is made of others.
std::string column_of(const GridKey& key);
std::string multiple_column_of(const GridKey& key);

/// All keys with their values: equal for equal plans.
Json grid_json(const SweepGrid& grid);

}  // namespace ravine
