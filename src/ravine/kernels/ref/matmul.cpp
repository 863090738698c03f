#include "ravine/kernels/ref/matmul.hpp"

#include "ravine/kernels/shape_check.hpp"

namespace ravine::ref {

namespace {

/// c(i, j) (+)= sum_p a(i, p) b(p, j), with a and b functions of two indexes.
template <class T, class A, class B>
void multiply(A a, B b, std::size_t depth, MatrixView<T> c, Store store) {
  for (std::size_t i = 0; i < c.rows; ++i) {
    for (std::size_t j = 0; j < c.cols; ++j) {
      double sum = store == Store::accumulate ? c(i, j) : 0;
      for (std::size_t p = 0; p < depth; ++p) sum += static_cast<double>(a(i, p)) * b(p, j);
      c(i, j) = static_cast<T>(sum);
    }
  }
}

template <class T>
auto transposed(MatrixView<const T> m) {
  return [m](std::size_t i, std::size_t j) { return m(j, i); };
}

template <class T>
void matmul_of(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, Store store) {
  check_shape("matmul", "A", a, c.rows, b.rows);
  check_shape("matmul", "C", c, a.rows, b.cols);
  multiply(a, b, b.rows, c, store);
}

template <class T>
void matmul_transposed_of(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c,
                          Store store) {
  check_shape("matmul_transposed", "A", a, b.rows, c.rows);
  check_shape("matmul_transposed", "C", c, a.cols, b.cols);
  multiply(transposed(a), b, b.rows, c, store);
}

template <class T>
void matmul_by_transposed_of(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c,
                             Store store) {
  check_shape("matmul_by_transposed", "A", a, c.rows, b.cols);
  check_shape("matmul_by_transposed", "C", c, a.rows, b.rows);
  multiply(a, transposed(b), b.cols, c, store);
}

}  // namespace

void matmul(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
            Store store) {
  matmul_of(a, b, c, store);
}
void matmul(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
            Store store) {
  matmul_of(a, b, c, store);
}
void matmul_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                       Store store) {
  matmul_transposed_of(a, b, c, store);
}
void matmul_transposed(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                       Store store) {
  matmul_transposed_of(a, b, c, store);
}

void matmul_by_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                          Store store) {
  matmul_by_transposed_of(a, b, c, store);
}
void matmul_by_transposed(MatrixView<const double> a, MatrixView<const double> b,
                          MatrixView<double> c, Store store) {
  matmul_by_transposed_of(a, b, c, store);
}

}  // namespace ravine::ref
