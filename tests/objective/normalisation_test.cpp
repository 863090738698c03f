#include "ravine/objective/normalisation.hpp"

#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "support/bits.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::normals;
using testing::same_bits;

/// Samples and units around the pieces that sums are made in.
constexpr std::size_t kSizes[][2] = {{1, 1},   {1, 7},   {2, 1},  {3, 127},
                                     {5, 128}, {4, 129}, {7, 300}};

/// A layer's numbers, and what a loss <c, gamma x + beta> makes of them.
struct Layer {
  Layer(std::size_t row_count, std::size_t col_count)
      : rows(row_count),
        cols(col_count),
        z(normals(rows * cols, "z")),
        gain(normals(cols, "gain")),
        shift(normals(cols, "shift")),
        c(normals(rows * cols, "c")),
        x(z.size()),
        spreads(std::max(rows, cols)),
        means(cols) {
    for (double& value : z) value = 3 * value + 2;
  }

  MatrixView<double> view(std::vector<double>& values) const { return {values.data(), rows, cols}; }
  MatrixView<const double> view(const std::vector<double>& values) const {
    return {values.data(), rows, cols};
  }
  std::span<double> spreads_of(std::size_t count) { return std::span(spreads).first(count); }

  std::vector<double> forward(Normalisation kind) {
    std::vector<double> result = z;
    if (kind == Normalisation::layer) {
      layer_normalise<double>(view(result), {gain, shift}, view(x), spreads_of(rows));
    } else {
      batch_normalise<double>(view(result), {gain, shift}, view(x), means, spreads_of(cols));
    }
    return result;
  }
  double loss(Normalisation kind) {
    const std::vector<double> result = forward(kind);
    double sum = 0;
    for (std::size_t i = 0; i < c.size(); ++i) sum += c[i] * result[i];
    return sum;
  }

  std::size_t rows, cols;
  std::vector<double> z, gain, shift, c, x, spreads, means;
};

struct Gradients {
  std::vector<double> z, gain, shift;
};

Gradients backward(Layer& layer, Normalisation kind) {
  (void)layer.forward(kind);
  Gradients g{layer.c, std::vector<double>(layer.cols), std::vector<double>(layer.cols)};
  const MatrixView<const double> x = std::as_const(layer).view(layer.x);
  if (kind == Normalisation::layer) {
    affine_gradient<double>(std::as_const(layer).view(layer.c), x, g.gain, g.shift);
    layer_normalise_backward<double>(layer.view(g.z), layer.gain, x, layer.spreads_of(layer.rows));
  } else {
    batch_normalise_backward<double>(layer.view(g.z), layer.gain, x, layer.spreads_of(layer.cols),
                                     g.gain, g.shift);
  }
  return g;
}

class NormalisationKind : public ::testing::TestWithParam<Normalisation> {};

TEST_P(NormalisationKind, GradientsAgreeWithCentralDifferences) {
  constexpr double h = 1e-5;
  for (const auto& [rows, cols] : kSizes) {
    SCOPED_TRACE(::testing::Message() << rows << " x " << cols);
    Layer layer(rows, cols);
    const Gradients g = backward(layer, GetParam());
    const auto expect_slope = [&](double& variable, double slope) {
      const double middle = variable;
      variable = middle + h;
      const double up = layer.loss(GetParam());
      variable = middle - h;
      const double down = layer.loss(GetParam());
      variable = middle;
      EXPECT_NEAR(slope, (up - down) / (2 * h), 1e-6);
    };
    for (std::size_t i = 0; i < layer.z.size(); i += 1 + layer.z.size() / 40) {
      expect_slope(layer.z[i], g.z[i]);
    }
    for (std::size_t u = 0; u < cols; u += 1 + cols / 10) {
      expect_slope(layer.gain[u], g.gain[u]);
      expect_slope(layer.shift[u], g.shift[u]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, NormalisationKind,
                         ::testing::Values(Normalisation::layer, Normalisation::batch),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

/// Mean and mean square of count numbers.
std::pair<double, double> moments(std::size_t count, const std::function<double(std::size_t)>& at) {
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < count; ++i) mean += at(i) / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) square += at(i) * at(i) / static_cast<double>(count);
  return {mean, square};
}

TEST(Normalisation, GivesSamplesOrUnitsMeanZeroAndVarianceOne) {
  Layer layer(7, 300);
  (void)layer.forward(Normalisation::layer);
  for (std::size_t b = 0; b < layer.rows; ++b) {
    const auto [mean, square] = moments(300, [&](std::size_t u) { return layer.x[b * 300 + u]; });
    EXPECT_NEAR(mean, 0, 1e-14);
    EXPECT_NEAR(square, 1, 1e-5);
  }
  (void)layer.forward(Normalisation::batch);
  for (std::size_t u = 0; u < layer.cols; ++u) {
    const auto [mean, square] = moments(7, [&](std::size_t b) { return layer.x[b * 300 + u]; });
    EXPECT_NEAR(mean, 0, 1e-14);
    EXPECT_NEAR(square, layer.spreads[u] / (layer.spreads[u] + 1e-5), 1e-12);
  }
}

TEST(Normalisation, ByItsOwnMomentsIsThatOfTheBatch) {
  Layer layer(9, 129);
  const std::vector<double> expected = layer.forward(Normalisation::batch);
  std::vector<double> result = layer.z;
  normalise_by<double>(layer.view(result), {layer.gain, layer.shift}, layer.means,
                       layer.spreads_of(layer.cols));
  testing::expect_all_near(result, expected, 1e-14);
}

TEST(Normalisation, OfABatchDoesNotDependOnHowUnitsAreSplit) {
  Layer whole(6, 300), parts(6, 300);
  const Gradients expected = backward(whole, Normalisation::batch);
  std::vector<double> result = parts.z;
  Gradients g{parts.c, std::vector<double>(300), std::vector<double>(300)};
  for (const auto& [begin, count] : {std::pair<std::size_t, std::size_t>{0, 131}, {131, 169}}) {
    const auto columns = [&, first = begin, width = count](std::vector<double>& values) {
      return MatrixView<double>(values.data() + first, 6, width, 300);
    };
    const auto units = [&, first = begin, width = count](std::vector<double>& values) {
      return std::span(values).subspan(first, width);
    };
    batch_normalise<double>(columns(result), {units(parts.gain), units(parts.shift)},
                            columns(parts.x), units(parts.means), units(parts.spreads));
    batch_normalise_backward<double>(columns(g.z), units(parts.gain), columns(parts.x),
                                     units(parts.spreads), units(g.gain), units(g.shift));
  }
  EXPECT_TRUE(same_bits(parts.x, whole.x));
  EXPECT_TRUE(same_bits(g.z, expected.z));
  EXPECT_TRUE(same_bits(g.gain, expected.gain));
  EXPECT_TRUE(same_bits(g.shift, expected.shift));
}

TEST(Normalisation, DoesNotHideNaN) {
  for (const Normalisation kind : {Normalisation::layer, Normalisation::batch}) {
    Layer layer(3, 5);
    layer.z[7] = NAN;
    EXPECT_TRUE(std::isnan(layer.loss(kind))) << name_of(kind);
  }
}

}  // namespace
}  // namespace ravine
