#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"
#include "support/synthetic_images.hpp"

namespace ravine {

inline void PrintTo(Activation activation, std::ostream* out) { *out << name_of(activation); }

}  // namespace ravine

namespace ravine::testing {

inline std::vector<Activation> every_activation() {
  std::vector<Activation> all;
  for (const auto& [name, activation] : kActivations) all.push_back(activation);
  return all;
}

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

/// A network on random images, alive as long as this.
struct SmallNetwork {
  static constexpr std::size_t kInputs = 12;
  static constexpr std::size_t kClasses = 4;
  static constexpr std::size_t kSamples = 10;

  SmallNetwork(Activation activation, bool bias)
      : config{kInputs, {9, 7}, kClasses, activation, bias},
        mlp(config, images.view(), Batcher(kSamples, kSamples, 1, false), team) {
    point = normal_numbers(mlp.layout().size(), "small network");
    for (double& w : point) w *= 0.5;
  }

  ThreadTeam team{1};
  SyntheticImages images{kSamples, kInputs, kClasses};
  MlpConfig config;
  Mlp<double> mlp;
  std::vector<double> point;
};

/// The population loss of a random instance, alive as long as this.
struct SmallPopulation {
  SmallPopulation(std::size_t dimension, std::size_t true_rank, std::size_t rank)
      : truth(low_rank_truth(dimension, true_rank)),
        sensing(population_sensing(MatrixView<const double>(truth.data(), dimension, dimension),
                                   rank, team)) {}

  ThreadTeam team{1};
  std::vector<double> truth;
  MatrixSensing sensing;
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
    EnsemblePass pass(ensemble, team);
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
