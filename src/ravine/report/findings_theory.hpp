#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// When a mode reached half its last size, in iterations, and when theory says; NaN for no number.
struct HalfTime {
  double mode = 0.0;      // from 1
  double sigma = NAN;     // eigenvalue of X*
  double measured = NAN;  // NaN while the mode was still moving
  double by_scale = NAN;  // ln(1 / alpha) / (2 eta sigma)
  double by_size = NAN;   // from the size at the start
};

/// One alpha of a `sense --theory` run beside what theory says of it; NaN where it says nothing.
struct TheoryMember {
  double alpha = 0.0;
  double early_iterations = NAN;
  double power_deviation = NAN;
  double recursion_deviation = NAN;
  std::vector<HalfTime> half_times;
};

struct TheoryFindings {
  bool is_population = false;
  bool is_aligned = false;  // the modes began orthogonal
  std::vector<TheoryMember> members;
};

/// Throws DataError when the manifest or half_times.csv lacks what the format promises. No members
/// for a run without --theory.
TheoryFindings theory_findings(const RunRecord& run);

/// The findings as sentences in HTML.
std::vector<std::string> sentences_of(const TheoryFindings& findings);

/// Half times measured and predicted as a table in HTML; empty without members.
std::string half_time_table(const TheoryFindings& findings);

}  // namespace ravine::report
