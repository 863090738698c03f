#include "ravine/diagnosis/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "ravine/diagnosis/remarks.hpp"
#include "ravine/diagnosis/rules.hpp"
#include "ravine/diagnosis/treatment.hpp"

namespace ravine {

namespace {

std::string healthy_reason(const Measures& m) {
  std::string text = fmt::format("every layer's median norm lies between {:.3g} and {:.3g}",
                                 m.smallest_median, m.largest_median);
  if (!std::isnan(m.first_to_last_ratio)) {
    text += fmt::format(", first to last layer {:.3g}", m.first_to_last_ratio);
  }
  if (learns(m)) {
    text += m.relative_decrease > kLearnedDecrease
                ? fmt::format("; the loss fell from {:.3g} to {:.3g}", m.first_loss, m.loss_at_end)
                : fmt::format("; the loss is {:.3g} at the end, that of a blind guess {:.3g}",
                              m.loss_at_end, m.blind_loss);
  }
  if (m.steps < kFewSteps) {
    text += fmt::format("; judged by {} only", counted(m.steps, "step"));
  }
  return text;
}

/// A loss that fell, but perhaps only to that of a blind guess, which a table does not tell.
void add_unseen_progress(const Measures& m, std::vector<std::string>& reasons) {
  if (!std::isnan(m.blind_loss) || !(m.relative_decrease > kLearnedDecrease)) return;
  reasons.push_back(
      fmt::format("the loss fell from {:.3g} to {:.3g}: the number of classes (--classes) tells "
                  "whether that is better than a blind guess",
                  m.first_loss, m.loss_at_end));
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return "healthy";
    case Verdict::vanishing:
      return "vanishing";
    case Verdict::exploding:
      return "exploding";
    case Verdict::unstable:
      return "unstable";
    case Verdict::dead:
      return "dead";
    case Verdict::stuck:
      return "stuck";
  }
  return "";
}

std::string_view name_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::low:
      return "low";
    case Confidence::medium:
      return "medium";
    case Confidence::high:
      return "high";
  }
  return "";
}

std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string first_names(std::span<const std::string> names, std::size_t most) {
  const std::size_t said = std::min(most, names.size());
  std::string text = fmt::format("{}", fmt::join(names.first(said), ", "));
  if (names.size() > said) text += fmt::format(" and {} more", names.size() - said);
  return text;
}

Diagnosis diagnose(const NormHistory& history) {
  Diagnosis d;
  d.columns_left_out = history.columns_left_out;
  d.measures = measure(history);
  const std::vector<Finding> findings = apply_rules(d.measures, history.diverged);
  const bool learned = learns(d.measures);
  const auto decisive = std::ranges::find_if(
      findings, [&](const Finding& finding) { return finding.certain || !learned; });
  if (decisive == findings.end()) {
    d.confidence = healthy_confidence(d.measures);
    d.reasons.push_back(healthy_reason(d.measures));
  } else {
    d.verdict = decisive->verdict;
    d.confidence = decisive->confidence;
    d.layers = decisive->layers;
    d.reasons.push_back(decisive->reason);
    Treatment treatment = treatment_of(d.verdict, d.measures);
    d.cause = std::move(treatment.cause);
    d.advice = std::move(treatment.advice);
  }
  for (auto other = findings.begin(); other != findings.end(); ++other) {
    if (other != decisive) d.reasons.push_back(other->reason);
  }
  std::ranges::move(remarks_on(d.measures), std::back_inserter(d.reasons));
  if (d.verdict != Verdict::healthy) {
    if (!decisive->certain) add_unseen_progress(d.measures, d.reasons);
    std::ranges::move(evidence_of(d.measures), std::back_inserter(d.reasons));
  }
  return d;
}

}  // namespace ravine
