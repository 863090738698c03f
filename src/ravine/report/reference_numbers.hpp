#pragma once

#include <array>

// What a run is compared with: the printouts of the notebook that Ravine grew out of, and ranges
// that other implementations gave for the same problems.
namespace ravine::report {

/// Mean gradient norm of layer 1 that the notebook printed for its epochs 1 to 5.
inline constexpr std::array<double, 5> kNotebookLayer1{0.792060, 0.875295, 0.893819, 0.898508,
                                                       0.897839};
/// Mean gradient norm of layer 4 that it printed for its epochs 36 to 40.
inline constexpr std::array<double, 5> kNotebookLayer4{0.270867, 0.261647, 0.260294, 0.256990,
                                                       0.247954};
inline constexpr int kNotebookLayer4FirstEpoch = 36;

struct Range {
  double low;
  double high;
  bool holds(double value) const { return value >= low && value <= high; }
};

/// Mean gradient norms of the reference network in ten PyTorch runs, smallest and largest.
struct EpochNorms {
  int epoch;
  std::array<Range, 4> layers;
};
inline constexpr std::array<EpochNorms, 4> kPyTorchNorms{{
    {1, {{{0.426, 0.509}, {0.251, 0.314}, {0.286, 0.358}, {0.309, 0.405}}}},
    {2, {{{0.759, 0.796}, {0.538, 0.586}, {0.626, 0.692}, {0.748, 0.833}}}},
    {5, {{{0.879, 0.899}, {0.582, 0.618}, {0.607, 0.668}, {0.631, 0.679}}}},
    {10, {{{0.883, 0.934}, {0.539, 0.609}, {0.516, 0.559}, {0.476, 0.524}}}},
}};

/// Iterations to relative error 1e-3, 1e-6, 1e-10 at exact rank (d = 100, r = R = 5, m = 5000).
struct ExactRankIterations {
  double step;  // c = eta sigma_1
  std::array<Range, 3> iterations;
};
inline constexpr std::array<ExactRankIterations, 3> kExactRank{{
    {0.1, {{{106, 140}, {204, 266}, {343, 445}}}},
    {0.3, {{{34, 45}, {65, 85}, {108, 141}}}},
    {0.4, {{{25, 33}, {48, 62}, {79, 103}}}},
}};

/// Over-parameterised sensing (d = R = 100, r = 5, c = 0.1): the final relative error by alpha.
struct OverparameterisedError {
  int measurements;
  int iterations;
  double alpha;
  Range relative_error;
};
/// Where one value is known, the range is that value.
inline constexpr std::array<OverparameterisedError, 12> kOverparameterised{{
    {5000, 1000, 1.0, {0.11, 0.11}},
    {5000, 1000, 1e-1, {0.024, 0.024}},
    {5000, 1000, 1e-2, {3.3e-3, 3.3e-3}},
    {5000, 1000, 1e-3, {3.2e-4, 3.2e-4}},
    {5000, 1000, 1e-4, {2.5e-5, 2.5e-5}},
    {5000, 1000, 1e-5, {2.0e-6, 2.0e-6}},
    {2000, 1500, 1.0, {2.6, 3.0}},
    {2000, 1500, 1e-1, {0.09, 0.12}},
    {2000, 1500, 1e-5, {2.0e-4, 2.4e-4}},
    {1500, 1500, 1.0, {2.6, 3.0}},
    {1500, 1500, 1e-1, {0.21, 0.22}},
    {1500, 1500, 1e-5, {6.8e-4, 1.0e-3}},
}};

}  // namespace ravine::report
