#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ravine/objective/measurement_form.hpp"

namespace ravine {

/// Measurements that each read one entry of svec(X), times a weight: the completion of a matrix
/// from some of its entries. A pass takes O(m) operations, for which one thread is enough.
class ObservedEntries : public MeasurementForm {
 public:
  /// places: positions in svec(X).
  ObservedEntries(std::vector<std::uint32_t> places, double weight);

  std::size_t count() const override { return places_.size(); }
  void pass(IndexRange rows, std::span<const double> values, MatrixView<const double> x,
            MatrixView<double> residuals, MatrixView<double> adjoints) const override;
  void copy_rows(std::size_t first, MatrixView<double> out) const override;
  std::size_t chunks() const override { return 1; }

 private:
  std::vector<std::uint32_t> places_;
  double weight_;
};

}  // namespace ravine
