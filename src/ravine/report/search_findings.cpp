#include "ravine/report/search_findings.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"

namespace ravine::report {

namespace {

// The longest list that is shown point by point.
constexpr std::size_t kLongestTable = 32;

std::string counted(double count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count_text(count), count == 1.0 ? one : many);
}

std::string found_clause(const RunRecord& run, const std::string& at) {
  const double starts = run.number(at + "/starts");
  std::string text = fmt::format(
      "For the {} loss, {} for a zero gradient found <strong>{}</strong> (up to <i>U</i> → "
      "<i>UQ</i>): {} and {}",
      escaped(run.text(at + "/loss_kind")), counted(starts, "search", "searches"),
      counted(run.number(at + "/distinct"), "critical point", "critical points"),
      counted(run.number(at + "/minima"), "minimum", "minima"),
      counted(run.number(at + "/strict_saddles"), "strict saddle", "strict saddles"));
  const double flat = run.number(at + "/gradient_flat");
  if (flat > 0) {
    text += fmt::format("; {} got stuck where the gradient is flat, and prove nothing",
                        counted(flat, "search", "searches"));
  }
  return text + ".";
}

std::string list_clause(const RunRecord& run, const std::string& at) {
  const double listed = run.number(at + "/listed");
  const double found = run.number(at + "/listed_found");
  return fmt::format(
      " Theory lists 2<sup><i>r</i></sup> = {} of them, one for each subset of the eigenpairs of "
      "<i>X</i>*: {} were found, {} of the points found are on the list with the curvature it "
      "says.",
      count_text(listed), found == listed ? "all" : count_text(found),
      run.number(at + "/agree") == run.number(at + "/distinct")
          ? "all"
          : count_text(run.number(at + "/agree")));
}

std::string sampled_clause(const RunRecord& run, const std::string& at) {
  if (run.number(at + "/agree") == run.number(at + "/distinct")) {
    return " Sampling adds saddles that the population does not have; a minimum other than the "
           "truth "
           "was <strong>not found</strong>.";
  }
  return " Not all of them are what they must be: with so few measurements the loss has minima "
         "other than the truth, or they could not be told apart.";
}

std::string search_sentence(const RunRecord& run, std::size_t index) {
  const std::string at = fmt::format("/results/searches/{}", index);
  std::string sentence = found_clause(run, at);
  if (run.has(at + "/listed")) sentence += list_clause(run, at);
  if (run.text(at + "/loss_kind") == "sampled") sentence += sampled_clause(run, at);
  return sentence;
}

std::string escape_sentence(const RunRecord& run, std::size_t index) {
  const std::string at = fmt::format("/results/escapes/{}", index);
  std::string sentence = fmt::format(
      "Descent on the {} loss leaves the saddle at 0 by a factor of <strong>{}</strong> an "
      "iteration; 1 + 2<i>ησ</i>₁ = {}",
      escaped(run.text(at + "/loss_kind")), number_text(run.number(at + "/measured_growth"), 7),
      number_text(run.number(at + "/population_growth"), 7));
  if (run.text(at + "/loss_kind") == "sampled") {
    sentence += fmt::format(", and with the sampled Hessian&#39;s own eigenvalue {}",
                            number_text(run.number(at + "/own_growth"), 7));
  }
  if (run.has(at + "/left")) {
    sentence += fmt::format("; it has left after {} iterations ({} at that rate all the way)",
                            count_text(run.number(at + "/left")),
                            count_text(std::ceil(run.number(at + "/predicted_left"))));
  }
  return sentence + ".";
}

std::string slice_sentence(const RunRecord& run) {
  const Json& means = run.array("/results/slices/deviations");
  const Json& last = means[means.size() - 1];
  return fmt::format(
      "Over the plane of the slices, a sampled loss of <i>m</i> = {} measurements differs from the "
      "population&#39;s by up to {} of the loss at 0, on average over instances; over all <i>m</i> "
      "the difference falls as <i>m</i> to the power of <strong>{} ± {}</strong>, where sampling "
      "error has −1/2.",
      count_text(last["measurements"].get<double>()), number_text(last["largest"].get<double>(), 2),
      fixed_text(run.number("/results/slices/exponent"), 2),
      fixed_text(run.number("/results/slices/exponent_margin"), 2));
}

}  // namespace

std::vector<std::string> search_sentences(const RunRecord& run) {
  std::vector<std::string> sentences;
  if (run.has("/results/searches")) {
    for (std::size_t i = 0; i < run.array("/results/searches").size(); ++i) {
      sentences.push_back(search_sentence(run, i));
    }
  }
  if (run.has("/results/escapes")) {
    for (std::size_t i = 0; i < run.array("/results/escapes").size(); ++i) {
      sentences.push_back(escape_sentence(run, i));
    }
  }
  if (run.has("/results/slices/exponent_margin")) sentences.push_back(slice_sentence(run));
  return sentences;
}

std::string critical_list_table(const RunRecord& run) {
  if (!run.has_table("critical_list.csv")) return {};
  const CsvTable& list = run.table("critical_list.csv");
  if (list.row_count() > kLongestTable) return {};
  const auto kept = list.texts("kept");
  const auto loss = list.numbers("loss");
  const auto smallest = list.numbers("smallest_eigenvalue");
  const auto negative = list.numbers("negative_directions");
  const auto verdict = list.texts("verdict");
  const auto found = list.numbers("found");
  HtmlTable table;
  table.caption = "All critical points of the population loss, and how many searches ended at each";
  table.header = {"eigenpairs kept",     "loss",    "smallest eigenvalue",
                  "negative directions", "verdict", "searches"};
  for (std::size_t i = 0; i < list.row_count(); ++i) {
    table.rows.push_back({escaped(kept[i]), number_text(loss[i], 4), number_text(smallest[i], 4),
                          count_text(negative[i]), escaped(verdict[i]), count_text(found[i])});
  }
  return html_of(table);
}

}  // namespace ravine::report
