#include <algorithm>
#include <type_traits>

#include "ravine/base/chosen_rows.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/row_products.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/mlp.hpp"

// What a layer's weights are multiplied with, floats or the images' bytes, and its linear map.

namespace ravine {

namespace {

/// Calls take with images that are kept as bytes, which only networks of floats do.
template <class Inputs, class Take>
void with_bytes(Inputs& inputs, Take take) {
  if (auto* tiles = std::get_if<ByteMatrix>(&inputs)) return take(*tiles);
  take(std::get<SparseByteMatrix>(inputs));
}

}  // namespace

template <class T>
void Mlp<T>::Workspace::reserve_inputs(const MlpConfig& config, const Background& background,
                                       std::size_t rows, std::size_t members) {
  const auto products = trains ? ByteMatrix::Products::all : ByteMatrix::Products::by_transposed;
  inputs.resize(members);
  for (Inputs& own : inputs) {
    if (std::is_same_v<T, float> && byte_products_repay(rows, config.inputs)) {
      own.template emplace<ByteMatrix>().reserve(rows, config.inputs, products);
    } else if (std::is_same_v<T, float> &&
               sparse_products_repay(rows, config.inputs, background.share)) {
      own.template emplace<SparseByteMatrix>().reserve(rows, config.inputs, products,
                                                       background.byte);
    } else {
      own.template emplace<AlignedBuffer<T>>(rows * config.inputs);
    }
  }
}

template <class T>
MatrixView<const T> Mlp<T>::layer_input(const Workspace& space, int member, std::size_t layer,
                                        IndexRange rows) const {
  const AlignedBuffer<T>& buffer =
      layer == 0 ? std::get<AlignedBuffer<T>>(space.inputs_of(member)) : space.outputs[layer - 1];
  return rows_of(buffer, config_.fan_in(layer), rows);
}

template <class T>
void Mlp<T>::gather(Workspace& space, int member, const LabelledPixels& source,
                    std::span<const std::uint32_t> samples) const {
  const MatrixView images(source.pixels.data(), source.count(), source.inputs);
  if (space.takes_bytes(0)) {
    return with_bytes(space.inputs_of(member), [&](auto& own) {
      own.assign(images, samples, static_cast<float>(source.scale),
                 static_cast<float>(source.shift));
    });
  }
  auto& own = std::get<AlignedBuffer<T>>(space.inputs_of(member));
  const MatrixView<T> x(own.data(), samples.size(), config_.inputs);
  for_each_chosen_row(images, samples, [&](std::size_t b, std::span<const std::uint8_t> image) {
    affine_from_bytes(image, source.scale, source.shift, x.row(b));
  });
}

template <class T>
void Mlp<T>::linear(std::span<const T> parameters, Workspace& space, int member, std::size_t layer,
                    const Part& part) const {
  if (part.units.size() == 0) return;
  const MatrixView<T> z = part_of(space.outputs[layer], layer, part);
  const MatrixView<const T> w = layout_.view(parameters, weight_block(layer));
  const MatrixView<const T> own = w.middle_rows(part.units.begin, part.units.size());
  Store store = Store::overwrite;
  if (config_.bias) {
    const std::span<const T> bias = vector_of(parameters, bias_block(layer), part.units);
    for (std::size_t b = 0; b < z.rows; ++b) std::ranges::copy(bias, z.row(b).begin());
    store = Store::accumulate;
  }
  if constexpr (std::is_same_v<T, float>) {
    if (space.takes_bytes(layer)) {
      return with_bytes(space.inputs_of(member),
                        [&](const auto& images) { matmul_by_transposed(images, own, z, store); });
    }
  }
  const MatrixView<const T> input = layer_input(space, member, layer, part.rows);
  // By what the workspace is for, not by `rows`: how samples are split must not change bits.
  if (row_products_repay(space.labels.size(), input.cols)) {
    row_products(input, own, z, store);
  } else {
    matmul_by_transposed(input, own, z, store);
  }
}

template <class T>
void Mlp<T>::multiply_transposed(MatrixView<const T> delta, Workspace& space, int member,
                                 std::size_t layer, MatrixView<T> gradient) const {
  if constexpr (std::is_same_v<T, float>) {
    if (space.takes_bytes(layer)) {
      return with_bytes(space.inputs_of(member),
                        [&](const auto& images) { matmul_transposed(delta, images, gradient); });
    }
  }
  matmul_transposed(delta, layer_input(space, member, layer, {0, delta.rows}), gradient);
}

template void Mlp<float>::Workspace::reserve_inputs(const MlpConfig&, const Background&,
                                                    std::size_t, std::size_t);
template MatrixView<const float> Mlp<float>::layer_input(const Workspace&, int, std::size_t,
                                                         IndexRange) const;
template void Mlp<float>::gather(Workspace&, int, const LabelledPixels&,
                                 std::span<const std::uint32_t>) const;
template void Mlp<float>::linear(std::span<const float>, Workspace&, int, std::size_t,
                                 const Part&) const;
template void Mlp<float>::multiply_transposed(MatrixView<const float>, Workspace&, int, std::size_t,
                                              MatrixView<float>) const;
template void Mlp<double>::Workspace::reserve_inputs(const MlpConfig&, const Background&,
                                                     std::size_t, std::size_t);
template MatrixView<const double> Mlp<double>::layer_input(const Workspace&, int, std::size_t,
                                                           IndexRange) const;
template void Mlp<double>::gather(Workspace&, int, const LabelledPixels&,
                                  std::span<const std::uint32_t>) const;
template void Mlp<double>::linear(std::span<const double>, Workspace&, int, std::size_t,
                                  const Part&) const;
template void Mlp<double>::multiply_transposed(MatrixView<const double>, Workspace&, int,
                                               std::size_t, MatrixView<double>) const;

}  // namespace ravine
