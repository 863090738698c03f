#pragma once

#include <span>

#include "ravine/kernels/measured_step.hpp"

/// Plain loops, the meaning of the functions in ravine/kernels/measured_step.hpp.
namespace ravine::ref {

StepSums add_scaled_and_measure(double factor, std::span<const float> x,
                                std::span<const float> before, std::span<float> y, bool weighs);
StepSums add_scaled_and_measure(double factor, std::span<const double> x,
                                std::span<const double> before, std::span<double> y, bool weighs);

}  // namespace ravine::ref
