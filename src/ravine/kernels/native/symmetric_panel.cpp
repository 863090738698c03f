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

/// Arrays of one call; y are the products, of which the first `top` get the rows themselves.
struct Panel : RowPass<double> {
  std::size_t cols;
  std::size_t top;
};

/// Tile by tile, so that those of x and y stay in cache for some groups of kRows rows: while a tile
/// of a group is in cache, its products with x and its rows.
template <std::size_t kRows, std::size_t kMembers>
void multiply_groups(const Panel& panel, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  constexpr std::size_t kGroups = 4;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = panel.cols / lanes * lanes;
  const std::size_t whole_top = panel.top / lanes * lanes;
  const auto ahead = group_ahead<kRows, double>(panel);
  for (std::size_t done = 0; done < groups; done += kGroups) {
    const std::size_t count = HWY_MIN(kGroups, groups - done);
    const auto row = [&](std::size_t g) { return first + (done + g) * kRows; };
    alignas(64) double sums[kGroups][kSums] = {};
    for_each_tile<kTileColumns / 4>(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t g = 0; g < count; ++g) {
        add_products<kRows, kMembers, D, double>(d, panel, row(g), begin, end, sums[g], ahead);
        const Adjoint<kRows, kMembers, D, double> adjoint(d, panel, row(g));
        for (std::size_t j = begin; j < HWY_MIN(end, whole_top); j += lanes) {
          adjoint.add(d, j, no_fetch<double>);
        }
      }
    });
    for (std::size_t g = 0; g < count; ++g) {
      add_adjoint_tail<kRows, kMembers>(panel, row(g), whole_top, panel.top);
      for (std::size_t i = 0; i < kRows; ++i) {
        for (std::size_t k = 0; k < kMembers; ++k) {
          panel.adjoint[k * panel.adjoint_stride + panel.top + row(g) + i] += finish_product(
              d, panel, row(g) + i, k, whole, panel.cols, sums[g] + (i * kMembers + k) * lanes);
        }
      }
    }
  }
}

void symmetric_panel_double(MatrixView<const double> panel, MatrixView<const double> x,
                            MatrixView<double> y) {
  const std::size_t top = panel.cols - panel.rows;
  for (std::size_t k = 0; k < x.rows; k += kMaxMembers) {
    const double* const xk = x.data + k * x.stride;
    const Panel part{{panel.data, panel.stride, xk, x.stride, xk + top, x.stride,
                      y.data + k * y.stride, y.stride},
                     panel.cols,
                     top};
    for_row_groups(panel.rows, HWY_MIN(kMaxMembers, x.rows - k), false,
                   [&](auto group, auto members, std::size_t first, std::size_t groups) {
                     multiply_groups<group(), members()>(part, first, groups);
                   });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(symmetric_panel_double);

void symmetric_panel(MatrixView<const double> panel, MatrixView<const double> x,
                     MatrixView<double> y) {
  if (panel.rows > panel.cols || x.cols < panel.cols) {
    throw ShapeError(
        error_text("symmetric_panel", "panel",
                   fmt::format("no more rows than columns, at most {} of them", x.cols),
                   fmt::format("{} x {}", panel.rows, panel.cols)));
  }
  check_shape("symmetric_panel", "y", y, x.rows, x.cols);
  HWY_DYNAMIC_DISPATCH(symmetric_panel_double)(panel, x, y);
}

}  // namespace ravine
#endif
