#pragma once

#include "ravine/data/byte_source.hpp"
#include "ravine/diagnosis/norm_history.hpp"

namespace ravine {

/// Reads gradient norms logged by any framework from CSV, in one pass and bounded memory. Two
/// forms, told by the header; order and case of the columns are free, blanks around cells ignored:
///
/// long: `step,layer,gradient_norm`, one row a step and layer, by step or by layer; layers are any
/// texts, their order is that of first appearance.
///
/// wide: `step` and one column a layer; norm_columns() says which are layers, and the history which
/// are not.
///
/// The loss is used (loss_column()); in the long form that of the first layer's rows. An empty cell
/// is a loss that is not known.
///
/// Norms of the weights may stand beside: a column `weight_norm` in the long form, one
/// `weight_norm.NAME` for a layer's `grad_norm.NAME` in the wide form.
///
/// `_step`, `global_step`, `iteration`, `iter` or `epoch` may stand for `step`. An empty cell,
/// `nan` or `inf` is a norm that is not finite. Biases and normalisations (see names_no_layer())
/// are left out. The learning rate is used for what `facts` says of the steps.
///
/// Throws DataError with the line: a header of neither form, no layer, a row too short or too long,
/// a cell that is no number, a negative norm, steps that do not increase, a layer missing at a
/// step, over 10,000 layers.
NormHistory read_norm_table(ByteSource& source, const StepFacts& facts = {});

}  // namespace ravine
