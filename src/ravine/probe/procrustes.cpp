#include "ravine/probe/procrustes.hpp"

#include <Eigen/SVD>
#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const RowMajor> mapped(MatrixView<const double> m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols)};
}

}  // namespace

std::vector<double> aligned_to(MatrixView<const double> a, MatrixView<const double> b) {
  if (a.rows != b.rows || a.cols != b.cols) {
    throw ShapeError(error_text("procrustes", "factors",
                                fmt::format("two of shape ({}, {})", a.rows, a.cols),
                                fmt::format("({}, {})", b.rows, b.cols)));
  }
  const Eigen::MatrixXd overlap = mapped(b).transpose() * mapped(a);
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(overlap, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const RowMajor rotated = mapped(b) * (svd.matrixU() * svd.matrixV().transpose());
  return {rotated.data(), rotated.data() + rotated.size()};
}

}  // namespace ravine
