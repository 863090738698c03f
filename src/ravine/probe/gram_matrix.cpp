#include "ravine/probe/gram_matrix.hpp"

#include <algorithm>
#include <atomic>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "ravine/kernels/matmul.hpp"

namespace ravine {

namespace {

constexpr std::size_t kBlock = 96;  // rows or columns that are worked on together

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Stride = Eigen::OuterStride<>;
using Block = Eigen::Map<RowMajor, 0, Stride>;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

Block block_of(MatrixView<double> view) {
  return {view.data, index(view.rows), index(view.cols), Stride(index(view.stride))};
}

std::size_t blocks_of(std::size_t count) { return (count + kBlock - 1) / kBlock; }

/// Work on every block by whoever of the team is free.
template <class Work>
void for_blocks(ThreadTeam& team, std::size_t count, const Work& work) {
  std::atomic<std::size_t> taken = 0;
  team.run([&](int) {
    for (std::size_t i = taken++; i < count; i = taken++) work(i);
  });
}

}  // namespace

GramMatrix::GramMatrix(const MeasurementEnsemble& ensemble, ThreadTeam& team)
    : size_(std::min(ensemble.count(), ensemble.unknowns())),
      team_(team),
      elements_(size_ * size_) {
  const std::size_t m = ensemble.count(), p = ensemble.unknowns();
  AlignedBuffer<double> numbers(m * p);
  const MatrixView<double> rows(numbers.data(), m, p);
  for_blocks(team, blocks_of(m), [&](std::size_t i) {
    const std::size_t first = i * kBlock;
    ensemble.form().copy_rows(first, rows.middle_rows(first, std::min(kBlock, m - first)));
  });
  multiply_out(rows);
  const auto count = static_cast<double>(m);
  for (double& element : elements_) element /= count;
}

void GramMatrix::multiply_out(MatrixView<const double> rows) {
  const std::size_t blocks = blocks_of(size_);
  for_blocks(team_, blocks, [&](std::size_t i) {
    const std::size_t begin = (blocks - 1 - i) * kBlock;  // large ones first
    const std::size_t height = std::min(kBlock, size_ - begin), width = begin + height;
    const MatrixView<double> to(elements_.data() + begin * size_, height, width, size_);
    if (rows.rows <= rows.cols) {
      matmul_by_transposed(rows.middle_rows(begin, height), rows.middle_rows(0, width), to);
    } else {
      matmul_transposed({rows.data + begin, rows.rows, height, rows.stride},
                        {rows.data, rows.rows, width, rows.stride}, to);
    }
  });
}

/// What the columns to the left of a block of columns take off some of its rows.
void GramMatrix::subtract_left(std::size_t begin, IndexRange rows, MatrixView<double> scratch) {
  const std::size_t width = scratch.cols;
  const MatrixView<double> left(elements_.data() + rows.begin * size_, rows.size(), begin, size_);
  const MatrixView<double> top(elements_.data() + begin * size_, width, begin, size_);
  matmul_by_transposed(left, top, scratch);
  block_of({elements_.data() + rows.begin * size_ + begin, rows.size(), width, size_}) -=
      block_of(scratch);
}

bool GramMatrix::factor(double shift) {
  for (std::size_t i = 0; i < size_; ++i) elements_[i * size_ + i] += shift;
  for (std::size_t begin = 0; begin < size_; begin += kBlock) {
    const std::size_t width = std::min(kBlock, size_ - begin), end = begin + width;
    if (begin > 0) {
      for_blocks(team_, blocks_of(size_ - begin), [&](std::size_t i) {
        const std::size_t first = begin + i * kBlock, height = std::min(kBlock, size_ - first);
        AlignedBuffer<double> scratch(height * width);
        subtract_left(begin, {first, first + height}, {scratch.data(), height, width});
      });
    }
    Block corner = block_of({elements_.data() + begin * size_ + begin, width, width, size_});
    const Eigen::LLT<RowMajor> own(corner);
    if (own.info() != Eigen::Success) return false;
    corner = own.matrixL();
    for_blocks(team_, blocks_of(size_ - end), [&](std::size_t i) {
      const std::size_t first = end + i * kBlock, height = std::min(kBlock, size_ - first);
      Block below = block_of({elements_.data() + first * size_ + begin, height, width, size_});
      corner.triangularView<Eigen::Lower>().transpose().solveInPlace<Eigen::OnTheRight>(below);
    });
  }
  return true;
}

void GramMatrix::solve(std::span<const double> x, std::span<double> y) const {
  const Eigen::Map<const RowMajor> lower(elements_.data(), index(size_), index(size_));
  Eigen::Map<Eigen::VectorXd> solution(y.data(), index(size_));
  solution = Eigen::Map<const Eigen::VectorXd>(x.data(), index(size_));
  lower.triangularView<Eigen::Lower>().solveInPlace(solution);
  lower.transpose().triangularView<Eigen::Upper>().solveInPlace(solution);
}

}  // namespace ravine
