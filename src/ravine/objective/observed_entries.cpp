#include "ravine/objective/observed_entries.hpp"

#include <algorithm>
#include <utility>

namespace ravine {

ObservedEntries::ObservedEntries(std::vector<std::uint32_t> places, double weight)
    : places_(std::move(places)), weight_(weight) {}

void ObservedEntries::pass(IndexRange rows, std::span<const double> values,
                           MatrixView<const double> x, MatrixView<double> residuals,
                           MatrixView<double> adjoints) const {
  for (std::size_t k = 0; k < x.rows; ++k) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::uint32_t place = places_[rows.begin + i];
      const double residual = weight_ * x(k, place) - values[i];
      residuals(k, i) = residual;
      adjoints(k, place) += weight_ * residual;
    }
  }
}

void ObservedEntries::copy_rows(std::size_t first, MatrixView<double> out) const {
  for (std::size_t i = 0; i < out.rows; ++i) {
    std::ranges::fill(out.row(i), 0.0);
    out(i, places_[first + i]) = weight_;
  }
}

}  // namespace ravine
