#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ravine {

/// The name of a layer in a column's name that begins, or goes on after a '/' or " - ", with
/// `grad_norm`, `grad_norms`, `gradient_norm`, `gradient_norms`, `gradients`, `grads`, `grad` or
/// `grad_P_norm` (P a number or inf), in any case, and a '.', '/' or, after "norm", '_'. None
/// without such a prefix.
std::optional<std::string_view> prefixed_layer(std::string_view column);

/// The name that a layer has from its column: without the prefix where that is at the front.
std::string_view layer_name(std::string_view column);

/// What the columns of a wide table are; layers are from the input to the output.
struct NormColumns {
  std::vector<std::size_t> layers;
  std::vector<std::string> left_out;  ///< names of those that are taken for nothing
};

/// With any prefixed layer only such columns are layers; without, all but those named like a
/// metric. Never: a total of norms, a bias or normalisation (names_no_layer()), an index without a
/// name, a `weight_norm.NAME`, the __MIN and __MAX of an export. `used`: columns that are something
/// else, such as step and loss.
NormColumns norm_columns(std::span<const std::string> names, std::span<const std::size_t> used);

/// The column of the loss: `loss`, else one whose last word is that: the first of training, else
/// the first of nothing else, else the first of validation or test.
std::optional<std::size_t> loss_column(std::span<const std::string> names);

}  // namespace ravine
