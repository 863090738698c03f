#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/findings_sense.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/rule_words.hpp"

namespace ravine::report {

namespace {

// Errors of members that differ by more than this factor are different answers.
constexpr double kDifferent = 10.0;
// Above this, a singular value has grown rather than stayed.
constexpr double kGrown = 2.0;
// Errors below this are no different answers, only descents that went on for longer or shorter.
constexpr double kFar = 1e-3;
// A start is small against X* when the largest eigenvalue of UU^T is at most this of X*'s.
constexpr double kSmall = 0.1;
// A loss below this share of its start, residuals below a thousandth, fits the measurements.
constexpr double kFitted = 1e-6;
// Final errors within this factor of each other are one answer.
constexpr double kSame = 2.0;

using Members = std::vector<MemberFindings>;

const MemberFindings& least(const Members& members, double MemberFindings::*value) {
  return *std::ranges::min_element(members, {}, value);
}

std::string alpha_text(const MemberFindings& member) {
  return fmt::format("<i>α</i> = {}", power_text(member.alpha));
}

std::string divergence_sentence(const MemberFindings& member) {
  return fmt::format("At {} descent <strong>diverged</strong> after {} iterations: {}.",
                     alpha_text(member), count_text(member.iterations), prose(member.message));
}

std::string iterations_sentence(const MemberFindings& member) {
  const auto reached = [&](std::size_t level) {
    const double iterations = member.iterations_to[level];
    return std::isfinite(iterations) ? count_text(iterations) : std::string("never");
  };
  std::string sentence = fmt::format(
      "At {} the relative error falls below 10⁻³ / 10⁻⁶ / 10⁻¹⁰ after "
      "<strong>{} / {} / {}</strong> iterations and ends at {}.",
      alpha_text(member), reached(0), reached(1), reached(2),
      number_text(member.relative_error, 2));
  if (member.log10_rate < 0.0) {
    sentence += fmt::format(
        " On the straight part of the curve log<sub>10</sub> of the error changes by {} per "
        "iteration, one decimal digit every {} iterations: linear convergence.",
        number_text(member.log10_rate, 3), number_text(-1.0 / member.log10_rate, 2));
  }
  return sentence;
}

// Of a start whose error never fell below the first level.
std::string error_end_sentence(const MemberFindings& member) {
  return fmt::format(
      "At {} the relative error goes from {} to <strong>{}</strong> in {} iterations; it never "
      "fell below 10⁻³.",
      alpha_text(member), number_text(member.start_error, 2), number_text(member.relative_error, 2),
      count_text(member.iterations));
}

std::string start_sentence(const MemberFindings& member) {
  const bool knows_error = std::isfinite(member.start_error);
  return fmt::format("No iteration was made from {}: the start has {} {}.", alpha_text(member),
                     knows_error ? "relative error" : "loss",
                     number_text(knows_error ? member.start_error : member.start_loss, 2));
}

std::string law_text(const PowerLaw& law) {
  return fmt::format("<i>α</i> to the power <strong>{} ± {}</strong>", fixed_text(law.exponent, 2),
                     fixed_text(law.margin, 2));
}

std::string unsettled_sentence(const Members& members) {
  std::string alphas;
  for (const MemberFindings& member : members) {
    if (!member.settled) alphas += (alphas.empty() ? "" : ", ") + power_text(member.alpha);
  }
  if (alphas.empty()) return {};
  return fmt::format(
      "Not settled when the run ended, so left out where starts are compared: <i>α</i> = {}. The "
      "error was still changing there, or <i>X</i>* not yet learned.",
      alphas);
}

// What the error does from the largest of the settled starts to the smallest.
std::string error_sentence(const SenseFindings& found, Members settled) {
  std::ranges::sort(settled, {}, &MemberFindings::alpha);
  const auto [low, high] =
      std::ranges::minmax_element(settled, {}, &MemberFindings::relative_error);
  const std::string from = number_text(high->relative_error, 2);
  const std::string to = number_text(low->relative_error, 2);
  if (high->relative_error < kSame * low->relative_error) {
    return fmt::format(
        "The final error hardly depends on the size of the start: it is {} to {} for <i>α</i> from "
        "{} to {}.",
        to, from, power_text(settled.front().alpha), power_text(settled.back().alpha));
  }
  if (!std::ranges::is_sorted(settled, {}, &MemberFindings::relative_error)) {
    return fmt::format(
        "The final error does not follow the size of the start: it is largest, {}, at {} and "
        "smallest, {}, at {}.",
        from, alpha_text(*high), to, alpha_text(*low));
  }
  std::string sentence =
      fmt::format("The smaller the start, the smaller the final error: from {} ({}) to {} ({})",
                  from, alpha_text(*high), to, alpha_text(*low));
  if (const auto& law = found.error_law) {
    sentence += fmt::format(", about as {} (least squares over {} starts){}", law_text(*law),
                            law->points, is_proportional(*law) ? ": in proportion" : "");
  } else if (settled.size() > 2) {
    sentence += ", but as no single power of <i>α</i>";
  }
  return sentence + ".";
}

std::string proportion_text(const PowerLaw& law) {
  if (is_proportional(law)) return "in proportion to the start";
  return law.exponent < 1.0 ? "a smaller start keeps it smaller, but not in proportion"
                            : "it falls faster than the start";
}

std::string beyond_sentence(const SenseFindings& found, const MemberFindings& member) {
  const double growth = member.first_beyond / member.first_beyond_start;
  std::string sentence = fmt::format(
      "Singular value {} of <i>U</i>, the first that <i>X</i>* does not have, {}: at {} it starts "
      "at {} and ends at {}, <strong>{} times</strong> its start.",
      count_text(found.true_rank + 1),
      growth > kGrown         ? "does not stay where it began"
      : growth < 1.0 / kGrown ? "shrinks"
                              : "stays about where it began",
      alpha_text(member), number_text(member.first_beyond_start, 2),
      number_text(member.first_beyond, 2), number_text(growth, 2));
  if (const auto& law = found.beyond_law) {
    sentence += fmt::format(" Over {} starts its last value goes as {}: {}.", law->points,
                            law_text(*law), proportion_text(*law));
  }
  return sentence;
}

std::string same_loss_sentence(const Members& fitted) {
  double loss = 0.0;
  double low = INFINITY;
  double high = 0.0;
  for (const MemberFindings& member : fitted) {
    loss = std::max(loss, member.loss);
    low = std::min(low, member.relative_error);
    high = std::max(high, member.relative_error);
  }
  if (!(high > kFar && high > kDifferent * low)) return {};
  return fmt::format(
      "<strong>Same zero loss, different answers.</strong> {} starts end with a loss of at most "
      "{}, but with relative errors from {} to {}. The loss cannot tell these matrices apart; only "
      "the start did.",
      fitted.size(), number_text(loss, 2), number_text(low, 2), number_text(high, 2));
}

// Nothing where the least loss goes with the least error, or nearly.
std::string misleading_loss_sentence(const Members& members, bool underdetermined) {
  const MemberFindings& least_loss = least(members, &MemberFindings::loss);
  const MemberFindings& least_error = least(members, &MemberFindings::relative_error);
  const double misled = least_loss.relative_error;
  if (!(misled > kFar && misled > kDifferent * least_error.relative_error)) return {};
  return fmt::format(
      "<strong>A smaller loss is not a better answer.</strong> {} ends with the smallest loss of "
      "all, {}, and a relative error of <strong>{}</strong>; {} ends with a loss of {} and a "
      "relative error of <strong>{}</strong>.{}",
      alpha_text(least_loss), number_text(least_loss.loss, 2), number_text(misled, 2),
      alpha_text(least_error), number_text(least_error.loss, 2),
      number_text(least_error.relative_error, 2),
      underdetermined ? " Which matrix descent finds is decided by the start, not by the loss."
                      : "");
}

// The member of least error among those that fit and whose start is small, or large.
const MemberFindings* best_fitted(const Members& fitted, bool small) {
  const MemberFindings* best = nullptr;
  for (const MemberFindings& member : fitted) {
    const bool of_size = small ? member.start_size <= kSmall : member.start_size > kSmall;
    if (of_size && (!best || member.relative_error < best->relative_error)) best = &member;
  }
  return best;
}

// How far a member's residuals fell; nothing where to zero.
std::string residual_words(const MemberFindings& member) {
  if (member.loss <= kZeroSenseLoss * member.start_loss) return {};
  return fmt::format(", its residuals down to {} of those at the start,",
                     number_text(std::sqrt(member.loss / member.start_loss), 2));
}

// What the starts that were run say of small ones; nothing where none was small and fitted.
std::string implicit_sentence(const SenseFindings& found) {
  if (found.rank <= found.true_rank || found.start != "gaussian") return {};
  const Members fitted = fitted_members(found, kFitted);
  const MemberFindings* small = best_fitted(fitted, true);
  if (!small || kDifferent * small->relative_error >= found.minimum_norm_error) return {};
  std::string sentence = fmt::format(
      " So from the small start {} descent{} does not go to the solution of least norm, but close "
      "to "
      "<i>X</i>*, which has low rank",
      alpha_text(*small), residual_words(*small));
  const MemberFindings* large = best_fitted(fitted, false);
  if (large && large->relative_error > kDifferent * small->relative_error) {
    sentence += fmt::format(
        "; from the large one {} it fits the measurements as well, and ends at "
        "a relative error of {}",
        alpha_text(*large), number_text(large->relative_error, 2));
  }
  return sentence + ".";
}

std::string minimum_norm_sentence(const SenseFindings& found) {
  const MemberFindings& best = least(found.members, &MemberFindings::relative_error);
  std::string reached =
      fmt::format("relative error <strong>{}</strong>", number_text(found.minimum_norm_error, 2));
  if (best.iterations > 0.0) {
    reached +=
        fmt::format("; {} from {} reaches <strong>{}</strong>", escaped(rule_words(found.rule)),
                    alpha_text(best), number_text(best.relative_error, 2));
  }
  reached += ".";
  if (is_underdetermined(found)) {
    return fmt::format(
               "{} measurements cannot determine {} unknowns: infinitely many symmetric matrices "
               "fit them all. The one of least Frobenius norm has ",
               count_text(found.measurements), count_text(found.unknowns)) +
           reached + implicit_sentence(found);
  }
  if (found.own_measurements) return "The minimum-norm solution of least squares has " + reached;
  return fmt::format(
             "{} measurements are enough for {} unknowns: least squares alone determines the "
             "matrix, whatever its rank, and nothing is left for the start to decide. Its solution "
             "has ",
             count_text(found.measurements), count_text(found.unknowns)) +
         reached;
}

std::string trace_sentence(const SenseFindings& found) {
  if (!found.trace_minimisation_converged) {
    return fmt::format(
        "The search for the semidefinite matrix of least trace that fits the measurements "
        "<strong>did not converge</strong>, as it need not where noise leaves none that fits; "
        "where it ended the relative error is {}.",
        number_text(found.trace_minimisation_error, 2));
  }
  return fmt::format(
      "The semidefinite matrix of least trace that fits the measurements, found by a convex "
      "method, "
      "has relative error <strong>{}</strong>.",
      number_text(found.trace_minimisation_error, 2));
}

std::string rank_sentence(const SenseFindings& found, const MemberFindings& member) {
  return fmt::format(
      "<i>U</i> has {} columns; at {} its effective rank ends at <strong>{}</strong> (entropy) and "
      "<strong>{}</strong> (stable). A <i>U</i> with <i>UU</i><sup>T</sup> = <i>X</i>* has {} and "
      "{}; the rank of <i>X</i>* is {}.",
      count_text(found.rank), alpha_text(member), number_text(member.entropy_rank, 3),
      number_text(member.stable_rank, 3), number_text(found.truth_entropy_rank, 3),
      number_text(found.truth_stable_rank, 3), count_text(found.true_rank));
}

std::string fit_sentence(const MemberFindings& member) {
  return fmt::format("At {} the loss goes from {} to <strong>{}</strong> in {} iterations.",
                     alpha_text(member), number_text(member.start_loss, 2),
                     number_text(member.loss, 2), count_text(member.iterations));
}

// What the smallest settled start did beyond the rank of X*.
void add_beyond_rank(const SenseFindings& found, const Members& settled,
                     std::vector<std::string>& sentences) {
  if (settled.empty() || found.rank <= found.true_rank) return;
  const MemberFindings& member = least(settled, &MemberFindings::alpha);
  if (std::isfinite(member.first_beyond)) sentences.push_back(beyond_sentence(found, member));
  if (std::isfinite(member.entropy_rank)) sentences.push_back(rank_sentence(found, member));
}

void add_over_parameterised(const SenseFindings& found, std::vector<std::string>& sentences) {
  const bool several = found.members.size() > 1;
  const Members settled = settled_members(found);
  if (settled.size() > 1) sentences.push_back(error_sentence(found, settled));
  if (several) sentences.push_back(unsettled_sentence(found.members));
  const Members fitted = fitted_members(found);
  if (fitted.size() > 1) sentences.push_back(same_loss_sentence(fitted));
  if (several)
    sentences.push_back(misleading_loss_sentence(found.members, is_underdetermined(found)));
  if (std::isfinite(found.minimum_norm_error)) {
    sentences.push_back(minimum_norm_sentence(found));
  }
  if (std::isfinite(found.trace_minimisation_error)) sentences.push_back(trace_sentence(found));
  add_beyond_rank(found, settled, sentences);
}

}  // namespace

std::vector<std::string> sentences_of(const SenseFindings& found) {
  std::vector<std::string> sentences;
  SenseFindings survivors = found;
  std::erase_if(survivors.members, [](const auto& m) { return m.termination == "diverged"; });
  for (const MemberFindings& member : found.members) {
    if (member.termination == "diverged") sentences.push_back(divergence_sentence(member));
  }
  for (const MemberFindings& member : survivors.members) {
    if (member.iterations == 0.0) {
      sentences.push_back(start_sentence(member));
    } else if (found.true_rank == 0.0) {
      sentences.push_back(fit_sentence(member));
    } else if (survivors.members.size() == 1) {
      sentences.push_back(std::isfinite(member.iterations_to[0]) ? iterations_sentence(member)
                                                                 : error_end_sentence(member));
    }
  }
  if (found.true_rank > 0.0 && !survivors.members.empty()) {
    add_over_parameterised(survivors, sentences);
  }
  std::erase(sentences, std::string());
  return sentences;
}

}  // namespace ravine::report
