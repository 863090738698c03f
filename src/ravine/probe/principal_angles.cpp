#include "ravine/probe/principal_angles.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/probe/singular_values.hpp"

namespace ravine {

std::vector<double> principal_angles(MatrixView<const double> p, MatrixView<const double> q) {
  if (p.cols != q.cols || p.rows > q.rows || q.rows > q.cols) {
    throw ShapeError(
        error_text("principal_angles", "bases", "k x d and l x d with k <= l <= d",
                   fmt::format("{} x {} and {} x {}", p.rows, p.cols, q.rows, q.cols)));
  }
  std::vector<double> overlap(p.rows * q.rows), rest(p.size());
  const MatrixView<double> c(overlap.data(), p.rows, q.rows), s(rest.data(), p.rows, p.cols);
  matmul_by_transposed(p, q, c);
  matmul(c, q, s);
  for (std::size_t i = 0; i < s.rows; ++i) {
    for (std::size_t j = 0; j < s.cols; ++j) s(i, j) = p(i, j) - s(i, j);
  }
  const std::vector<double> cosines = singular_values(c, p.rows);
  std::vector<double> sines = singular_values(s, p.rows);
  std::ranges::reverse(sines);
  std::vector<double> angles(p.rows);
  for (std::size_t k = 0; k < p.rows; ++k) {
    angles[k] = 2 * cosines[k] * cosines[k] < 1 ? std::acos(cosines[k])
                                                : std::asin(std::min(sines[k], 1.0));
  }
  return angles;
}

}  // namespace ravine
