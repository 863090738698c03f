#include "ravine/kernels/transpose.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/transpose.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/pack_transposed-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

void transpose_float(MatrixView<const float> a, MatrixView<float> b) {
  pack_transposed(a.data, a.stride, a.rows, a.cols, b.data, b.stride);
}
void transpose_double(MatrixView<const double> a, MatrixView<double> b) {
  pack_transposed(a.data, a.stride, a.rows, a.cols, b.data, b.stride);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(transpose_float);
HWY_EXPORT(transpose_double);

void transpose(MatrixView<const float> a, MatrixView<float> b) {
  check_shape("transpose", "B", b, a.cols, a.rows);
  HWY_DYNAMIC_DISPATCH(transpose_float)(a, b);
}
void transpose(MatrixView<const double> a, MatrixView<double> b) {
  check_shape("transpose", "B", b, a.cols, a.rows);
  HWY_DYNAMIC_DISPATCH(transpose_double)(a, b);
}

}  // namespace ravine
#endif
