#include "ravine/probe/mlp_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

MatrixView<const double> rows_of(MatrixView<const double> matrix, IndexRange rows) {
  return matrix.middle_rows(rows.begin, rows.size());
}

bool is_piecewise_linear(Activation activation) {
  return activation == Activation::identity || activation == Activation::relu ||
         activation == Activation::leaky_relu;
}

}  // namespace

double second_derivative(Activation activation, double at) {
  switch (activation) {
    case Activation::identity:
    case Activation::relu:
    case Activation::leaky_relu:
      return 0;
    case Activation::elu:
      return at > 0 ? 0 : at + 1;
    case Activation::selu:
      return at > 0 ? 0 : at + kSeluLambda * kSeluAlpha;
    case Activation::gelu:
      return std::exp(-at * at / 2) / std::sqrt(2 * std::numbers::pi) * (2 - at * at);
    case Activation::silu: {
      const double s = 1 / (1 + std::exp(-at));
      return s * (1 - s) * (2 + at * (1 - 2 * s));
    }
    case Activation::tanh:
      return -2 * at * (1 - at * at);
    case Activation::sigmoid:
      return at * (1 - at) * (1 - 2 * at);
    case Activation::softplus:
      return std::exp(-at) * -std::expm1(-at);
  }
  return 0;
}

bool MlpHessian::fits(const MlpConfig& network) {
  return network.normalisation == Normalisation::none && !network.residual &&
         network.dropout.rate == 0;
}

MlpHessian::MlpHessian(Mlp<double>& network, ThreadTeam& team)
    : network_(network),
      team_(team),
      tangents_(network.config().depth()),
      gradient_(network.layout().size()) {
  if (!fits(network.config())) {
    throw ConfigError(error_text("mlp_hessian", "network", "no normalisation, skips or dropout",
                                 "one with them"));
  }
  for (std::size_t l = 0; l < tangents_.size(); ++l) {
    const std::size_t size = network.batch_size() * network.config().fan_out(l);
    Tangents& own = tangents_[l];
    for (AlignedBuffer<double>* each : {&own.pre_activation, &own.output, &own.delta, &own.back}) {
      each->resize(size);
    }
  }
}

MatrixView<double> MlpHessian::rows_of(AlignedBuffer<double>& buffer, std::size_t layer,
                                       IndexRange rows) {
  const std::size_t width = network_.config().fan_out(layer);
  return {buffer.data() + rows.begin * width, rows.size(), width};
}

std::size_t MlpHessian::weight_block(std::size_t layer) const {
  return network_.config().bias ? 2 * layer : layer;
}

void MlpHessian::forward(std::span<const double> parameters, std::span<const double> direction,
                         int member, IndexRange rows) {
  const MlpConfig& config = network_.config();
  for (std::size_t l = 0; l < config.depth(); ++l) {
    const LayerTrace<double> trace = network_.trace(l, member);
    const MatrixView<double> z = rows_of(tangents_[l].pre_activation, l, rows);
    Store store = Store::overwrite;
    if (config.bias) {
      const std::span<const double> bias = layout().view(direction, weight_block(l) + 1).row(0);
      for (std::size_t b = 0; b < z.rows; ++b) std::ranges::copy(bias, z.row(b).begin());
      store = Store::accumulate;
    }
    matmul_by_transposed(ravine::rows_of(trace.input, rows),
                         layout().view(direction, weight_block(l)), z, store);
    if (l > 0) {
      matmul_by_transposed(MatrixView<const double>(rows_of(tangents_[l - 1].output, l - 1, rows)),
                           layout().view(parameters, weight_block(l)), z, Store::accumulate);
    }
    if (l + 1 == config.depth()) return;
    const MatrixView<double> output = rows_of(tangents_[l].output, l, rows);
    std::copy_n(z.data, z.size(), output.data);
    const MatrixView<const double> at = ravine::rows_of(trace.slope_at, rows);
    multiply_by_derivative(config.activation, std::span(at.data, at.size()),
                           std::span(output.data, output.size()));
  }
}

/// Of delta, for NLL (p - label) / B with p = softmax(z): (p * dz - p <p, dz>) / B; for the squared
/// error of C outputs 2 (z - label) / (B C): 2 dz / (B C).
void MlpHessian::differentiate_loss(int member, IndexRange rows) {
  const std::size_t last = tangents_.size() - 1;
  const MatrixView<const double> logits = network_.trace(last, member).output;
  const auto samples = static_cast<double>(logits.rows);
  for (std::size_t b = rows.begin; b < rows.end; ++b) {
    const std::span<const double> z = logits.row(b);
    const std::span<const double> dz =
        rows_of(tangents_[last].pre_activation, last, {b, b + 1}).row(0);
    const std::span<double> delta = rows_of(tangents_[last].delta, last, {b, b + 1}).row(0);
    if (network_.config().loss == Loss::mse) {
      const double factor = 2 / (samples * static_cast<double>(delta.size()));
      for (std::size_t c = 0; c < delta.size(); ++c) delta[c] = factor * dz[c];
      continue;
    }
    const std::span<double> p = delta;
    const double largest = std::ranges::max(z);
    double sum = 0, mean = 0;
    for (std::size_t c = 0; c < p.size(); ++c) sum += p[c] = std::exp(z[c] - largest);
    for (std::size_t c = 0; c < p.size(); ++c) mean += (p[c] /= sum) * dz[c];
    for (std::size_t c = 0; c < p.size(); ++c) delta[c] = p[c] * (dz[c] - mean) / samples;
  }
}

void MlpHessian::backward(std::span<const double> parameters, std::span<const double> direction,
                          int member, IndexRange rows) {
  const Activation activation = network_.config().activation;
  for (std::size_t l = tangents_.size() - 1; l > 0; --l) {
    const MatrixView<const double> w = layout().view(parameters, weight_block(l));
    const MatrixView<const double> delta = ravine::rows_of(network_.trace(l, member).delta, rows);
    const MatrixView<const double> at =
        ravine::rows_of(network_.trace(l - 1, member).slope_at, rows);
    const MatrixView<double> below = rows_of(tangents_[l - 1].delta, l - 1, rows);
    matmul(MatrixView<const double>(rows_of(tangents_[l].delta, l, rows)), w, below);
    matmul(delta, layout().view(direction, weight_block(l)), below, Store::accumulate);
    multiply_by_derivative(activation, std::span(at.data, at.size()),
                           std::span(below.data, below.size()));
    if (is_piecewise_linear(activation)) continue;
    const MatrixView<double> back = rows_of(tangents_[l - 1].back, l - 1, rows);
    const MatrixView<double> z = rows_of(tangents_[l - 1].pre_activation, l - 1, rows);
    matmul(delta, w, back);
    for (std::size_t i = 0; i < back.size(); ++i) {
      below.data[i] += second_derivative(activation, at.data[i]) * z.data[i] * back.data[i];
    }
  }
}

void MlpHessian::accumulate(int member, std::span<double> product) {
  for (std::size_t l = 0; l < tangents_.size(); ++l) {
    const LayerTrace<double> trace = network_.trace(l, member);
    const IndexRange all{0, trace.delta.rows};
    const MatrixView<double> tangent = rows_of(tangents_[l].delta, l, all);
    const MatrixView<double> g = layout().view(product, weight_block(l));
    const IndexRange units = split_range(g.rows, team_.size(), member);
    const auto columns = [&](const double* first) {
      return MatrixView<const double>(first + units.begin, all.size(), units.size(), g.rows);
    };
    const MatrixView<double> own = g.middle_rows(units.begin, units.size());
    if (units.size() > 0) {
      matmul_transposed(columns(tangent.data), trace.input, own);
      if (l > 0) {
        matmul_transposed(columns(trace.delta.data),
                          MatrixView<const double>(rows_of(tangents_[l - 1].output, l - 1, all)),
                          own, Store::accumulate);
      }
    }
    if (network_.config().bias && member == 0) {
      const std::span<double> sum = layout().view(product, weight_block(l) + 1).row(0);
      std::ranges::fill(sum, 0.0);
      for (std::size_t b = 0; b < all.size(); ++b) {
        add_scaled(1, std::span<const double>(tangent.row(b)), sum);
      }
    }
  }
}

void MlpHessian::hessian_vector(std::span<const double> parameters, const Evaluation& evaluation,
                                std::span<const double> direction, std::span<double> product) {
  double loss = 0;
  network_.loss_and_gradient(parameters, evaluation, gradient_, std::span(&loss, 1));
  team_.run([&](int member) {
    const std::size_t batch = network_.trace(0, member).delta.rows;
    const IndexRange rows = split_range(batch, team_.size(), member);
    forward(parameters, direction, member, rows);
    differentiate_loss(member, rows);
    backward(parameters, direction, member, rows);
    team_.barrier();
    accumulate(member, product);
  });
}

}  // namespace ravine
