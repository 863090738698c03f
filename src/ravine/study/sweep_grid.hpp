#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace ravine {

/// A value of an option, as it is written on a command line.
struct GridValue {
  std::string text;
  double number = NAN;  ///< NaN: a text, true or false
};

/// An option of the runs of a sweep.
struct GridKey {
  std::string name;
  std::vector<GridValue> values;
  bool is_axis = false;  ///< varies; else it has one value
  /// Where it is not empty, the values are multiples of the product of these options, rounded to a
  /// whole number: a count of measurements as a multiple of d r, say.
  std::vector<std::string> of;
};

/// A grid of runs: every combination of the values of its keys.
///
/// A table of options: a value alone is the same in all runs, `[a, b, ...]` is an axis, and so is
/// `{ start, stop, count, scale }` with count values spaced evenly from start to stop, by their
/// logarithms with scale = "geometric"; between whole numbers they are rounded to whole numbers.
/// `{ of = ["dimension", "true-rank"], ... }` with `times`, a value or an array, or with start,
/// stop and count, makes multiples of the product of other options. `title` and `question`, two
/// texts, are for the report.
struct SweepGrid {
  std::string title;
  std::string question;
  std::optional<double> success;
  std::vector<GridKey> keys;  ///< in the order of the file, but alpha last

  std::size_t cell_count() const;  ///< the product of the numbers of values

  /// For cell `index`, of each key which of its values it has: the last key changes quickest.
  std::vector<std::size_t> places(std::size_t index) const;

  /// The value of a key in a cell: multiples multiplied out.
  GridValue value(std::size_t key, const std::vector<std::size_t>& places) const;

  const GridKey* find(const std::string& name) const;  ///< null: there is none
};

/// The most cells a grid may have.
inline constexpr std::size_t kMostCells = 100'000;

/// Whether a key of the table says something about the sweep and is no option of its runs.
bool is_about_sweep(std::string_view key);

/// Reads a grid. `source` names the file in errors. Throws ConfigError naming the line and the key:
/// values that are not finite, no values, equal ones, numbers beside texts, tables of other shapes,
/// multiples of what is no number in the same table, more than kMostCells cells.
SweepGrid parse_sweep_grid(const toml::table& table, const std::string& source);

}  // namespace ravine
