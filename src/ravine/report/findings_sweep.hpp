#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// An option that a sweep varies, seeds excepted: those are trials.
struct SweepAxis {
  std::string option;
  std::string label;               // plain text, with its symbol: "rank r of X*"
  std::string symbol;              // "r", "m / (d r)"
  std::vector<std::string> of;     // values are multiples of the product of these options
  std::vector<std::string> names;  // of the values: as numbers, increasing, or in the table's order
  std::vector<double> values;      // empty for texts

  bool is_numeric() const { return !values.empty(); }
  std::size_t size() const { return names.size(); }
};

/// The runs with the same values on all axes.
struct SweepPoint {
  std::vector<double> errors;      // relative, of each trial; infinite where it is none
  std::vector<double> iterations;  // to success, of the trials that came so far
  double succeeded = 0.0;          // trials

  double trials() const { return static_cast<double>(errors.size()); }
  /// Of the iterations to success, if at least this share of the trials came so far; else NaN.
  double median_iterations(double share) const;
  double success_share() const { return succeeded / trials(); }  // NaN without trials
};

/// What a sweep says, in numbers.
struct SweepFindings {
  double success = 0.0;  // the largest relative error of one
  double cells = 0.0;
  double cells_done = 0.0;
  double succeeded = 0.0;
  double diverged = 0.0;
  double trials = 0.0;  // the most at a point
  std::vector<SweepAxis> axes;
  std::vector<SweepPoint> points;  // the last axis changes quickest

  const SweepAxis* axis(const std::string& option) const;  // null: there is none
};

/// Throws DataError when the manifest or the table lacks what the format promises.
SweepFindings sweep_findings(const RunRecord& run);

/// A sweep over two numbers as a map: rows by one axis, columns by the other.
struct SweepMap {
  const SweepAxis* rows;
  const SweepAxis* columns;
  std::vector<std::vector<const SweepPoint*>> points;  // [row][column]
  std::vector<double> half;        // column value of one success in two, of each row; NaN: none
  std::vector<double> parameters;  // degrees of freedom in units of the columns; empty: unknown
};

/// None unless there are two axes of at least three numbers each, neither of them alpha.
std::optional<SweepMap> sweep_map(const RunRecord& run, const SweepFindings& found);

/// One curve for each value of a second axis, or one alone.
struct SweepCurve {
  std::string name;
  std::vector<const SweepPoint*> points;  // one a value of x
};
struct SweepCurves {
  const SweepAxis* x;
  const SweepAxis* other;  // null: one curve
  std::vector<SweepCurve> curves;
};

/// None where there is a map, or other than one or two axes, or no number among them. alpha goes
/// along x, else the axis of most numbers.
std::optional<SweepCurves> sweep_curves(const RunRecord& run, const SweepFindings& found);

/// The findings as sentences in HTML.
std::vector<std::string> sentences_of(const RunRecord& run, const SweepFindings& found);

}  // namespace ravine::report
