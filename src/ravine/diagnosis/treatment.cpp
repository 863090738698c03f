#include "ravine/diagnosis/treatment.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "ravine/diagnosis/depth_pattern.hpp"
#include "ravine/diagnosis/rules.hpp"

namespace ravine {

namespace {

// Advice that more than one cause shares.
Advice initialisation() {
  return {"initialise for the activation: He for ReLU and its kin, Xavier for tanh",
          "the variance of signals and gradients then stays the same from layer to layer",
          "He et al. 2015; Glorot and Bengio 2010"};
}
Advice orthogonal() {
  return {"initialise with orthogonal matrices",
          "all singular values are 1, so layers of equal widths stretch or shrink no direction",
          "Saxe et al. 2014"};
}
Advice normalisation() {
  return {"add batch or layer normalisation",
          "it sets the scale of every layer's input anew, whatever the weights",
          "Ioffe and Szegedy 2015; Ba et al. 2016"};
}
Advice residual() {
  return {"add residual connections",
          "gradients reach the early layers through the identity, undiminished", "He et al. 2016"};
}
Advice activation() {
  return {"if the activation is sigmoid, replace it by ReLU or tanh",
          "sigmoid's slope is at most 1/4, so L layers pass back at most 4^-L times the weights",
          "Glorot and Bengio 2010"};
}
Advice clipping() {
  return {"clip the gradient's global norm", "one steep place then cannot throw the weights away",
          "Pascanu et al. 2013"};
}
Advice smaller_rate() {
  return {"lower the learning rate tenfold",
          "descent is stable only below 2 over the largest curvature", "Cohen et al. 2021"};
}
Advice larger_rate() {
  return {"raise the learning rate tenfold, or find it by a range test",
          "the largest stable rate is usually the best one to start from", "Smith 2017"};
}
Advice warm_up() {
  return {"warm the learning rate up over the first few hundred steps",
          "curvature is often largest at the start", "Goyal et al. 2017"};
}

Advice finite_loss() {
  return {
      "evaluate the loss from log-probabilities, or add a small number inside logarithms and "
      "roots",
      "in floating point an exponential underflows to 0, whose logarithm is not finite",
      "Goodfellow et al. 2016, section 4.1"};
}
Advice scaling() {
  return {"scale inputs and targets to mean 0 and variance 1", "gradients are proportional to both",
          "LeCun et al. 1998"};
}
Advice order() {
  return {"check that the table lists layers from the input to the output",
          "in reverse order a gradient that shrinks on its way back looks like one that grows",
          "Glorot and Bengio 2010"};
}

bool vanishes_from_start(const Measures& m) {
  return m.ratio_at_first_step < kShrinkingRatio || m.largest_first < kTinyNorm * m.gradient_scale;
}

/// Norms in order at first have shrunk, at least those of some layer, and with them the weights, or
/// what decay alone leaves of them; where neither is known, norms that collapse speak for it.
bool weights_decayed(Verdict verdict, const Measures& m) {
  const bool shrank = std::ranges::any_of(
      m.layers, [](const LayerMeasures& layer) { return layer.end < kShrunkNorms * layer.first; });
  if (!shrank || (verdict == Verdict::vanishing && vanishes_from_start(m))) return false;
  if (!std::isnan(m.weight_left)) return m.weight_left < kShrunkWeights;
  if (!std::isnan(m.decay_left)) return m.decay_left < kShrunkWeights;
  return collapses(m);
}

std::string decay_text(const Measures& m) {
  constexpr std::string_view kBalance =
      "weight decay takes more than the gradients give back, and signal and gradients shrink with "
      "the weights";
  if (!std::isnan(m.weight_left)) {
    return fmt::format("the weights have shrunk to {:.2g} of their norm (median layer): {}",
                       m.weight_left, kBalance);
  }
  if (!std::isnan(m.decay_left)) {
    return fmt::format("weight decay alone leaves {:.2g} of the weights by the last step: {}",
                       m.decay_left, kBalance);
  }
  return "norms in order at first shrank in all layers together, as they do when weight decay (or "
         "an L2 penalty) takes more than the gradients give back; log the weights' norms to be "
         "sure";
}

Treatment decayed(const Measures& m) {
  return {
      decay_text(m),
      {{"lower the weight decay a hundredfold, or train without it first",
        "each step takes learning rate times decay off every weight, whether or not the loss "
        "needs it; 1e-5 to 1e-2 is usual",
        "Krogh and Hertz 1992"},
       {"decouple the decay from the gradient (AdamW) if the step rule is adaptive",
        "an L2 penalty in the gradient is rescaled with it, so its strength is not what you set",
        "Loshchilov and Hutter 2019"},
       initialisation()}};
}

/// What the probes prove goes before what the norms suggest.
std::optional<Treatment> proven(Verdict verdict, const Measures& m) {
  const bool fades =
      verdict == Verdict::vanishing || verdict == Verdict::dead || verdict == Verdict::stuck;
  if (fades && weights_decayed(verdict, m)) return decayed(m);
  if (m.median_update_ratio > kViolentUpdate && !starts_too_large(m)) {
    return Treatment{
        "the steps are too large for the weights: the learning rate is too large for this step "
        "rule",
        {smaller_rate(), warm_up(), clipping(), normalisation()}};
  }
  if (verdict == Verdict::vanishing && m.largest_saturation >= kSaturated) {
    return Treatment{
        "units are saturated: where an activation is flat next to nothing of the gradient passes; "
        "initial weights or inputs are too large",
        {initialisation(), normalisation(), activation(), smaller_rate()}};
  }
  if (verdict == Verdict::stuck && m.median_update_ratio < kIdleUpdate) {
    return Treatment{
        "the steps are too small for the weights: the learning rate is too small for this step "
        "rule, or clipping takes too much",
        {larger_rate()}};
  }
  return std::nullopt;
}

/// First and last layer differ, but the layers between show no such change.
Treatment uneven(const Measures& m) {
  const auto odd = odd_end(m);
  const std::string layer = odd ? m.layers[*odd].name : "the layers whose norms differ";
  return {
      odd ? fmt::format("{} differs from the other layers, whose norms show no such change over "
                        "depth: its inputs, its initial weights or its scale are unlike theirs",
                        layer)
          : "norms differ from layer to layer, but not steadily with depth",
      {{fmt::format("compare inputs, initial weights and scale of {} with the others'", layer),
        "a layer's gradient is the product of its inputs and the signal passed back to it",
        "LeCun et al. 1998"},
       initialisation()}};
}

Treatment vanishing(const Measures& m) {
  if (!vanishes_from_start(m)) {
    return {
        "norms were in order at the start and shrank later: steps too large have driven units "
        "into their flat range",
        {smaller_rate(), warm_up(), clipping(), normalisation()}};
  }
  if (m.first_to_last_ratio < kShrinkingRatio) {
    if (!follows_depth(m) && !(m.signal_depth.low > 0)) return uneven(m);
    return {
        m.has.normalisation || m.has.residual
            ? "from the first step on every layer passes back less than it gets"
            : "from the first step on every layer passes back less than it gets: the activation's "
              "slope times the size of the weights is below 1",
        {activation(), initialisation(), normalisation(), residual(), orthogonal()}};
  }
  const bool backward_too = m.signal_depth.low > 0;
  return {
      backward_too
          ? "the signal is lost on its way back and, since norms are flat over depth, as much on "
            "its way forward: initial weights are too small for the depth"
          : "the signal is lost on its way forward, so the gradients of all layers are small "
            "together: initial weights are too small for the depth",
      {initialisation(), orthogonal(), normalisation(), residual()}};
}

/// No step was made yet, so none is to blame.
Treatment broken_from_start() {
  return {
      "norms or loss are not finite from the very first step on, before any step was made: inputs, "
      "targets "
      "or initial weights hold such values, or the loss does (the logarithm of 0, a division by 0)",
      {{"check that inputs, targets and initial weights are finite numbers",
        "one value that is not a number makes every gradient behind it so",
        "Goodfellow et al. 2016, section 11.5"},
       finite_loss(),
       scaling()}};
}

/// Values that are not finite among ordinary ones, with training going on.
Treatment broken_in_passing() {
  return {
      "norms and loss are in order before and after: a batch with bad values, a step that a "
      "gradient scaler skipped (mixed precision), or a division by zero",
      {{"find the batch of that step and check that its inputs and targets are finite numbers",
        "one value that is not a number makes every gradient behind it so",
        "Goodfellow et al. 2016, section 11.5"},
       {"with a gradient scaler, leave out the steps that it skips",
        "their norms are not finite by design: it looks for the largest scale that fits",
        "Micikevicius et al. 2018"},
       finite_loss()}};
}

Treatment broken_suddenly(const Measures& m) {
  return {
      m.has.finite_loss
          ? "norms had not grown before: one step too large, or a batch with bad values"
          : "norms had not grown before: one step too large, a batch with bad values, or a loss "
            "that is not defined where training went (the logarithm of 0, a division by 0)",
      {finite_loss(),
       smaller_rate(),
       {"check the inputs and targets of the batch at that step",
        "one value that is not a number makes every gradient behind it so",
        "Goodfellow et al. 2016, section 11.5"},
       clipping()}};
}

/// Norms in order that grow on their way back.
Treatment growing_over_depth(const Measures& m) {
  if (m.first_to_last_ratio > kGrowingRatio && !follows_depth(m)) return uneven(m);
  Treatment treatment{
      "from the first steps on the gradient grows on its way back: initial weights are too large "
      "for the depth",
      {initialisation(), normalisation(), clipping(), scaling()}};
  if (m.order_of_table) {
    treatment.cause += ", or the table lists layers from the output to the input";
    treatment.advice.insert(treatment.advice.begin(), order());
  }
  return treatment;
}

Treatment exploding(const Measures& m) {
  if (broke_in_passing(m)) return broken_in_passing();
  if (m.first_break == 1) return broken_from_start();
  if (starts_at_huge_level(m) && m.steps >= kFewSteps) {
    return {
        "norms are far too large from the first steps on: initial weights are too large for "
        "the depth, or inputs or targets are not scaled",
        {initialisation(), normalisation(), clipping(), scaling()}};
  }
  if (starts_too_large(m) && m.steps >= kFewSteps) return growing_over_depth(m);
  if (m.first_break > 0 && !(m.growth_before_break > kGrowthBeforeBreak)) return broken_suddenly(m);
  return {
      "each step overshoots and the next gradient is larger: the learning rate is too large "
      "for the curvature, or the initial weights are",
      {smaller_rate(), initialisation(), clipping(), warm_up()}};
}

/// Gradients pass a silent layer on their way to one nearer the input.
bool bypassed(const Measures& m) {
  const auto moves = std::ranges::find_if(m.layers, [](const auto& l) { return l.median > 0; });
  return std::any_of(moves, m.layers.end(), [](const auto& l) { return l.zero_share == 1; });
}

Treatment dead(const Measures& m) {
  const Advice used = {"check that these layers are used and not frozen or detached",
                       "a parameter the loss does not depend on has gradient zero",
                       "Goodfellow et al. 2016, section 6.5"};
  if (silent_from_start(m) && bypassed(m)) {
    return {
        "nothing has reached these layers from the first step on, though gradients pass to layers "
        "nearer the input: they are frozen, detached, or not used",
        {used}};
  }
  if (silent_from_start(m)) {
    return {
        "nothing has reached these layers from the first step on: weights that are all zero, "
        "units dead from the start, or layers cut off from the loss",
        {{"check that the weights are drawn at random and not all zero",
          "equal units get equal gradients, and zero weights pass none back",
          "Goodfellow et al. 2016, section 8.4"},
         used,
         initialisation()}};
  }
  return {
      "a step too large has pushed every unit of a layer into its flat range, where no "
      "gradient passes; it cannot come back",
      {smaller_rate(),
       {"use leaky ReLU or ELU", "their slope is never zero, so a unit can recover",
        "Maas et al. 2013; Clevert et al. 2016"},
       warm_up(),
       clipping(),
       normalisation()}};
}

Treatment unstable() {
  return {
      "the steps are too large for the curvature: the iterate jumps across the valley",
      {smaller_rate(),
       clipping(),
       warm_up(),
       {"use a larger batch", "the noise of the gradient falls with the square root of its size",
        "McCandlish et al. 2018"}}};
}

Treatment stuck(const Measures& m) {
  if (m.expected_share < kIdleDecrease) {
    return {"the learning rate is too small: gradients are there, but nothing moves",
            {larger_rate()}};
  }
  return {
      "gradients flow but cancel or lead nowhere: a rate too small, a plateau, or labels that "
      "do not go with the inputs",
      {{"try to fit one batch of a few dozen samples perfectly",
        "if that fails the mistake is in the data, the labels or the loss, not in the network",
        "Goodfellow et al. 2016, section 11.5"},
       {"raise the learning rate tenfold, or find it by a range test",
        "a plateau is left faster with larger steps", "Smith 2017"},
       initialisation(),
       normalisation()}};
}

Treatment treatment_for(Verdict verdict, const Measures& m) {
  switch (verdict) {
    case Verdict::healthy:
      return {};
    case Verdict::vanishing:
      return vanishing(m);
    case Verdict::exploding:
      return exploding(m);
    case Verdict::unstable:
      return unstable();
    case Verdict::dead:
      return dead(m);
    case Verdict::stuck:
      return stuck(m);
  }
  return {};
}

}  // namespace

Treatment treatment_of(Verdict verdict, const Measures& m) {
  Treatment treatment = proven(verdict, m).value_or(treatment_for(verdict, m));
  std::erase_if(treatment.advice, [&](const Advice& advice) {
    const auto is = [&](const Advice& other) { return advice.action == other.action; };
    return (m.has.normalisation && is(normalisation())) || (m.has.residual && is(residual())) ||
           (m.has.other_activation && is(activation())) || (m.has.clipping && is(clipping())) ||
           (m.has.warm_up && is(warm_up())) || (m.has.finite_loss && is(finite_loss()));
  });
  return treatment;
}

}  // namespace ravine
