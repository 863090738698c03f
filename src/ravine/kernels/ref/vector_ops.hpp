#pragma once

#include <cstdint>
#include <span>

namespace ravine::ref {

double sum(std::span<const float> x);
double sum(std::span<const double> x);

double squared_norm(std::span<const float> x);
double squared_norm(std::span<const double> x);

double dot(std::span<const float> x, std::span<const float> y);
double dot(std::span<const double> x, std::span<const double> y);

double squared_distance(std::span<const float> x, std::span<const float> y);
double squared_distance(std::span<const double> x, std::span<const double> y);

void add_scaled(double factor, std::span<const float> x, std::span<float> y);
void add_scaled(double factor, std::span<const double> x, std::span<double> y);

void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<float> out);
void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<double> out);

}  // namespace ravine::ref
