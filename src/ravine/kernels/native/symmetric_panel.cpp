#include "ravine/kernels/symmetric_panel.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/symmetric_panel.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/row_pass-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

using Panel = SymmetricPanel<const double>;

/// Arrays of one block of a panel. The adjoints are of its columns, of which the first `top` stand
/// for their mirror images.
struct Block : RowPass<double> {
  std::size_t cols;
  std::size_t top;
};

/// While a group of kRows rows is in first-level cache, its products with x, added to
/// sums[row][k], a vector of partial sums each, and its adjoints.
template <std::size_t kRows, std::size_t kMembers>
void multiply_groups(const Block& block, std::size_t first, std::size_t groups, double* sums) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kGroupsAhead = kRows < 8 ? 2 : 1;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = block.cols / lanes * lanes;
  const std::size_t whole_top = block.top / lanes * lanes;
  for (std::size_t row = first; row < first + groups * kRows; row += kRows) {
    const double* const next = block.rows + (row + kGroupsAhead * kRows) * block.row_stride;
    NextGroup<kRows, 2, hn::MaxLanes(D()), double> fetch(next);
    double* const row_sums = sums + row * kMembers * lanes;
    Products<kRows, kMembers, D, double> products(d, block, row, 0, row_sums);
    add_vectors(d, products, whole, fetch);
    products.store(d, row_sums);
    Adjoint<kRows, kMembers, D, double> adjoint(d, block, row, 0);
    add_vectors(d, adjoint, whole_top, fetch);
    add_adjoint_tail<kRows, kMembers>(block, row, whole_top, block.top);
  }
}

Block block_of(const Panel& panel, std::size_t column, MatrixView<const double> x,
               MatrixView<double> y) {
  const MatrixView<const double> view = panel.block(column);
  const std::size_t top = panel.cols - panel.rows;
  return {{view.data, view.stride, x.data + column, x.stride, x.data + top, x.stride,
           y.data + column, y.stride},
          view.cols,
          HWY_MIN(view.cols, top - HWY_MIN(top, column))};
}

/// For at most kMaxMembers vectors.
void multiply_members(const Panel& panel, MatrixView<const double> x, MatrixView<double> y) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  alignas(64) double sums[Panel::kMaxRows * kMaxMembers * HWY_MAX_BYTES / sizeof(double)];
  std::fill_n(sums, panel.rows * x.rows * lanes, 0.0);
  for (std::size_t column = 0; column < panel.cols; column += Panel::kBlockColumns) {
    const Block block = block_of(panel, column, x, y);
    for_row_groups<kGroupRows<1>>(
        panel.rows, x.rows, [&](auto group, auto members, std::size_t first, std::size_t groups) {
          multiply_groups<group(), members()>(block, first, groups, sums);
        });
  }
  const std::size_t last_column = (panel.cols - 1) / Panel::kBlockColumns * Panel::kBlockColumns;
  const Block last = block_of(panel, last_column, x, y);
  const std::size_t whole = last.cols / lanes * lanes;
  for (std::size_t i = 0; i < panel.rows; ++i) {
    for (std::size_t k = 0; k < x.rows; ++k) {
      y(k, panel.cols - panel.rows + i) +=
          finish_product(d, last, i, k, whole, last.cols, sums + (i * x.rows + k) * lanes);
    }
  }
}

void symmetric_panel_double(const Panel& panel, MatrixView<const double> x, MatrixView<double> y) {
  if (panel.rows == 0) return;
  for (std::size_t k = 0; k < x.rows; k += kMaxMembers) {
    const std::size_t members = HWY_MIN(kMaxMembers, x.rows - k);
    multiply_members(panel, x.middle_rows(k, members), y.middle_rows(k, members));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(symmetric_panel_double);

void symmetric_panel(SymmetricPanel<const double> panel, MatrixView<const double> x,
                     MatrixView<double> y) {
  if (panel.rows > std::min(panel.cols, panel.kMaxRows) || x.cols < panel.cols) {
    throw ShapeError(error_text(
        "symmetric_panel", "panel",
        fmt::format("no more rows than columns and {}, at most {} columns", panel.kMaxRows, x.cols),
        fmt::format("{} x {}", panel.rows, panel.cols)));
  }
  check_shape("symmetric_panel", "y", y, x.rows, x.cols);
  HWY_DYNAMIC_DISPATCH(symmetric_panel_double)(panel, x, y);
}

}  // namespace ravine
#endif
