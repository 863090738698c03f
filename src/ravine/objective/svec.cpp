#include "ravine/objective/svec.hpp"

#include <cmath>
#include <numbers>

namespace ravine {

std::size_t svec_dimension(std::size_t p) {
  const auto d =
      static_cast<std::size_t>(std::llround((std::sqrt(8 * static_cast<double>(p) + 1) - 1) / 2));
  return svec_size(d) == p ? d : 0;
}

void svec(MatrixView<const double> m, std::span<double> v) {
  std::size_t k = 0;
  for (std::size_t i = 0; i < m.rows; ++i) {
    v[k++] = m(i, i);
    for (std::size_t j = i + 1; j < m.cols; ++j) v[k++] = std::numbers::sqrt2 * m(i, j);
  }
}

void smat(std::span<const double> v, double factor, MatrixView<double> m) {
  const double off_diagonal = factor / std::numbers::sqrt2;
  std::size_t k = 0;
  for (std::size_t i = 0; i < m.rows; ++i) {
    m(i, i) = factor * v[k++];
    for (std::size_t j = i + 1; j < m.cols; ++j) m(i, j) = m(j, i) = off_diagonal * v[k++];
  }
}

template <class T>
void svec_symmetric_part(MatrixView<const T> a, std::span<double> v) {
  std::size_t k = 0;
  for (std::size_t i = 0; i < a.rows; ++i) {
    v[k++] = a(i, i);
    for (std::size_t j = i + 1; j < a.cols; ++j) {
      v[k++] = (static_cast<double>(a(i, j)) + a(j, i)) / std::numbers::sqrt2;
    }
  }
}

template void svec_symmetric_part(MatrixView<const float>, std::span<double>);
template void svec_symmetric_part(MatrixView<const double>, std::span<double>);

}  // namespace ravine
