#include "ravine/kernels/ref/vector_ops.hpp"

#include <cstddef>
#include <numeric>

namespace ravine::ref {

namespace {

template <class T>
double dot_of(std::span<const T> x, std::span<const T> y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += static_cast<double>(x[i]) * y[i];
  return sum;
}

template <class T>
double squared_distance_of(std::span<const T> x, std::span<const T> y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto difference = static_cast<double>(x[i] - y[i]);
    sum += difference * difference;
  }
  return sum;
}

template <class T>
void add_scaled_of(double factor, std::span<const T> x, std::span<T> y) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(y[i] + factor * x[i]);
}

template <class T>
void affine_from_bytes_of(std::span<const std::uint8_t> bytes, double scale, double shift,
                          std::span<T> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(scale * bytes[i] + shift);
}

}  // namespace

double sum(std::span<const float> x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double sum(std::span<const double> x) { return std::accumulate(x.begin(), x.end(), 0.0); }

double squared_norm(std::span<const float> x) { return dot_of(x, x); }
double squared_norm(std::span<const double> x) { return dot_of(x, x); }

double dot(std::span<const float> x, std::span<const float> y) { return dot_of(x, y); }
double dot(std::span<const double> x, std::span<const double> y) { return dot_of(x, y); }

double squared_distance(std::span<const float> x, std::span<const float> y) {
  return squared_distance_of(x, y);
}
double squared_distance(std::span<const double> x, std::span<const double> y) {
  return squared_distance_of(x, y);
}

void add_scaled(double factor, std::span<const float> x, std::span<float> y) {
  add_scaled_of(factor, x, y);
}
void add_scaled(double factor, std::span<const double> x, std::span<double> y) {
  add_scaled_of(factor, x, y);
}

void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<float> out) {
  affine_from_bytes_of(bytes, scale, shift, out);
}
void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<double> out) {
  affine_from_bytes_of(bytes, scale, shift, out);
}

}  // namespace ravine::ref
