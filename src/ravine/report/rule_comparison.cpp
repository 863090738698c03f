#include "ravine/report/rule_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/report/configuration.hpp"
#include "ravine/report/findings_sense.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/palette.hpp"
#include "ravine/report/rule_words.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

constexpr double kRecovered = 1e-2;  // a relative error that says X* was found
constexpr double kZeroLoss = 1e-10;  // of the start's: the measurements are fitted

/// One run, seen at its smallest start.
struct Contender {
  const RunRecord* run;
  std::string rule;
  std::string label;      // of its curve
  std::string condition;  // of X*, as the option says it; "–" for none
  double step;
  MemberFindings member;
  MemberTrace trace;
};

Contender read_contender(const RunRecord& run) {
  const SenseFindings found = sense_findings(run);
  const auto smallest = [](const auto& items) {
    return *std::ranges::min_element(items, {}, [](const auto& item) { return item.alpha; });
  };
  return {&run,
          rule_of(run),
          rule_of(run),
          option_text(run, "condition-number"),
          found.step,
          smallest(found.members),
          smallest(member_traces(run))};
}

/// Runs of one rule on one kind of truth are told apart by their steps.
void make_labels_differ(std::vector<Contender>& contenders) {
  const auto alike = [](const Contender& a, const Contender& b) {
    return a.rule == b.rule && a.condition == b.condition;
  };
  for (Contender& contender : contenders) {
    const auto twins = std::ranges::count_if(
        contenders, [&](const Contender& other) { return alike(contender, other); });
    if (twins > 1) contender.label += fmt::format(", c = {}", power_text(contender.step));
  }
}

/// Distinct values in order of appearance.
std::vector<std::string> distinct(const std::vector<Contender>& contenders,
                                  std::string Contender::*value) {
  std::vector<std::string> values;
  for (const Contender& contender : contenders) {
    if (std::ranges::find(values, contender.*value) == values.end()) {
      values.push_back(contender.*value);
    }
  }
  return values;
}

Panel panel_of(const std::vector<Contender>& contenders, const std::string& condition,
               bool with_title) {
  constexpr std::size_t kDistinctColours =
      1;  // colours of their own, not shades: rules have no order
  const std::vector<std::string> labels = distinct(contenders, &Contender::label);
  Panel panel{with_title ? fmt::format("condition number {}", condition) : "",
              {"iteration", Scale::kLinear, true, {}},
              {"relative error", Scale::kLog10, false, {}},
              {},
              {}};
  for (const Contender& contender : contenders) {
    if (contender.condition != condition) continue;
    const auto index = std::ranges::find(labels, contender.label) - labels.begin();
    panel.series.push_back({contender.label, contender.trace.iteration,
                            contender.trace.relative_error,
                            series_stroke(static_cast<std::size_t>(index), kDistinctColours)});
    for (const auto& [key, name] : {std::pair("minimum_norm", "minimum norm"),
                                    std::pair("trace_minimisation", "least trace")}) {
      const std::string pointer = fmt::format("/results/{}_relative_error", key);
      if (contender.run->has(pointer)) {
        panel.references.push_back({name, contender.run->number(pointer)});
      }
    }
  }
  return panel;
}

FigureScript figure_of(const std::vector<Contender>& contenders) {
  LineFigure figure;
  figure.name = "rules";
  figure.title = "Distance from the truth under each rule";
  figure.caption =
      "Relative error ‖UUᵀ − X*‖ / ‖X*‖ against the iteration, each rule from its smallest start. "
      "One iteration is one evaluation of loss and gradient; points that a line search tries and "
      "rejects count, and show.";
  const std::vector<std::string> conditions = distinct(contenders, &Contender::condition);
  for (const std::string& condition : conditions) {
    figure.panels.push_back(panel_of(contenders, condition, conditions.size() > 1));
  }
  figure.columns = columns_for(conditions.size());
  return script_of(figure);
}

std::string table_of(const std::vector<Contender>& contenders) {
  const bool conditioned = distinct(contenders, &Contender::condition).size() > 1;
  HtmlTable table;
  table.caption = "Where each rule ended";
  table.header = {"rule"};
  if (conditioned) table.header.push_back("condition number");
  table.header.insert(table.header.end(),
                      {"<i>α</i>", "step <i>c</i>", "iterations", "to 10⁻³", "to 10⁻⁶", "to 10⁻¹⁰",
                       "loss", "relative error", "seconds"});
  for (const Contender& contender : contenders) {
    const MemberFindings& member = contender.member;
    std::vector<std::string> row{escaped(contender.rule)};
    if (conditioned) row.push_back(escaped(contender.condition));
    row.insert(row.end(), {power_text(member.alpha), power_text(contender.step),
                           count_text(member.iterations)});
    for (const double iterations : member.iterations_to) row.push_back(count_text(iterations));
    row.insert(row.end(),
               {number_text(member.loss, 2), number_text(member.relative_error, 2),
                number_text(contender.run->number_if_any("/timing/descent_seconds"), 2)});
    table.rows.push_back(std::move(row));
  }
  return html_of(table);
}

using Contenders = std::vector<const Contender*>;

std::string list_of(const Contenders& contenders) {
  std::vector<std::string> items;
  for (const Contender* contender : contenders) {
    const bool plain = contender->condition == "–";
    items.push_back(fmt::format(
        "{}{} ({})", escaped(contender->label),
        plain ? "" : fmt::format(" at condition number {}", escaped(contender->condition)),
        number_text(contender->member.relative_error, 2)));
  }
  return fmt::format("{}", fmt::join(items, ", "));
}

std::string speed_sentence(const std::vector<Contender>& contenders, const std::string& condition) {
  Contenders reached;
  for (const Contender& contender : contenders) {
    const bool finite = std::isfinite(contender.member.iterations_to[2]);
    if (contender.condition == condition && finite) reached.push_back(&contender);
  }
  if (reached.size() < 2) return {};
  std::ranges::sort(reached, {}, [](const Contender* c) { return c->member.iterations_to[2]; });
  std::vector<std::string> items;
  for (const Contender* contender : reached) {
    items.push_back(fmt::format("{} {}", escaped(contender->label),
                                count_text(contender->member.iterations_to[2])));
  }
  return fmt::format(
      "Iterations to a relative error of 10⁻¹⁰{}: <strong>{}</strong>.",
      condition == "–" ? "" : fmt::format(" at condition number {}", escaped(condition)),
      fmt::join(items, ", "));
}

std::vector<std::string> recovery_sentences(const std::vector<Contender>& contenders) {
  Contenders recovered, fitted_otherwise, unfinished;
  for (const Contender& contender : contenders) {
    const MemberFindings& member = contender.member;
    if (member.relative_error <= kRecovered) {
      recovered.push_back(&contender);
    } else if (member.loss <= kZeroLoss * member.start_loss) {
      fitted_otherwise.push_back(&contender);
    } else {
      unfinished.push_back(&contender);
    }
  }
  std::vector<std::string> sentences;
  if (recovered.size() == contenders.size()) {
    sentences.push_back("Every run found <i>X</i>* to a relative error of 10⁻² or less.");
  } else if (!recovered.empty()) {
    sentences.push_back(fmt::format(
        "Found <i>X</i>* to a relative error of 10⁻²: <strong>{}</strong>.", list_of(recovered)));
  }
  if (!fitted_otherwise.empty()) {
    sentences.push_back(fmt::format(
        "Fitted every measurement with <strong>another matrix</strong>: {}. Their loss is zero and "
        "their answer wrong; which zero of the loss is found depends on the rule.",
        list_of(fitted_otherwise)));
  }
  if (!unfinished.empty()) {
    sentences.push_back(fmt::format(
        "Neither found <i>X</i>* nor fitted the measurements in the iterations given: {}.",
        list_of(unfinished)));
  }
  return sentences;
}

Section section_of(const std::vector<Contender>& contenders) {
  Section section;
  const RunRecord& run = *contenders.front().run;
  section.title = run.text("/experiment/title");
  section.question = run.text("/experiment/question");
  const auto best = std::ranges::count_if(contenders, [](const Contender& contender) {
    return contender.member.relative_error <= kRecovered;
  });
  section.headline =
      fmt::format("<strong>{}</strong> of {} runs found <i>X</i>*", best, contenders.size());
  section.setup = fmt::format(
      "The runs below side by side, each at its smallest start; step rules: {}.",
      escaped(fmt::format("{}", fmt::join(distinct(contenders, &Contender::label), ", "))));
  section.findings = recovery_sentences(contenders);
  for (const std::string& condition : distinct(contenders, &Contender::condition)) {
    section.findings.push_back(speed_sentence(contenders, condition));
  }
  std::erase(section.findings, std::string());
  section.tables = {table_of(contenders)};
  return section;
}

}  // namespace

std::optional<Comparison> compare_rules(const std::vector<const RunRecord*>& runs) {
  std::vector<Contender> contenders;
  std::set<std::string> rules;
  for (const RunRecord* run : runs) {
    if (run->kind() != "sense" || truth_singular_values(*run).empty()) continue;
    contenders.push_back(read_contender(*run));
    rules.insert(contenders.back().rule);
  }
  if (rules.size() < 2) return std::nullopt;
  make_labels_differ(contenders);
  return Comparison{"the rules compared", section_of(contenders), {figure_of(contenders)}};
}

}  // namespace ravine::report
