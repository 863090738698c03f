#include "ravine/report/findings_theory.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

void add_half_times(const RunRecord& run, TheoryFindings& found) {
  const CsvTable& table = run.table("half_times.csv");
  const std::vector<double> alpha = table.numbers("alpha"), mode = table.numbers("mode"),
                            sigma = table.numbers("sigma"), time = table.numbers("half_time"),
                            by_scale = table.numbers("half_time_by_scale"),
                            by_size = table.numbers("half_time_by_size");
  for (std::size_t row = 0; row < alpha.size(); ++row) {
    for (TheoryMember& member : found.members) {
      if (member.alpha != alpha[row]) continue;
      member.half_times.push_back({mode[row], sigma[row], time[row], by_scale[row], by_size[row]});
    }
  }
}

std::string alpha_text(const TheoryMember& member) {
  return fmt::format("<i>α</i> = {}", power_text(member.alpha));
}

double largest(const TheoryFindings& found, double TheoryMember::*value) {
  double result = NAN;
  for (const TheoryMember& member : found.members) result = std::fmax(result, member.*value);
  return result;
}

std::string power_sentence(const TheoryFindings& found) {
  const double deviation = largest(found, &TheoryMember::power_deviation);
  if (std::isnan(deviation)) return {};
  const TheoryMember& member = *std::ranges::min_element(found.members, {}, &TheoryMember::alpha);
  return fmt::format(
      "While <i>U</i> is small, gradient descent is the power method: until a mode has grown to a "
      "tenth of √<i>λ</i>₁ (at {} for {} iterations), every mode grows by 1 + 2<i>ηλ</i> an "
      "iteration, to within <strong>{}</strong> over all starts.",
      alpha_text(member), count_text(member.early_iterations), deviation_text(deviation));
}

std::string recursion_sentence(const TheoryFindings& found) {
  const double deviation = largest(found, &TheoryMember::recursion_deviation);
  if (found.is_population && found.is_aligned) {
    return fmt::format(
        "From a start along the eigenvectors of <i>X</i>* each mode follows the recursion <i>s</i> "
        "← <i>s</i>(1 + 2<i>η</i>(<i>σ</i> − <i>s</i>²)), not approximately but exactly: the "
        "largest relative deviation over all iterations is <strong>{}</strong>, which is rounding.",
        number_text(deviation, 2));
  }
  return fmt::format(
      "The recursion <i>s</i> ← <i>s</i>(1 + 2<i>η</i>(<i>λ</i> − <i>s</i>²)) of modes that do not "
      "meet is off by at most {} here, {}.",
      deviation_text(deviation),
      found.is_population ? "because modes of a random start are not orthogonal"
                          : "because sampling couples the modes and turns them");
}

std::string joined(const std::vector<HalfTime>& times, double HalfTime::*value) {
  std::string text;
  for (const HalfTime& time : times) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", count_text(std::round(time.*value)));
  }
  return text;
}

std::string half_time_sentence(const TheoryMember& member) {
  const auto is_measured = [](const HalfTime& time) { return time.measured > 0.0; };
  if (member.half_times.empty() || !std::ranges::all_of(member.half_times, is_measured)) return {};
  std::string sentence = fmt::format(
      "<strong>One eigenvalue after the other.</strong> At {} the modes reach half their final "
      "size after <strong>{}</strong> iterations; predicted from their sizes at the start: {}",
      alpha_text(member), joined(member.half_times, &HalfTime::measured),
      joined(member.half_times, &HalfTime::by_size));
  if (std::isfinite(member.half_times.front().by_scale)) {
    sentence += fmt::format("; by ln(1/<i>α</i>)/(2<i>ησ</i>) alone: {}",
                            joined(member.half_times, &HalfTime::by_scale));
  }
  return sentence + ".";
}

}  // namespace

TheoryFindings theory_findings(const RunRecord& run) {
  TheoryFindings found;
  if (!run.has("/results/members/0/theory")) return found;
  found.is_population = run.has("/configuration/population") &&
                        run.manifest().at("configuration").at("population") == true;
  found.is_aligned = run.text("/configuration/start") == "aligned";
  for (std::size_t i = 0; i < run.array("/results/members").size(); ++i) {
    const std::string place = fmt::format("/results/members/{}", i);
    const auto number = [&](const char* key) {
      return run.number(fmt::format("{}/theory/{}", place, key));
    };
    found.members.push_back({run.number(place + "/alpha"),
                             number("early_iterations"),
                             number("power_deviation"),
                             number("recursion_deviation"),
                             {}});
  }
  add_half_times(run, found);
  return found;
}

std::vector<std::string> sentences_of(const TheoryFindings& found) {
  if (found.members.empty()) return {};
  std::vector<std::string> sentences{
      power_sentence(found), recursion_sentence(found),
      half_time_sentence(*std::ranges::min_element(found.members, {}, &TheoryMember::alpha))};
  std::erase(sentences, std::string());
  return sentences;
}

std::string half_time_table(const TheoryFindings& found) {
  if (found.members.empty()) return {};
  HtmlTable table;
  table.caption = "Iterations until a mode has half its final size, measured and predicted";
  table.header = {"<i>α</i>", "mode",          "<i>σ</i>",
                  "measured", "from its size", "ln(1/<i>α</i>)/(2<i>ησ</i>)"};
  for (const TheoryMember& member : found.members) {
    for (const HalfTime& time : member.half_times) {
      table.rows.push_back({power_text(member.alpha), count_text(time.mode),
                            number_text(time.sigma), count_text(time.measured),
                            fixed_text(time.by_size, 1), fixed_text(time.by_scale, 1)});
    }
  }
  return html_of(table);
}

}  // namespace ravine::report
