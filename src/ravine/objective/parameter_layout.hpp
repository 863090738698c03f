#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// A named matrix inside the flat parameter vector: a layer's weights, a factor of a matrix.
struct ParameterBlock {
  std::string name;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t offset = 0;  ///< of its first element in the flat vector
  std::size_t member = 0;  ///< which of the objective's independent members it belongs to
  std::size_t size() const { return rows * cols; }
};

/// Names the parts of one flat parameter vector. Blocks lie one after the other, row-major. A
/// gradient has the same layout as its parameters.
///
/// An objective may consist of independent members that share work, such as one sensing instance
/// descended from several starts: each member has blocks and a loss of its own.
class ParameterLayout {
 public:
  /// Appends a block. Members are numbered from 0 without gaps.
  void add(std::string name, std::size_t rows, std::size_t cols, std::size_t member = 0);

  const std::vector<ParameterBlock>& blocks() const { return blocks_; }
  std::size_t size() const { return size_; }
  std::size_t members() const { return members_; }

  /// Block number `index` of a flat vector of size().
  template <class T>
  MatrixView<T> view(std::span<T> flat, std::size_t index) const {
    const ParameterBlock& block = blocks_[index];
    return {flat.data() + block.offset, block.rows, block.cols};
  }

 private:
  std::vector<ParameterBlock> blocks_;
  std::size_t size_ = 0;
  std::size_t members_ = 0;
};

}  // namespace ravine
