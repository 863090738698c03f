#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/objective/population_sensing.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine::testing {

inline std::vector<double> normal_numbers(std::size_t count, std::string_view name) {
  std::vector<double> numbers(count);
  RandomStream(7, name).fill_normal(std::span<double>(numbers));
  return numbers;
}

/// X* = U* U*^T for a Gaussian U*, (dimension, rank).
inline std::vector<double> low_rank_truth(std::size_t dimension, std::size_t rank) {
  const std::vector<double> u = normal_numbers(dimension * rank, "truth");
  std::vector<double> x(dimension * dimension);
  for (std::size_t i = 0; i < dimension; ++i) {
    for (std::size_t j = 0; j < dimension; ++j) {
      for (std::size_t k = 0; k < rank; ++k) {
        x[i * dimension + j] += u[i * rank + k] * u[j * rank + k];
      }
    }
  }
  return x;
}

/// A network on random images, all that Mlp<double> needs, alive as long as this.
struct SmallNetwork {
  static constexpr std::size_t kInputs = 12;
  static constexpr std::size_t kClasses = 4;

  SmallNetwork(Activation activation, bool bias, std::size_t samples = 10)
      : pixels(samples * kInputs),
        labels(samples),
        config{kInputs, {9, 7}, kClasses, activation, bias},
        mlp(config, images(), Batcher(samples, samples, 1, false), team) {
    point.resize(mlp.layout().size());
    RandomStream(5, "small network").fill_normal(std::span<double>(point));
    for (double& w : point) w *= 0.5;
  }

  LabelledPixels images() {
    std::vector<double> uniform(pixels.size());
    RandomStream(3, "pixels").fill_uniform(std::span<double>(uniform), 0, 255.9);
    std::ranges::transform(uniform, pixels.begin(),
                           [](double u) { return static_cast<std::uint8_t>(u); });
    for (std::size_t i = 0; i < labels.size(); ++i) {
      labels[i] = static_cast<std::uint8_t>(i % kClasses);
    }
    return {pixels, labels, kInputs, 1.0 / 100, -1};
  }

  ThreadTeam team{1};
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
  MlpConfig config;
  Mlp<double> mlp;
  std::vector<double> point;
};

/// A sensing instance with as many members as names, alive as long as this.
struct SmallSensing {
  explicit SmallSensing(std::size_t dimension = 6, std::size_t true_rank = 2, std::size_t rank = 3,
                        std::size_t measurements = 40, std::vector<std::string> names = {"a", "b"})
      : ensemble(MeasurementEnsemble::gaussian(dimension, measurements, 11, team)),
        truth(low_rank_truth(dimension, true_rank)),
        values(measure()),
        sensing(ensemble, values, rank, names, team),
        point(normal_numbers(sensing.layout().size(), "point")) {}

  std::vector<double> measure() {
    std::vector<double> x(ensemble.unknowns());
    svec({truth.data(), ensemble.dimension(), ensemble.dimension()}, x);
    EnsemblePass pass(ensemble, 1, team);
    pass.run({}, x);
    return {pass.residuals(0).begin(), pass.residuals(0).end()};
  }

  ThreadTeam team{1};
  MeasurementEnsemble ensemble;
  std::vector<double> truth;  // (d, d)
  std::vector<double> values;
  MatrixSensing sensing;
  std::vector<double> point;
};

/// An objective whose gradient is wrong in one block: every entry times `factor`.
template <class O>
class WrongGradient {
 public:
  using Scalar = typename O::Scalar;

  WrongGradient(O& objective, std::size_t block, double factor)
      : objective_(objective), block_(block), factor_(factor) {}

  const ParameterLayout& layout() const { return objective_.layout(); }
  void loss_and_gradient(std::span<const Scalar> parameters, const Evaluation& evaluation,
                         std::span<Scalar> gradient, std::span<double> losses) {
    objective_.loss_and_gradient(parameters, evaluation, gradient, losses);
    const ParameterBlock& block = layout().blocks()[block_];
    for (Scalar& g : gradient.subspan(block.offset, block.size())) g *= factor_;
  }

 private:
  O& objective_;
  std::size_t block_;
  double factor_;
};

}  // namespace ravine::testing
