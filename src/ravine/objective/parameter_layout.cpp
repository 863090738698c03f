#include "ravine/objective/parameter_layout.hpp"

#include <algorithm>
#include <utility>

namespace ravine {

void ParameterLayout::add(std::string name, std::size_t rows, std::size_t cols,
                          std::size_t member) {
  blocks_.push_back({std::move(name), rows, cols, size_, member});
  size_ += rows * cols;
  members_ = std::max(members_, member + 1);
}

}  // namespace ravine
