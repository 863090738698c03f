#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "ravine/base/line_fit.hpp"
#include "ravine/probe/loss_slice.hpp"
#include "ravine/study/landscape_points.hpp"
#include "ravine/study/slice_paths.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

struct SliceOptions {
  std::size_t points = 41;         ///< grid points a side
  std::size_t draws = 8;           ///< instances for each number of measurements
  std::int64_t iterations = 3000;  ///< at most, of each path
  std::uint64_t seed = 1234;
};

/// The plane of a landscape's slices, which holds its critical points and which descent on the
/// population loss never leaves. Rank 1: 0, u* at (1, 0), and a random direction orthogonal to u*
/// and as long. Higher ranks: from the point that keeps all eigenpairs of X* but the first two,
/// along sqrt(sigma_1) q_1 e_1^T and sqrt(sigma_2) q_2 e_2^T, so that the corners (+-1, +-1) are
/// global minima and (0, 0), (+-1, 0), (0, +-1) saddles. The dimension must be 2 or more.
SlicePlane slice_plane(const LandscapeProblem& problem, std::uint64_t seed);

/// One loss over the plane.
struct LandscapeSlice {
  LossKind kind = LossKind::population;
  std::size_t measurements = 0;  ///< 0: of the population
  LossSlice slice;
  std::vector<SlicePath> paths;
};

/// Largest |f - E f| over the plane for one instance, over E f at U = 0.
struct SliceDeviation {
  std::size_t measurements = 0;
  std::size_t draw = 0;  ///< from 1
  double largest = 0;
};

struct LandscapeSlices {
  std::vector<LandscapeSlice> slices;      ///< population, few measurements, all measurements
  std::vector<SliceDeviation> deviations;  ///< of instances of their own
  LineFit fit{};                           ///< log10 of the mean deviation over log10 m; NaN: none
};

/// Slices the population loss and the sampled one for growing m through that plane, with descents
/// drawn into it, and measures how far the sampled ones are from the population's.
LandscapeSlices slice_landscape(const LandscapeProblem& problem, const SliceOptions& options,
                                const StudyContext& context);

/// The mean of `largest` over the draws, by number of measurements.
std::map<std::size_t, double> mean_deviations(const std::vector<SliceDeviation>& deviations);

}  // namespace ravine
