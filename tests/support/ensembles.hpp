#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "ravine/objective/measurement_ensemble.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine::testing {

/// m measurements of N(0, 1) numbers of the type T, the same for the same sizes.
template <class T>
MeasurementEnsemble ensemble_of(std::size_t dimension, std::size_t m) {
  AlignedBuffer<T> rows(m * svec_size(dimension));
  RandomStream(1, "rows").fill_normal(std::span<T>(rows));
  return {dimension, m, std::move(rows)};
}

}  // namespace ravine::testing
