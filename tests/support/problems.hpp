#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "ravine/objective/objective.hpp"
#include "support/vectors.hpp"

// Objectives that know where their minimum is.

namespace ravine::testing {

/// sum_i (1 - w_i)^2 + curvature (w_{i+1} - w_i^2)^2, i = 1 .. n-1 (Rosenbrock 1960, chained);
/// least, 0, at (1, ..., 1).
template <class T = double>
class Rosenbrock {
 public:
  using Scalar = T;

  Rosenbrock(std::size_t size, double curvature) : curvature_(curvature) {
    layout_.add("w", 1, size);
  }

  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const T> w, const Evaluation&, std::span<T> gradient,
                         std::span<double> losses) const {
    losses[0] = 0;
    for (T& g : gradient) g = 0;
    for (std::size_t i = 0; i + 1 < w.size(); ++i) {
      const double x = w[i], rest = w[i + 1] - x * x;
      losses[0] += (1 - x) * (1 - x) + curvature_ * rest * rest;
      gradient[i] += static_cast<T>(-2 * (1 - x) - 4 * curvature_ * rest * x);
      gradient[i + 1] += static_cast<T>(2 * curvature_ * rest);
    }
  }

 private:
  double curvature_;
  ParameterLayout layout_;
};

/// Mean cross entropy of logistic regression, less its least value. The labels are the
/// probabilities that `minimiser` gives, so that it is the minimiser, and exactly.
class LogisticRegression {
 public:
  using Scalar = double;

  LogisticRegression(std::size_t samples, std::vector<double> minimiser)
      : samples_(samples),
        minimiser_(std::move(minimiser)),
        features_(normals(samples * minimiser_.size(), "features")) {
    layout_.add("w", 1, minimiser_.size());
  }

  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const Evaluation&, std::span<double> gradient,
                         std::span<double> losses) const {
    losses[0] = 0;
    for (double& g : gradient) g = 0;
    for (std::size_t i = 0; i < samples_; ++i) {
      const std::span<const double> x = std::span(features_).subspan(i * w.size(), w.size());
      double logit = 0, best = 0;
      for (std::size_t j = 0; j < w.size(); ++j) {
        logit += x[j] * w[j];
        best += x[j] * minimiser_[j];
      }
      const double p = probability(logit), label = probability(best);
      // The divergence of p from the label, without cancellation far from it.
      losses[0] += (label * std::log(label / p) + (1 - label) * std::log((1 - label) / (1 - p))) /
                   static_cast<double>(samples_);
      for (std::size_t j = 0; j < w.size(); ++j) {
        gradient[j] += (p - label) * x[j] / static_cast<double>(samples_);
      }
    }
  }

 private:
  static double probability(double logit) { return 1 / (1 + std::exp(-logit)); }

  std::size_t samples_;
  std::vector<double> minimiser_;
  std::vector<double> features_;  // (samples, n)
  ParameterLayout layout_;
};

}  // namespace ravine::testing
