#include "ravine/objective/normal_matrix.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <numeric>

#include "ravine/base/team_buffer.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/shape_check.hpp"

namespace ravine {

namespace {

constexpr std::size_t kPanelRows = SymmetricPanel<double>::kMaxRows;
constexpr std::size_t kMeasurementBlock = 384;  // made float64 at once; whole depths of the product
constexpr std::size_t kMaxChunks = 16;

// A panel and its mirror image hold together as much as any other such pair, but for the pair of
// the last panel and, where panels are odd, the middle one. Pairs are what the chunks of a product
// are made of.
std::size_t pairs_of(std::size_t panels) { return (panels + 1) / 2; }

/// Where to cut things of given sizes into `parts` that are equally large, to half a thing: the
/// first of every part, and their number.
std::vector<std::size_t> balanced_cuts(std::span<const std::size_t> sizes, std::size_t parts) {
  const std::size_t total = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  std::vector<std::size_t> cuts = {0};
  std::size_t before = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    while (cuts.size() < parts && before + sizes[i] / 2 > total * cuts.size() / parts) {
      cuts.push_back(i);
    }
    before += sizes[i];
  }
  cuts.resize(parts + 1, sizes.size());
  return cuts;
}

/// Every chunk has a sum of its own: at least two pairs repay it.
std::size_t chunks_of(std::size_t panels) {
  return std::min(kMaxChunks, std::bit_floor(std::max<std::size_t>(2, pairs_of(panels)) / 2));
}

std::size_t panel_offset(std::size_t index) {
  return kPanelRows * kPanelRows * (index * (index + 1) / 2);
}

}  // namespace

NormalMatrix::NormalMatrix(const MeasurementEnsemble& ensemble, ThreadTeam& team)
    : size_(ensemble.unknowns()),
      team_(team),
      elements_(team_buffer<double>(panel_offset(panels()), team)),
      sum_(chunks_of(panels())) {
  build(ensemble);
  std::vector<std::size_t> elements(pairs_of(panels()));
  for (std::size_t index = 0; index < panels(); ++index) {
    const SymmetricPanel<const double> rows = panel(index);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      mean_eigenvalue_ += rows(i, rows.cols - rows.rows + i);
    }
    elements[std::min(index, panels() - 1 - index)] += rows.rows * rows.cols;
  }
  first_pairs_ = balanced_cuts(elements, static_cast<std::size_t>(sum_.chunks()));
  mean_eigenvalue_ /= static_cast<double>(size_);
}

void NormalMatrix::build(const MeasurementEnsemble& ensemble) {
  const std::size_t m = ensemble.count();
  AlignedBuffer<double> buffer(std::min(m, kMeasurementBlock) * size_);
  for (std::size_t top = 0; top < m; top += kMeasurementBlock) {
    const MatrixView<double> rows(buffer.data(), std::min(kMeasurementBlock, m - top), size_);
    std::atomic<std::size_t> taken = 0;
    team_.run([&](int member) {
      const IndexRange mine = split_range(rows.rows, team_.size(), member);
      ensemble.form().copy_rows(top + mine.begin, rows.middle_rows(mine.begin, mine.size()));
      team_.barrier();
      for (std::size_t i = taken++; i < panels(); i = taken++) {
        add_products(rows, panel(panels() - 1 - i));  // large ones first
      }
    });
  }
}

std::size_t NormalMatrix::panels() const { return (size_ + kPanelRows - 1) / kPanelRows; }

SymmetricPanel<double> NormalMatrix::panel(std::size_t index) {
  const std::size_t begin = index * kPanelRows;
  const std::size_t end = std::min(size_, begin + kPanelRows);
  return {elements_.data() + panel_offset(index), end - begin, end};
}

/// The panel += what some measurements, (count, p), have in it.
void NormalMatrix::add_products(MatrixView<const double> rows,
                                const SymmetricPanel<double>& panel) {
  const auto columns = [&](std::size_t first, std::size_t count) {
    return MatrixView<const double>(rows.data + first, rows.rows, count, rows.stride);
  };
  const MatrixView<const double> left = columns(panel.cols - panel.rows, panel.rows);
  for (std::size_t column = 0; column < panel.cols; column += panel.kBlockColumns) {
    const MatrixView<double> block = panel.block(column);
    matmul_transposed(left, columns(column, block.cols), block, Store::accumulate);
  }
}

void NormalMatrix::multiply(MatrixView<const double> x, MatrixView<double> y) {
  check_shape("normal_matrix", "x", x, x.rows, size_);
  check_shape("normal_matrix", "y", y, x.rows, size_);
  check_shape("normal_matrix", "stride of y", MatrixView(y.data, x.rows, y.stride), x.rows,
              x.stride);
  const std::span<double> all(y.data, x.rows == 0 ? 0 : (x.rows - 1) * x.stride + size_);
  sum_.resize(all.size());
  team_.run([&](int member) {
    sum_.add_chunks(member, team_, [&](std::size_t chunk, std::span<double> buffer) {
      const MatrixView<double> sum(buffer.data(), x.rows, size_, x.stride);
      for (std::size_t small = first_pairs_[chunk]; small < first_pairs_[chunk + 1]; ++small) {
        const std::size_t large = panels() - 1 - small;
        symmetric_panel(panel(small), x, sum);
        if (large != small) symmetric_panel(panel(large), x, sum);
      }
    });
    team_.barrier();
    sum_.add_up(member, team_, all);
  });
}

}  // namespace ravine
