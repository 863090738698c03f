#pragma once

#include <string>
#include <vector>

#include "ravine/study/sense.hpp"
#include "ravine/study/sensing_instance.hpp"

namespace ravine {

/// What a method that knows nothing of factors finds on the same instance.
struct ComparatorResult {
  std::string name;              ///< `minimum_norm` or `trace_minimisation`
  std::vector<double> x;         ///< (d, d)
  double relative_residual = 0;  ///< |A^T (A x - y)| / |A^T y|
  int iterations = 0;
  bool converged = false;
  double seconds = 0;
};

/// Runs those that the configuration asks for.
std::vector<ComparatorResult> run_comparators(const SenseConfig& config,
                                              const SensingInstance& instance, ThreadTeam& team);

/// The numbers of each, named as docs/run-folder.md says.
void add_comparators(const std::vector<ComparatorResult>& comparators,
                     const SensingInstance& instance, Json& results, Json& timing);

}  // namespace ravine
