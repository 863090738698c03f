#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/measurement_ensemble.hpp"

namespace ravine {

/// The Hessian of factored matrix sensing at one U, for many products there:
///   Hess f(U)[V] = 1/m sum_i <J_i, V> J_i + 2 G V,  J_i = 2 S_i U,  G = 1/m sum_i r_i S_i.
/// Two passes over the measurements make J and G; a product then takes 4 m d R operations instead
/// of a pass. Memory: m d R numbers.
class SensingHessian {
 public:
  /// values: m numbers. All must outlive it. Throws ShapeError.
  SensingHessian(const MeasurementEnsemble& ensemble, std::span<const double> values,
                 std::size_t rank, ThreadTeam& team);

  /// Whether J is at most as large as measurements of float32 numbers are: 8 d R <= 4 p.
  static bool pays_off(std::size_t dimension, std::size_t rank);

  /// Makes J and G of u, (d, R), unless it is there already. Throws ShapeError.
  void move_to(std::span<const double> u);

  /// product <- Hess f(u)[v], both (d, R). The same bits for any team size.
  void multiply(std::span<const double> v, std::span<double> product) const;

 private:
  void make_jacobian();
  void make_adjoint();

  const MeasurementEnsemble& ensemble_;
  std::span<const double> values_;
  std::size_t rank_;
  ThreadTeam& team_;
  EnsemblePass pass_;
  std::vector<double> u_;           // (d, R); empty: nowhere yet
  AlignedBuffer<double> jacobian_;  // (m, d R)
  std::vector<double> adjoint_;     // (d, d): 2 G
};

}  // namespace ravine
