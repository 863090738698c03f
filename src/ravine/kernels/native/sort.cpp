#include "ravine/kernels/sort.hpp"

#include <hwy/contrib/sort/vqsort.h>

namespace ravine {

void sort_ascending(std::span<double> x) {
  thread_local const hwy::Sorter sorter;
  sorter(x.data(), x.size(), hwy::SortAscending());
}

}  // namespace ravine
