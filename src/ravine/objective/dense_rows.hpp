#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "ravine/kernels/measurement_pass.hpp"
#include "ravine/objective/measurement_form.hpp"

namespace ravine {

/// Measurements stored as rows of p numbers of the type T.
template <class T>
class DenseRows : public MeasurementForm {
 public:
  /// rows: (m, p), row-major, wherever they lie; `owner` keeps them alive.
  DenseRows(std::span<const T> rows, std::size_t unknowns, std::shared_ptr<const void> owner)
      : rows_(rows.data(), rows.size() / unknowns, unknowns), owner_(std::move(owner)) {}

  std::size_t count() const override { return rows_.rows; }
  std::size_t stored_number_size() const override { return sizeof(T); }

  void pass(IndexRange rows, std::span<const double> values, MatrixView<const double> x,
            MatrixView<double> residuals, MatrixView<double> adjoints) const override {
    measurement_pass(rows_.middle_rows(rows.begin, rows.size()), values, x, residuals, adjoints);
  }

  void copy_rows(std::size_t first, MatrixView<double> out) const override {
    for (std::size_t i = 0; i < out.rows; ++i) {
      std::ranges::copy(rows_.row(first + i), out.row(i).begin());
    }
  }

 private:
  MatrixView<const T> rows_;
  std::shared_ptr<const void> owner_;
};

}  // namespace ravine
