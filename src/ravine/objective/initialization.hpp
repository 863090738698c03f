#pragma once

#include <span>
#include <string_view>

#include "ravine/base/named.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

/// How the weights W (fan_out, fan_in) of a layer are drawn before training. Below, N(v) stands for
/// independent normal numbers of mean 0 and variance v, U(a) for numbers uniform in [-a, a], which
/// have variance a^2 / 3. All weights are multiplied by a gain.
enum class Initialization {
  torch,  ///< U(1/sqrt(fan_in)): PyTorch's default for nn.Linear
  lecun,  ///< N(1/fan_in) (LeCun et al. 1998, section 4.6; for selu, Klambauer et al. 2017)
  xavier_uniform,  ///< U(sqrt(6/(fan_in + fan_out))) (Glorot and Bengio 2010, equation 16)
  xavier_normal,   ///< N(2/(fan_in + fan_out)) (Glorot and Bengio 2010, equation 12)
  he_uniform,      ///< U(sqrt(6/fan_in)): the variance of he_normal
  he_normal,       ///< N(2/fan_in) (He et al. 2015, equation 10)
  orthogonal,      ///< orthonormal rows or columns, whichever are fewer (Saxe et al. 2014)
  lsuv,  ///< orthonormal, then scaled layer by layer to outputs of unit variance (Mishkin and Matas
         ///< 2016), which Mlp::scale_to_deviation() does
  normal,  ///< N(1): the gain is the standard deviation
  zero     ///< 0
};

/// Every initialization by the names of the command line, which abbreviate two.
inline constexpr Named<Initialization> kInitializations[] = {
    {"torch", Initialization::torch},
    {"lecun", Initialization::lecun},
    {"xavier-uniform", Initialization::xavier_uniform},
    {"xavier-normal", Initialization::xavier_normal},
    {"he-uniform", Initialization::he_uniform},
    {"he-normal", Initialization::he_normal},
    {"orthogonal", Initialization::orthogonal},
    {"lsuv", Initialization::lsuv},
    {"normal", Initialization::normal},
    {"zero", Initialization::zero},
    {"xavier", Initialization::xavier_uniform},
    {"he", Initialization::he_normal}};

constexpr std::string_view name_of(Initialization initialization) {
  return name_in(kInitializations, initialization);
}

/// weights: (fan_out, fan_in) row-major, set by `initialization` times `gain` to a function of the
/// stream alone. lsuv draws what orthogonal does.
void draw_weights(Initialization initialization, double gain, const RandomStream& stream,
                  std::size_t fan_in, std::size_t fan_out, std::span<float> weights);

}  // namespace ravine
