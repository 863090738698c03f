#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// One point of a `landscape` run; NaN where theory or measurement gives no number.
struct PointFindings {
  std::string loss_kind;  // "population" or "sampled"
  std::string point;
  double loss = 0.0;
  double gradient_norm = 0.0;
  double smallest_eigenvalue = 0.0;
  double largest_eigenvalue = 0.0;
  double expected_smallest = 0.0;
  double expected_largest = 0.0;
  std::string verdict;  // "minimum", "strict saddle" or "not critical"
  std::string expected_verdict;
  double distance_to_truth = 0.0;
  bool agrees = false;  // verdict, eigenvalues and distance are what theory says
  std::string ended;    // the descent to it: "converged", "max_steps", ...; empty: none

  /// A descent that had not converged and came to nothing that theory says: no point to judge.
  bool is_unfinished() const { return !agrees && !ended.empty() && ended != "converged"; }
};

/// "reached the iteration limit", "diverged" or "was interrupted", of a descent that is unfinished.
std::string ending_words(const PointFindings& point);

/// What a `landscape` run says, in numbers.
struct LandscapeFindings {
  double true_rank = 1.0;
  double sigma_1 = NAN;  // the largest eigenvalue of X*
  double measurements = NAN;
  std::vector<PointFindings> points;
  std::size_t agreeing = 0;  // points that are what theory says
  // Largest |measured - expected| eigenvalue over the larger expected one of the point; NaN for
  // none.
  double population_deviation = 0.0;
  double sampled_deviation = 0.0;
};

/// Throws DataError when the manifest or points.csv lacks what the format promises.
LandscapeFindings landscape_findings(const RunRecord& run);

/// The findings as sentences in HTML.
std::vector<std::string> sentences_of(const LandscapeFindings& findings);

}  // namespace ravine::report
