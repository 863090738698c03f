#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "ravine/report/configuration.hpp"
#include "ravine/report/findings_sense.hpp"
#include "ravine/report/findings_theory.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/reference_numbers.hpp"
#include "ravine/report/rule_words.hpp"
#include "ravine/report/section.hpp"
#include "ravine/report/sharpness.hpp"

namespace ravine::report {

namespace {

bool knows_truth(const SenseFindings& found) { return found.true_rank > 0.0; }

std::string alphas_text(const SenseFindings& found) {
  std::string text;
  for (const MemberFindings& member : found.members) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", power_text(member.alpha));
  }
  return text;
}

std::string ensemble_words(const std::string& ensemble) {
  if (ensemble == "gaussian") return "Gaussian measurements";
  if (ensemble == "symmetric-gaussian") return "symmetric Gaussian measurements";
  if (ensemble == "rademacher") return "Rademacher measurements";
  if (ensemble == "entries") return "observed entries";
  return escaped(ensemble) + " measurements";
}

/// "m = 5,000 Gaussian measurements of a", or what stands for them.
std::string measured_text(const RunRecord& run, const SenseFindings& found) {
  if (std::isnan(found.measurements)) return "The population loss, every entry observed, of a";
  return fmt::format(
      "<i>m</i> = {} {} of a", count_text(found.measurements),
      run.has("/configuration/measurement-file") ? "measurements" : ensemble_words(found.ensemble));
}

std::string setup_text(const RunRecord& run, const SenseFindings& found) {
  const std::string text = fmt::format(
      "{} {} × {} matrix <i>X</i>* ({} unknowns){}; {} on "
      "<i>U</i> with <i>R</i> = {} columns from <i>α</i> = {}, step <i>c</i>{} = {}, at "
      "most {} iterations",
      measured_text(run, found), count_text(found.dimension), count_text(found.dimension),
      count_text(found.unknowns),
      knows_truth(found)
          ? fmt::format(" of rank {} and condition number {}", count_text(found.true_rank),
                        number_text(found.condition_number))
          : std::string(),
      escaped(rule_words(found.rule)), count_text(found.rank), alphas_text(found),
      found.rule == "gd" && found.ensemble != "rank-one" ? " = <i>ησ</i>₁" : "",
      power_text(found.step), count_text(found.iterations));
  const double noise = run.number_if_any("/configuration/noise");
  return fmt::format(
      "{}{}, seed {}.", text,
      noise > 0.0
          ? fmt::format("; noise of standard deviation {} on every measurement", power_text(noise))
          : "",
      escaped(option_text(run, "seed")));
}

std::string question_text(const SenseFindings& found) {
  if (!knows_truth(found)) return "Which low-rank matrix do these measurements come from?";
  if (found.rank < found.true_rank) {
    return fmt::format(
        "What does {} find when its factor has fewer columns than the unknown matrix has rank?",
        rule_words(found.rule));
  }
  if (found.rank == found.true_rank) {
    return fmt::format(
        "Does {} on a factor of the right rank find the unknown matrix, and how fast?",
        rule_words(found.rule));
  }
  return fmt::format(
      "What does {} find when its factor has more columns than the unknown matrix has rank?",
      rule_words(found.rule));
}

std::string headline_text(const SenseFindings& found) {
  std::vector<double> errors;
  for (const MemberFindings& member : found.members) {
    if (member.termination != "diverged") errors.push_back(member.relative_error);
  }
  const std::size_t diverged = found.members.size() - errors.size();
  std::string text;
  if (errors.empty()) {
    text = "every start <strong>diverged</strong>";
  } else if (!knows_truth(found)) {
    text = fmt::format("loss <strong>{}</strong>", number_text(found.members.front().loss, 2));
  } else if (errors.size() == 1) {
    text = fmt::format("relative error <strong>{}</strong>", number_text(errors.front(), 2));
    const double to_last = found.members.front().iterations_to[2];
    if (std::isfinite(to_last))
      text += fmt::format("; 10⁻¹⁰ after {} iterations", count_text(to_last));
  } else {
    const auto [low, high] = std::minmax_element(errors.begin(), errors.end());
    text = fmt::format(
        "relative error <strong>{}</strong> to <strong>{}</strong> over {} sizes of the start",
        number_text(*low, 2), number_text(*high, 2), errors.size());
  }
  if (std::isfinite(found.minimum_norm_error)) {
    text += fmt::format("; minimum-norm solution {}", number_text(found.minimum_norm_error, 2));
  }
  if (diverged > 0 && !errors.empty()) text += fmt::format("; {} diverged", diverged);
  return text;
}

std::string members_table(const SenseFindings& found) {
  const bool truth = knows_truth(found);
  HtmlTable table;
  table.caption = "Where each start ended";
  table.header = {"<i>α</i>", "ended", "iterations", "loss", "gradient norm"};
  if (truth) {
    const std::string rank = count_text(found.true_rank);
    const std::string next = count_text(found.true_rank + 1);
    table.header.insert(table.header.end(), {"relative error", "to 10⁻³", "to 10⁻⁶", "to 10⁻¹⁰",
                                             fmt::format("<i>σ</i><sub>{}</sub>(<i>U</i>)", rank),
                                             fmt::format("<i>σ</i><sub>{}</sub>(<i>U</i>)", next)});
  }
  for (const MemberFindings& member : found.members) {
    std::string ended =
        member.termination == "max_steps" ? "after all iterations" : member.termination;
    std::ranges::replace(ended, '_', ' ');
    std::vector<std::string> row{power_text(member.alpha), escaped(ended),
                                 count_text(member.iterations), number_text(member.loss, 2),
                                 number_text(member.gradient_norm, 2)};
    if (truth) {
      row.push_back(number_text(member.relative_error, 2));
      for (const double iterations : member.iterations_to) row.push_back(count_text(iterations));
      row.push_back(number_text(member.last_wanted));
      row.push_back(number_text(member.first_beyond));
    }
    table.rows.push_back(std::move(row));
  }
  return html_of(table);
}

// The reference numbers are those of gradient descent on Gaussian U* and measurements.
bool is_standard_instance(const SenseFindings& found) {
  return found.rule == "gd" && found.ensemble == "gaussian" && !found.chosen_condition &&
         found.dimension == 100.0 && found.true_rank == 5.0 && !found.members.empty();
}

// Iterations at exact rank beside those of other instances, where this problem is one of them.
std::string exact_rank_table(const SenseFindings& found) {
  if (!is_standard_instance(found) || found.rank != 5.0 || found.measurements != 5000.0) return {};
  HtmlTable table;
  table.caption =
      "Iterations to a relative error, beside three other random instances, in bold outside their "
      "range; the closer the condition number of <i>X</i>* is to 1, the fewer";
  table.header = {"relative error", "this run", "reference"};
  for (const ExactRankIterations& reference : kExactRank) {
    if (reference.step != found.step) continue;
    const char* levels[] = {"10⁻³", "10⁻⁶", "10⁻¹⁰"};
    for (std::size_t i = 0; i < reference.iterations.size(); ++i) {
      const Range& range = reference.iterations[i];
      const double iterations = found.members.front().iterations_to[i];
      const std::string text = count_text(iterations);
      table.rows.push_back({levels[i], range.holds(iterations) ? text : outside_cell(text),
                            fmt::format("{:.0f} to {:.0f}", range.low, range.high)});
    }
  }
  return table.rows.empty() ? std::string() : html_of(table);
}

bool is_one_value(const Range& range) { return range.low == range.high; }

std::string error_cell(double error, const Range& range) {
  const std::string text = number_text(error, 2);
  return is_one_value(range) || range.holds(error) ? text : outside_cell(text);
}

std::string reference_text(const Range& range) {
  const std::string low = number_text(range.low, 2);
  if (is_one_value(range)) return fmt::format("about {}", low);
  return fmt::format("{} to {}", low, number_text(range.high, 2));
}

std::string overparameterised_table(const SenseFindings& found) {
  if (!is_standard_instance(found) || found.rank != 100.0 || found.step != 0.1) return {};
  HtmlTable table;
  table.caption =
      "Final relative error, beside three other random instances of this problem; in bold outside "
      "their range";
  table.header = {"<i>α</i>", "this run", "reference"};
  for (const OverparameterisedError& reference : kOverparameterised) {
    if (reference.measurements != found.measurements || reference.iterations != found.iterations) {
      continue;
    }
    for (const MemberFindings& member : found.members) {
      if (member.alpha != reference.alpha) continue;
      const Range& range = reference.relative_error;
      table.rows.push_back({power_text(member.alpha), error_cell(member.relative_error, range),
                            reference_text(range)});
    }
  }
  return table.rows.empty() ? std::string() : html_of(table);
}

}  // namespace

Section sense_section(const RunRecord& run) {
  const SenseFindings found = sense_findings(run);
  Section section;
  section.title = fmt::format("Matrix sensing: {}", run.name());
  section.question = question_text(found);
  section.headline = headline_text(found);
  section.setup = setup_text(run, found);
  section.findings = sentences_of(found);
  const TheoryFindings theory = theory_findings(run);
  std::ranges::move(sentences_of(theory), std::back_inserter(section.findings));
  std::ranges::move(sharpness_sentences(run), std::back_inserter(section.findings));
  section.tables = {members_table(found), exact_rank_table(found), overparameterised_table(found),
                    half_time_table(theory)};
  std::erase(section.tables, std::string());
  return section;
}

}  // namespace ravine::report
