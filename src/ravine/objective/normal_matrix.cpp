#include "ravine/objective/normal_matrix.hpp"

#include <algorithm>
#include <atomic>

#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/shape_check.hpp"
#include "ravine/kernels/symmetric_panel.hpp"

namespace ravine {

namespace {

constexpr std::size_t kPanelRows = 96;          // whole tiles of the matrix product
constexpr std::size_t kMeasurementBlock = 192;  // made float64 at once; two depths of the product
constexpr std::size_t kMaxChunks = 16;

// A panel and its mirror image hold together as much as any other such pair, so pairs are what the
// chunks of a product are made of.
std::size_t pairs_of(std::size_t panels) { return (panels + 1) / 2; }

std::size_t panel_offset(std::size_t index) {
  return kPanelRows * kPanelRows * (index * (index + 1) / 2);
}

}  // namespace

NormalMatrix::NormalMatrix(const MeasurementEnsemble& ensemble, ThreadTeam& team)
    : size_(ensemble.unknowns()),
      team_(team),
      elements_(panel_offset(panels())),
      sum_(std::min(kMaxChunks, pairs_of(panels()))) {
  build(ensemble);
}

void NormalMatrix::build(const MeasurementEnsemble& ensemble) {
  const std::size_t m = ensemble.count();
  AlignedBuffer<double> buffer(std::min(m, kMeasurementBlock) * size_);
  for (std::size_t top = 0; top < m; top += kMeasurementBlock) {
    const MatrixView<double> block(buffer.data(), std::min(kMeasurementBlock, m - top), size_);
    std::atomic<std::size_t> taken = 0;
    team_.run([&](int member) {
      const IndexRange mine = split_range(block.rows, team_.size(), member);
      ensemble.form().copy_rows(top + mine.begin, block.middle_rows(mine.begin, mine.size()));
      team_.barrier();
      for (std::size_t i = taken++; i < panels(); i = taken++) {
        add_products(block, panels() - 1 - i);  // large ones first
      }
    });
  }
}

std::size_t NormalMatrix::panels() const { return (size_ + kPanelRows - 1) / kPanelRows; }

MatrixView<double> NormalMatrix::panel(std::size_t index) {
  const std::size_t begin = index * kPanelRows;
  const std::size_t end = std::min(size_, begin + kPanelRows);
  return {elements_.data() + panel_offset(index), end - begin, end};
}

/// The panel += what the measurements of a block, (count, p), have in it.
void NormalMatrix::add_products(MatrixView<const double> block, std::size_t index) {
  const MatrixView<double> to = panel(index);
  const MatrixView<const double> left(block.data + index * kPanelRows, block.rows, to.rows,
                                      block.stride);
  const MatrixView<const double> right(block.data, block.rows, to.cols, block.stride);
  matmul_transposed(left, right, to, Store::accumulate);
}

void NormalMatrix::multiply(MatrixView<const double> x, MatrixView<double> y) {
  check_shape("normal_matrix", "x", x, x.rows, size_);
  check_shape("normal_matrix", "y", y, x.rows, size_);
  check_shape("normal_matrix", "stride of y", MatrixView(y.data, x.rows, y.stride), x.rows,
              x.stride);
  const std::span<double> all(y.data, x.rows == 0 ? 0 : (x.rows - 1) * x.stride + size_);
  sum_.resize(all.size());
  team_.run([&](int member) {
    const IndexRange mine = sum_.chunks_of(member, team_);
    for (std::size_t chunk = mine.begin; chunk < mine.end; ++chunk) {
      const MatrixView<double> sum(sum_.start(chunk).data(), x.rows, size_, x.stride);
      const IndexRange pairs =
          split_range(pairs_of(panels()), sum_.chunks(), static_cast<int>(chunk));
      for (std::size_t small = pairs.begin; small < pairs.end; ++small) {
        const std::size_t large = panels() - 1 - small;
        symmetric_panel(panel(small), x, sum);
        if (large != small) symmetric_panel(panel(large), x, sum);
      }
    }
    team_.barrier();
    sum_.add_up(member, team_, all);
  });
}

}  // namespace ravine
