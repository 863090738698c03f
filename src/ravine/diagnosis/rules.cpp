#include "ravine/diagnosis/rules.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/diagnosis/depth_pattern.hpp"
#include "ravine/diagnosis/remarks.hpp"

namespace ravine {

namespace {

using Findings = std::vector<Finding>;

std::vector<std::string> names_where(const Measures& m, const auto& concerned) {
  std::vector<std::string> names;
  for (const LayerMeasures& layer : m.layers) {
    if (concerned(layer)) names.push_back(layer.name);
  }
  return names;
}

std::vector<std::string> all_names(const Measures& m) {
  return names_where(m, [](const LayerMeasures&) { return true; });
}

/// `excess`: by what factor the threshold is passed; an order of magnitude leaves little doubt.
Confidence confidence_of(const Measures& m, double excess) {
  if (m.steps < kFewSteps) return Confidence::low;
  return excess >= kClearExcess ? Confidence::high : Confidence::medium;
}

/// The same of norms as levels or ratios. In front of a normalisation the loss does not change with
/// the size of the weights, so their gradients have the size of its inverse, whatever the signal.
Confidence confidence_of_size(const Measures& m, double excess) {
  return std::min(confidence_of(m, excess),
                  m.has.normalisation ? Confidence::medium : Confidence::high);
}

/// The same of a ratio between first and last layer, which one odd layer alone can make: the slope
/// over depth has to agree.
Confidence confidence_of_ratio(const Measures& m, double excess) {
  return std::min(confidence_of_size(m, excess),
                  follows_depth(m) ? Confidence::high : Confidence::medium);
}

/// The same of vanishing, of which the signal is the proof where it was measured.
Confidence confidence_of_vanishing(const Measures& m, Confidence from_norms) {
  const bool proven = m.steps >= kFewSteps && !m.has.normalisation &&
                      m.signal_ratio < kShrinkingRatio && m.signal_depth.low > 0;
  return proven ? Confidence::high : from_norms;
}

void judge_broken_norms(const Measures& m, const std::vector<std::string>& broken,
                        Confidence confidence, Findings& found) {
  if (broken.empty()) return;
  const LayerMeasures* first = nullptr;
  for (const LayerMeasures& layer : m.layers) {
    if (std::isnan(layer.first_non_finite_step)) continue;
    const bool is_first =
        first == nullptr || layer.first_non_finite_step < first->first_non_finite_step;
    if (is_first) first = &layer;
  }
  found.push_back(
      {Verdict::exploding, confidence, true,
       fmt::format("norms of {} of {} layers are not finite numbers at some step, first that of {} "
                   "at step {}{}",
                   broken.size(), m.layers.size(), first->name, first->first_non_finite_step,
                   broke_in_passing(m) ? "; those around it are ordinary" : ""),
       broken});
}

void judge_finiteness(const Measures& m, bool diverged, Findings& found) {
  const auto broken =
      names_where(m, [](const LayerMeasures& layer) { return layer.non_finite_share > 0; });
  const bool passing = broke_in_passing(m);
  const Confidence confidence = passing ? Confidence::medium : Confidence::high;
  if (diverged) {
    found.push_back({Verdict::exploding, Confidence::high, true,
                     "the loss grew without bound and training diverged",
                     broken.empty() ? all_names(m) : broken});
  }
  judge_broken_norms(m, broken, confidence, found);
  if (!std::isnan(m.first_non_finite_loss_step)) {
    found.push_back(
        {Verdict::exploding, confidence, true,
         fmt::format("the loss is not a finite number at step {}{}", m.first_non_finite_loss_step,
                     passing ? ", but again at the end" : ": training diverged"),
         broken.empty() ? all_names(m) : broken});
  }
}

/// The largest of any layer's medians, at the start, over all steps or at the end; NaN: none is
/// finite.
double largest_level(const Measures& m) {
  return std::fmax(std::fmax(m.largest_start, m.largest_median), m.largest_end);
}

std::string level_text(const Measures& m) {
  const double largest = largest_level(m);
  return fmt::format("the largest median norm is {:.3g}, over {}", largest,
                     largest == m.largest_median  ? "all steps"
                     : largest == m.largest_start ? "the first tenth of the steps"
                                                  : "the last tenth of the steps");
}

void judge_growth(const Measures& m, Findings& found) {
  const double largest = largest_level(m);
  const double huge = kHugeNorm * m.gradient_scale;
  if (std::isfinite(largest) && largest > huge) {
    found.push_back(
        {Verdict::exploding, confidence_of_size(m, largest / huge), false,
         fmt::format("{}, where such a loss gives about {:g}", level_text(m), m.gradient_scale),
         names_where(m, [&](const LayerMeasures& layer) {
           return layer.start > huge || layer.median > huge || layer.end > huge;
         })});
  }
}

/// The layers past the threshold, or the one that alone makes the ratio.
std::vector<std::string> concerned_by_ratio(const Measures& m, const auto& past) {
  const auto odd = follows_depth(m) ? std::nullopt : odd_end(m);
  return odd ? std::vector{m.layers[*odd].name} : names_where(m, past);
}

void judge_growth_over_depth(const Measures& m, Findings& found) {
  const double tiny = kTinyNorm * m.gradient_scale;
  if (m.first_to_last_ratio > kGrowingRatio && m.largest_median >= tiny) {
    found.push_back({Verdict::exploding,
                     confidence_of_ratio(m, m.first_to_last_ratio / kGrowingRatio), false,
                     ratio_text(m), concerned_by_ratio(m, [&](const LayerMeasures& layer) {
                       return layer.median > kGrowingRatio * m.layers[m.last_end].median;
                     })});
  } else if (m.ratio_at_start > kGrowingRatio && m.largest_start >= tiny) {
    found.push_back(
        {Verdict::exploding, std::min(confidence_of_size(m, 1), Confidence::medium), false,
         fmt::format("the first layer's norm is {:.3g} times the last's over the first tenth of "
                     "the steps, whose damage stays when norms calm down",
                     m.ratio_at_start),
         names_where(m, [&](const LayerMeasures& layer) {
           return layer.start > kGrowingRatio * m.layers[m.last_end].start;
         })});
  }
}

/// Zero norms that only go on where norms of 1e-30 left off are vanishing, not death.
bool is_underflow(const Measures& m) {
  const auto positive = std::ranges::find_if(m.layers, [](const auto& l) { return l.median > 0; });
  return positive != m.layers.end() && positive != m.layers.begin() &&
         m.layers.front().zero_share == 1 && positive->median < 1e-6 * m.layers.back().median;
}

void judge_death(const Measures& m, Findings& found) {
  const auto silent =
      names_where(m, [&](const LayerMeasures& layer) { return is_silent(m, layer); });
  if (!silent.empty() && !is_underflow(m)) {
    found.push_back({Verdict::dead, m.steps < kFewSteps ? Confidence::low : Confidence::high, true,
                     fmt::format("the gradient of {} of {} layers is exactly zero {}",
                                 silent.size(), m.layers.size(),
                                 silent_from_start(m) ? "at every step" : "up to the last step"),
                     silent});
  }
  for (const LayerMeasures& layer : m.layers) {
    if (!(layer.dead_relu_share >= kDeadUnits)) continue;
    found.push_back({Verdict::dead,
                     Confidence::high,
                     false,
                     fmt::format("{:.0f} % of the ReLUs of {} answer zero to every input",
                                 100 * layer.dead_relu_share, layer.name),
                     {layer.name}});
  }
}

void judge_shrinkage(const Measures& m, Findings& found) {
  if (m.first_to_last_ratio < kShrinkingRatio) {
    found.push_back({Verdict::vanishing,
                     confidence_of_vanishing(
                         m, confidence_of_ratio(m, kShrinkingRatio / m.first_to_last_ratio)),
                     false, ratio_text(m), concerned_by_ratio(m, [&](const LayerMeasures& layer) {
                       return layer.median < kShrinkingRatio * m.layers[m.last_end].median;
                     })});
  }
  const double tiny = kTinyNorm * m.gradient_scale;
  if (m.largest_start < tiny && m.largest_median < tiny && m.largest_median > 0) {
    found.push_back(
        {Verdict::vanishing,
         confidence_of_vanishing(m, confidence_of_size(m, tiny / m.largest_median)), false,
         fmt::format("no layer's median norm exceeds {:.3g}: all are small together, however flat "
                     "over depth",
                     m.largest_median),
         all_names(m)});
  }
}

void judge_collapse(const Measures& m, Findings& found) {
  if (!collapses(m)) return;
  found.push_back(
      {Verdict::vanishing, std::isnan(m.first_loss) ? Confidence::medium : Confidence::high, false,
       fmt::format("the norms of all layers have shrunk to {:.2g} of those at the start: "
                   "no step moves a weight any more{}",
                   m.largest_end / m.largest_start,
                   std::isnan(m.first_loss) ? " (a loss of nearly 0 would explain it too)" : ""),
       all_names(m)});
}

std::string signal_text(const Measures& m) {
  const double factor = std::pow(10, -m.signal_depth.value);
  return fmt::format(
      "the backpropagated signal {} to {:.3g} of itself a layer on its way back (95 % interval "
      "{:.3g} to {:.3g}), to {:.3g} over all",
      factor < 1 ? "shrinks" : "grows", factor, std::pow(10, -m.signal_depth.high),
      std::pow(10, -m.signal_depth.low), m.signal_ratio);
}

/// The signal vanishes or explodes where norms of weight gradients need not show it: in a bias-free
/// ReLU network they are flat over depth. In front of a normalisation its size is the inverse of
/// that of the weights, and says nothing.
void judge_signal(const Measures& m, Findings& found) {
  if (m.has.normalisation) return;
  if (m.signal_ratio < kShrinkingSignal && m.signal_depth.low > 0) {
    found.push_back({Verdict::vanishing, confidence_of(m, kShrinkingSignal / m.signal_ratio), false,
                     signal_text(m), all_names(m)});
  } else if (m.signal_ratio > kGrowingSignal && m.signal_depth.high < 0) {
    found.push_back({Verdict::exploding, confidence_of(m, m.signal_ratio / kGrowingSignal), false,
                     signal_text(m), all_names(m)});
  }
}

bool loss_rises(const Measures& m) {
  return m.steps >= kFewSteps && m.loss_at_end > kLossRise * std::fmax(m.first_loss, m.blind_loss);
}

void judge_loss_rise(const Measures& m, Findings& found) {
  if (!loss_rises(m)) return;
  const double reference = std::fmax(m.first_loss, m.blind_loss);
  found.push_back(
      {Verdict::unstable, confidence_of(m, m.loss_at_end / reference), false,
       fmt::format("the loss ends at {:.3g}, above {} of {:.3g}", m.loss_at_end,
                   m.blind_loss == reference ? "a blind guess" : "its start", reference),
       all_names(m)});
}

void judge_roughness(const Measures& m, Findings& found) {
  if (m.steps < kTrendSteps) return;
  const auto rough = names_where(m, [](const LayerMeasures& layer) {
    return layer.spike_share > kSpikeShare || layer.noise > kNoise;
  });
  if (rough.empty()) return;
  const LayerMeasures& noisiest = std::ranges::max(m.layers, {}, &LayerMeasures::noise);
  const double spikes = std::ranges::max(m.layers, {}, &LayerMeasures::spike_share).spike_share;
  std::string reason = fmt::format("norms jump from step to step, those of {} by a factor {:.3g}",
                                   noisiest.name, std::pow(10, noisiest.noise));
  if (spikes > 0) {
    reason += fmt::format("; {:.2g} % of the steps are over ten times the level", 100 * spikes);
  }
  found.push_back({Verdict::unstable, Confidence::medium, false, std::move(reason), rough});
}

/// What a loss did that has not fallen below its first and that of a blind guess.
std::string plateau_text(const Measures& m) {
  if (m.loss_at_end > (1 + kPlateau) * m.first_loss) {
    return fmt::format("the loss rose from {:.4g} to {:.4g}", m.first_loss, m.loss_at_end);
  }
  if (m.loss_at_end > (1 - kPlateau) * m.first_loss) {
    return fmt::format("the loss stays where it was, {:.4g} at first and {:.4g} at the end",
                       m.first_loss, m.loss_at_end);
  }
  const bool reaches = m.loss_at_end <= (1 + kPlateau) * m.blind_loss;
  return fmt::format("the loss fell from {:.4g} to {:.4g}, {} that of a blind guess, {:.4g}",
                     m.first_loss, m.loss_at_end, reaches ? "only to" : "still above",
                     m.blind_loss);
}

void judge_progress(const Measures& m, Findings& found) {
  if (m.steps < kTrendSteps || m.largest_end > kPlateauGrowth * m.largest_start) return;
  const Confidence most = m.from_start ? Confidence::high : Confidence::low;
  const char* const late =
      m.from_start ? "" : "; the recording begins late, so it may have converged";
  if (m.expected_share < kIdleDecrease) {
    found.push_back({Verdict::stuck,
                     std::min(most, confidence_of(m, kIdleDecrease / m.expected_share)), false,
                     fmt::format("all steps together could lower the loss by {:.2g} % at most "
                                 "(learning rate times squared gradient norm, summed){}",
                                 100 * m.expected_share, late),
                     all_names(m)});
  }
  if (m.relative_decrease < kPlateau && !loss_rises(m)) {
    found.push_back({Verdict::stuck, std::min(most, Confidence::medium), false,
                     fmt::format("{}, and the norms do not grow{}", plateau_text(m), late),
                     all_names(m)});
  }
  const bool still = std::ranges::all_of(m.layers, [](const LayerMeasures& layer) {
    return layer.range < kStillNorms && layer.zero_share == 0;
  });
  if (still && std::isnan(m.first_loss)) {
    found.push_back({Verdict::stuck, Confidence::low, false,
                     "no layer's norm has moved from the start to the end: stuck, or "
                     "converged before; the loss beside the norms would tell",
                     all_names(m)});
  }
}

}  // namespace

bool learns(const Measures& m) {
  if (!std::isnan(m.blind_loss)) return m.loss_at_end < (1 - kLearnedDecrease) * m.blind_loss;
  return m.relative_decrease > kLearnedUnseen && !starts_too_large(m);
}

bool starts_too_large(const Measures& m) {
  return starts_at_huge_level(m) ||
         std::fmax(m.ratio_at_first_step, m.ratio_at_start) > kGrowingRatio;
}

bool starts_at_huge_level(const Measures& m) {
  return std::fmax(m.largest_first, m.largest_start) > kHugeNorm * m.gradient_scale;
}

bool is_silent(const Measures& m, const LayerMeasures& layer) {
  const double least = std::max(kDeadShare, kDeadSteps / static_cast<double>(m.steps));
  return layer.zero_share_at_end >= std::min(least, 1.0);
}

bool broke_in_passing(const Measures& m) {
  return m.break_passed && largest_level(m) <= kHugeNorm * m.gradient_scale &&
         !(m.growth_before_break > kGrowthBeforeBreak);
}

bool silent_from_start(const Measures& m) {
  return std::ranges::all_of(m.layers, [&](const LayerMeasures& layer) {
    return !is_silent(m, layer) || layer.zero_share == 1;
  });
}

bool collapses(const Measures& m) {
  return m.steps >= kTrendSteps && m.largest_end > 0 && m.largest_end < kCollapse * m.largest_start;
}

std::vector<Finding> apply_rules(const Measures& m, bool diverged) {
  Findings found;
  judge_finiteness(m, diverged, found);
  judge_death(m, found);
  judge_growth(m, found);
  judge_growth_over_depth(m, found);
  judge_loss_rise(m, found);
  judge_collapse(m, found);
  judge_shrinkage(m, found);
  judge_signal(m, found);
  judge_roughness(m, found);
  judge_progress(m, found);
  return found;
}

std::vector<std::string> evidence_of(const Measures& m) {
  std::vector<std::string> evidence;
  for (const LayerMeasures& layer : m.layers) {
    if (m.largest_saturation >= kSaturated &&
        layer.probes.saturated_share == m.largest_saturation) {
      evidence.push_back(
          fmt::format("{:.0f} % of the outputs of {} are where its activation is flat",
                      100 * m.largest_saturation, layer.name));
      break;
    }
  }
  if (m.weight_left < kShrunkWeights) {
    evidence.push_back(
        fmt::format("the norm of the weights has shrunk to {:.2g} of itself (median "
                    "layer), as weight decay makes it",
                    m.weight_left));
  }
  if (m.median_update_ratio < kIdleUpdate || m.median_update_ratio > kViolentUpdate) {
    evidence.push_back(
        fmt::format("a step changes the weights by {:.2g} of their size, where "
                    "about 1e-3 is usual",
                    m.median_update_ratio));
  }
  return evidence;
}

Confidence healthy_confidence(const Measures& m) {
  if (m.steps < kFewSteps) return Confidence::low;
  return learns(m) && remarks_on(m).empty() ? Confidence::high : Confidence::medium;
}

}  // namespace ravine
