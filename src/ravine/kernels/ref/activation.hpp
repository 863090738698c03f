#pragma once

#include <span>

#include "ravine/kernels/activation.hpp"

namespace ravine::ref {

void activate(Activation activation, std::span<float> z);
void activate(Activation activation, std::span<double> z);

void multiply_by_derivative(Activation activation, std::span<const float> at,
                            std::span<float> delta);
void multiply_by_derivative(Activation activation, std::span<const double> at,
                            std::span<double> delta);

}  // namespace ravine::ref
