#include "ravine/objective/rank_one_vectors.hpp"

#include <algorithm>
#include <numbers>
#include <optional>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

namespace {

constexpr std::size_t kBlockRows = 64;  // in cache while all candidates pass over them

/// Calls use(first, block) for the vectors of some rows, block by block.
template <class Use>
void for_each_block(MatrixView<const double> vectors, IndexRange rows, Use use) {
  for (std::size_t top = rows.begin; top < rows.end; top += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, rows.end - top);
    use(top - rows.begin, vectors.middle_rows(top, count));
  }
}

/// Z = A U of a block, (count, R).
class BlockProduct {
 public:
  BlockProduct(MatrixView<const double> block, MatrixView<const double> factor)
      : numbers_(block.rows * factor.cols), view_(numbers_.data(), block.rows, factor.cols) {
    matmul(block, factor, view_);
  }
  std::span<double> row(std::size_t i) { return view_.row(i); }
  MatrixView<const double> view() const { return view_; }

 private:
  AlignedBuffer<double> numbers_;
  MatrixView<double> view_;
};

/// product += 2 A^T W with rows w_i = r_i z_i, or s_i z_i + r_i q_i, s_i = 2 <z_i, q_i>, q_i that
/// of the direction. Returns sum r_i^2.
double add_block(MatrixView<const double> block, std::span<const double> values,
                 const Factor& factor, MatrixView<double> product) {
  BlockProduct z(block, factor.u);
  std::optional<BlockProduct> q;
  if (factor.v.data != nullptr) q.emplace(block, factor.v);
  double squares = 0;
  for (std::size_t i = 0; i < block.rows; ++i) {
    const std::span<double> row = z.row(i);
    const double residual = squared_norm(std::span<const double>(row)) - values[i];
    squares += residual * residual;
    const double weight = q ? 2 * dot(std::span<const double>(row), q->row(i)) : residual;
    for (double& entry : row) entry *= 2 * weight;
    if (q) add_scaled(2 * residual, q->row(i), row);
  }
  matmul_transposed(block, z.view(), product, Store::accumulate);
  return squares;
}

}  // namespace

void RankOneVectors::pass(IndexRange rows, std::span<const double> values,
                          MatrixView<const double> x, MatrixView<double> residuals,
                          MatrixView<double> adjoints) const {
  const std::size_t d = vectors_.cols;
  AlignedBuffer<double> matrix(d * d), gram(d * d);
  std::vector<double> packed(svec_size(d));
  const MatrixView<double> candidate(matrix.data(), d, d), sum(gram.data(), d, d);
  for (std::size_t k = 0; k < x.rows; ++k) {
    smat(x.row(k), 1, candidate);
    std::ranges::fill(gram, 0.0);
    for_each_block(vectors_, rows, [&](std::size_t first, MatrixView<const double> block) {
      BlockProduct product(block, candidate);
      for (std::size_t i = 0; i < block.rows; ++i) {
        const double residual =
            dot(std::span<const double>(product.row(i)), block.row(i)) - values[first + i];
        residuals(k, first + i) = residual;
        for (std::size_t j = 0; j < d; ++j) product.row(i)[j] = residual * block(i, j);
      }
      matmul_transposed(block, product.view(), sum, Store::accumulate);
    });
    svec(sum, packed);
    add_scaled(1, packed, adjoints.row(k));
  }
}

void RankOneVectors::copy_rows(std::size_t first, MatrixView<double> out) const {
  for (std::size_t i = 0; i < out.rows; ++i) {
    const std::span<const double> a = vectors_.row(first + i);
    auto entry = out.row(i).begin();
    for (std::size_t j = 0; j < vectors_.cols; ++j) {
      *entry++ = a[j] * a[j];
      for (std::size_t k = j + 1; k < vectors_.cols; ++k)
        *entry++ = std::numbers::sqrt2 * a[j] * a[k];
    }
  }
}

void RankOneVectors::pass_factors(IndexRange rows, std::span<const double> values,
                                  std::span<const Factor> factors, std::span<double> sums) const {
  for_each_block(vectors_, rows, [&](std::size_t first, MatrixView<const double> block) {
    std::size_t offset = 0;
    for (const Factor& factor : factors) {
      const MatrixView<double> product(sums.data() + offset, vectors_.cols, factor.u.cols);
      offset += product.size() + 1;
      sums[offset - 1] += add_block(block, values.subspan(first, block.rows), factor, product);
    }
  });
}

}  // namespace ravine
