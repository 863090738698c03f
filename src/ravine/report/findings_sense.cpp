#include "ravine/report/findings_sense.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/line_fit.hpp"
#include "ravine/report/rule_words.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

// The straight part of an error curve: below its first descent, above its floor.
constexpr double kStraightBelow = 1e-2;
constexpr double kStraightAboveFloor = 30.0;
constexpr std::size_t kFewestForRate = 5;
// A start has settled when its error changed by less over the last tenth of the iterations, in
// decades, its loss has left that of the start, and X*'s least singular value has been learned.
constexpr double kLastShare = 0.1;
constexpr double kFlat = 0.1;
constexpr double kLeftStart = 0.5;
constexpr double kLearned = 0.5;

double straight_rate(const MemberTrace& trace) {
  double floor = INFINITY;
  for (const double error : trace.relative_error) {
    if (error > 0.0) floor = std::min(floor, error);
  }
  std::vector<double> iteration;
  std::vector<double> log_error;
  for (std::size_t i = 0; i < trace.relative_error.size(); ++i) {
    const double error = trace.relative_error[i];
    if (!(error < kStraightBelow && error > kStraightAboveFloor * floor)) continue;
    iteration.push_back(trace.iteration[i]);
    log_error.push_back(std::log10(error));
  }
  return iteration.size() < kFewestForRate ? NAN : fit_line(iteration, log_error).slope;
}

template <class Item>
const Item& of_alpha(const RunRecord& run, const std::vector<Item>& items, double alpha,
                     std::string_view table) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const Item& item) { return item.alpha == alpha; });
  if (found == items.end()) {
    throw DataError(error_text("report", (run.folder() / table).string(),
                               fmt::format("rows of alpha {}", alpha), "none"));
  }
  return *found;
}

MemberFindings read_member(const RunRecord& run, const std::string& place) {
  MemberFindings member;
  member.alpha = run.number(place + "/alpha");
  member.termination = run.text(place + "/termination");
  member.message = run.text(place + "/message");
  member.iterations = run.number(place + "/iterations");
  member.loss = run.number(place + "/loss");
  member.gradient_norm = run.number(place + "/gradient_norm");
  member.relative_error = run.number_if_any(place + "/relative_error");
  const char* levels[] = {"1e-3", "1e-6", "1e-10"};
  for (std::size_t i = 0; i < member.iterations_to.size(); ++i) {
    member.iterations_to[i] =
        run.number_if_any(fmt::format("{}/iterations_to/{}", place, levels[i]));
  }
  return member;
}

void find_in_spectrum(const MemberSpectrum& spectrum, const std::vector<double>& truth,
                      MemberFindings& member) {
  const std::size_t true_rank = truth.size();
  const auto at_end = [&](std::size_t k) {
    return k < spectrum.value.size() ? spectrum.value[k].back() : NAN;
  };
  member.last_wanted = true_rank > 0 ? at_end(true_rank - 1) : NAN;
  member.first_beyond = true_rank > 0 ? at_end(true_rank) : NAN;
  member.first_beyond_start =
      true_rank > 0 && true_rank < spectrum.value.size() ? spectrum.value[true_rank].front() : NAN;
  if (true_rank > 0 && !spectrum.value.empty()) {
    member.start_size = std::pow(spectrum.value.front().front(), 2) / truth.front();
  }
}

void find_last_ranks(const RunRecord& run, MemberFindings& member) {
  if (!run.has_table("effective_rank.csv")) return;
  const CsvTable& table = run.table("effective_rank.csv");
  const std::vector<double> alphas = table.numbers("alpha");
  for (std::size_t row = alphas.size(); row-- > 0;) {
    if (alphas[row] != member.alpha) continue;
    member.entropy_rank = table.numbers("entropy_rank")[row];
    member.stable_rank = table.numbers("stable_rank")[row];
    return;
  }
}

bool has_settled(const MemberFindings& member, const MemberTrace& trace, double least_of_truth) {
  if (member.termination == "diverged" || trace.relative_error.empty()) return false;
  const auto last = static_cast<double>(trace.relative_error.size() - 1);
  const double before = trace.relative_error[static_cast<std::size_t>((1.0 - kLastShare) * last)];
  const bool flat = std::abs(std::log10(trace.relative_error.back() / before)) < kFlat;
  const bool left = trace.loss.back() < kLeftStart * trace.loss.front();
  const bool unlearned = std::pow(member.last_wanted, 2) < kLearned * least_of_truth;
  return flat && left && !unlearned;
}

std::optional<PowerLaw> law_over_alpha(const std::vector<MemberFindings>& members,
                                       double MemberFindings::*value) {
  std::vector<double> alphas;
  std::vector<double> values;
  for (const MemberFindings& member : members) {
    alphas.push_back(member.alpha);
    values.push_back(member.*value);
  }
  return power_law(std::move(alphas), std::move(values));
}

}  // namespace

SenseFindings sense_findings(const RunRecord& run) {
  SenseFindings found;
  found.rule = rule_of(run);
  if (run.has("/configuration/ensemble")) found.ensemble = run.text("/configuration/ensemble");
  found.own_measurements = run.has("/configuration/measurement-file");
  if (run.has("/configuration/start")) found.start = run.text("/configuration/start");
  found.dimension = run.number_if_any("/configuration/dimension");
  found.chosen_condition = run.has("/configuration/condition-number");
  found.rank = run.number_if_any("/configuration/rank");
  found.measurements = run.number_if_any("/configuration/measurements");
  found.iterations = run.number_if_any("/configuration/iterations");
  found.unknowns = run.number("/results/unknowns");
  found.step = run.number("/results/step");
  found.minimum_norm_error = run.number_if_any("/results/minimum_norm_relative_error");
  found.trace_minimisation_error = run.number_if_any("/results/trace_minimisation_relative_error");
  found.trace_minimisation_converged =
      run.manifest().value(Json::json_pointer("/results/trace_minimisation_converged"), true);
  const std::vector<double> truth = truth_singular_values(run);
  found.true_rank = static_cast<double>(truth.size());
  const EffectiveRank of_truth = truth_effective_rank(run);
  found.truth_entropy_rank = of_truth.entropy;
  found.truth_stable_rank = of_truth.stable;
  found.condition_number = truth.empty() ? NAN : truth.front() / truth.back();
  const std::vector<MemberTrace> traces = member_traces(run);
  const std::vector<MemberSpectrum> spectra = member_spectra(run);  // none: not recorded
  for (std::size_t i = 0; i < run.array("/results/members").size(); ++i) {
    MemberFindings member = read_member(run, fmt::format("/results/members/{}", i));
    const MemberTrace& trace = of_alpha(run, traces, member.alpha, "trace.csv");
    member.start_loss = trace.loss.front();
    if (!trace.relative_error.empty()) member.start_error = trace.relative_error.front();
    member.log10_rate = straight_rate(trace);
    if (!spectra.empty()) {
      find_in_spectrum(of_alpha(run, spectra, member.alpha, "singular_values.csv"), truth, member);
    }
    find_last_ranks(run, member);
    member.settled = has_settled(member, trace, truth.empty() ? NAN : truth.back());
    found.members.push_back(std::move(member));
  }
  const std::vector<MemberFindings> settled = settled_members(found);
  found.error_law = law_over_alpha(settled, &MemberFindings::relative_error);
  found.beyond_law = law_over_alpha(settled, &MemberFindings::first_beyond);
  return found;
}

bool is_underdetermined(const SenseFindings& found) { return found.measurements < found.unknowns; }

std::vector<MemberFindings> settled_members(const SenseFindings& found) {
  std::vector<MemberFindings> settled;
  std::ranges::copy_if(found.members, std::back_inserter(settled), &MemberFindings::settled);
  return settled;
}

std::vector<MemberFindings> fitted_members(const SenseFindings& found, double share) {
  std::vector<MemberFindings> fitted;
  for (const MemberFindings& member : found.members) {
    const bool fits = member.loss <= share * member.start_loss;
    if (member.termination != "diverged" && fits) fitted.push_back(member);
  }
  return fitted;
}

}  // namespace ravine::report
