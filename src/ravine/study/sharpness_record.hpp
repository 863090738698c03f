#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ravine/probe/largest_eigenpair.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine {

/// The sharpness of a loss, the largest eigenvalue of its Hessian, along one descent. Gradient
/// descent is unstable along that eigenvector where the sharpness exceeds 2/eta, the edge of
/// stability (Cohen et al. 2021).
class SharpnessTrack {
 public:
  /// seed: the run's, of the random part of the vectors measuring starts from.
  explicit SharpnessTrack(std::uint64_t seed) : seed_(seed) {}

  /// Takes the sharpness at a step, starting from the vector found before, and remembers it. The
  /// residual allowed is a thousandth of the largest |eigenvalue|.
  Eigenpair measure(const SymmetricOperator& hessian, std::size_t size, std::int64_t step,
                    std::optional<double> edge);

  /// `size`: of the Hessian.
  void exchange_state(StateArchive& state, std::size_t size);

  /// {measurements, products, first, last, largest, largest_step, edge, crossed_step,
  /// settled_ratio}: of the first measurement at or above the edge, and the median of sharpness
  /// over edge from there on, both null where it was never reached or there is no edge; empty
  /// before the first measurement.
  Json results() const;

 private:
  struct Measurement {
    std::int64_t step = 0;
    double sharpness = 0;
    std::optional<double> edge;
    bool is_over() const { return edge && sharpness >= *edge; }
  };

  std::uint64_t seed_;
  std::vector<double> direction_;
  std::vector<Measurement> measurements_;
  std::size_t products_ = 0;
};

/// Columns of sharpness.csv after those that say where: sharpness, its residual, the edge of
/// stability (empty for rules that have none).
std::vector<std::string> sharpness_columns(std::vector<std::string> where);
void write_sharpness(CsvWriter& row, const Eigenpair& found, std::optional<double> edge);

}  // namespace ravine
