#pragma once

#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/mlp.hpp"

namespace ravine {

/// phi'' at what multiply_by_derivative() takes, z or the output; at a kink that from the left.
double second_derivative(Activation activation, double at);

/// Gives a network exact Hessian-vector products on its mini-batches, by differentiating the
/// gradient's own computation along the direction (Pearlmutter 1994, "Fast Exact Multiplication by
/// the Hessian"). Between kinks of piecewise linear activations that is the Hessian; differences of
/// gradients would also see the kinks that units of single samples cross. The same bits for any
/// team size.
class MlpHessian {
 public:
  using Scalar = double;

  /// Whether it knows a network's second derivatives: one without normalisation, skips, dropout.
  static bool fits(const MlpConfig& network);

  /// `network` and `team`, which is the network's, must outlive this. Throws ConfigError unless
  /// fits().
  MlpHessian(Mlp<double>& network, ThreadTeam& team);

  const ParameterLayout& layout() const { return network_.layout(); }

  void loss_and_gradient(std::span<const double> parameters, const Evaluation& evaluation,
                         std::span<double> gradient, std::span<double> losses) {
    network_.loss_and_gradient(parameters, evaluation, gradient, losses);
  }

  /// product <- H direction, all of layout().size().
  void hessian_vector(std::span<const double> parameters, const Evaluation& evaluation,
                      std::span<const double> direction, std::span<double> product);

 private:
  /// Derivatives along the direction, (B, fan_out) each.
  struct Tangents {
    AlignedBuffer<double> pre_activation;
    AlignedBuffer<double> output;
    AlignedBuffer<double> delta;
    AlignedBuffer<double> back;  // delta of the layer above times its weights
  };

  MatrixView<double> rows_of(AlignedBuffer<double>& buffer, std::size_t layer, IndexRange rows);
  std::size_t weight_block(std::size_t layer) const;
  void forward(std::span<const double> parameters, std::span<const double> direction, int member,
               IndexRange rows);
  void differentiate_loss(int member, IndexRange rows);
  void backward(std::span<const double> parameters, std::span<const double> direction, int member,
                IndexRange rows);
  void accumulate(int member, std::span<double> product);

  Mlp<double>& network_;
  ThreadTeam& team_;
  std::vector<Tangents> tangents_;  // one a layer
  std::vector<double> gradient_;
};

}  // namespace ravine
