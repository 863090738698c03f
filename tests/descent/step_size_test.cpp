#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/descent/descend.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "ravine/optimizer/momentum.hpp"
#include "ravine/optimizer/scaled_gradient.hpp"
#include "support/vectors.hpp"

// The limits and rates that docs/mathematics.md reads off the curvatures at a minimum.

namespace ravine {
namespace {

using testing::normals;

constexpr std::size_t kDimension = 12, kRank = 3;

/// Keeps the losses of a descent.
class Losses : public Observer<double> {
 public:
  void on_step(const StepEvent<double>& event, StopRequests&) override {
    values.push_back(event.losses[0]);
  }
  std::vector<double> values;
};

DescentOptions options_of(std::int64_t steps, double eta) {
  DescentOptions options;
  options.max_steps = steps;
  options.learning_rate = eta;
  return options;
}

/// X* = diag(sigma, 0, ..., 0), descended from near its factor of the exact rank.
template <class Rule>
std::vector<double> losses_near_the_truth(const Rule& rule, const std::vector<double>& sigma,
                                          double eta, std::int64_t steps) {
  std::vector<double> truth(kDimension * kDimension);
  std::vector<double> u = normals(kDimension * kRank, "away");
  for (double& entry : u) entry *= 1e-4 * std::sqrt(sigma.back());
  for (std::size_t k = 0; k < kRank; ++k) {
    truth[k * kDimension + k] = sigma[k];
    u[k * kRank + k] += std::sqrt(sigma[k]);
  }
  ThreadTeam team(1);
  MatrixSensing objective = population_sensing(
      MatrixView<const double>(truth.data(), kDimension, kDimension), kRank, team);
  Losses losses;
  Observer<double>* const observers[] = {&losses};
  (void)descend(objective, rule, std::span(u), options_of(steps, eta), observers, team);
  return losses.values;
}

/// The factor a step takes from the error |U U^T - X*| = sqrt(2 f), between two steps.
double rate_between(const std::vector<double>& losses, std::size_t first, std::size_t last) {
  return std::pow(losses[last] / losses[first], 0.5 / static_cast<double>(last - first));
}

TEST(StepSize, GradientDescentConvergesAtTheRateOfTheCurvatures) {
  const std::vector<double> sigma = {2, 1.4, 0.8};
  for (const double c : {0.05, 0.1, 0.4, 0.47}) {
    const double expected = std::max(1 - 2 * c * sigma[2] / sigma[0], std::abs(1 - 4 * c));
    // From where the slowest direction is alone to well above rounding.
    const auto last = static_cast<std::size_t>(std::log(1e-7) / std::log(expected));
    const std::vector<double> losses =
        losses_near_the_truth(GradientDescent(), sigma, c / sigma[0], std::int64_t(last));
    EXPECT_NEAR(rate_between(losses, last * 2 / 3, last), expected, 2e-3) << "c = " << c;
  }
}

TEST(StepSize, ScaledGradientDescentHasCurvaturesTwoAndFourWhateverTheSpectrum) {
  for (const std::vector<double>& sigma :
       std::vector<std::vector<double>>{{2, 1.4, 0.8}, {2, 0.02, 0.01}}) {
    for (const double eta : {0.1, 0.3, 0.4}) {
      const double expected = std::max(std::abs(1 - 2 * eta), std::abs(1 - 4 * eta));
      const auto last = static_cast<std::size_t>(std::log(1e-7) / std::log(expected));
      const std::vector<double> losses =
          losses_near_the_truth(ScaledGradient(), sigma, eta, std::int64_t(last));
      EXPECT_NEAR(rate_between(losses, last / 2, last), expected, 0.02) << "eta = " << eta;
    }
    const std::vector<double> losses = losses_near_the_truth(ScaledGradient(), sigma, 0.52, 200);
    EXPECT_GT(losses.back(), losses.front()) << "beyond one half the truth repels";
  }
}

TEST(StepSize, TheHeavyBallContractsUpToTwiceOnePlusItsMomentum) {
  ThreadTeam team(1);
  for (const double momentum : {0.3, 0.9}) {
    for (const double share : {0.97, 1.03}) {
      Quadratic objective({4}, {1});
      std::vector<double> w = {2};
      Momentum rule;
      rule.momentum = momentum;
      (void)descend(objective, rule, std::span(w), options_of(600, share * 2 * (1 + momentum) / 4),
                    {}, team);
      if (share < 1) {
        EXPECT_NEAR(w[0], 1, 1e-2) << momentum;
      } else {
        EXPECT_GT(std::abs(w[0] - 1), 10) << momentum;
      }
    }
  }
}

}  // namespace
}  // namespace ravine
