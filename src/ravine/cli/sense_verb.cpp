#include <fmt/format.h>

#include "ravine/cli/result_cell.hpp"
#include "ravine/cli/study_options.hpp"
#include "ravine/cli/study_verb.hpp"

namespace ravine::cli {

namespace {

/// What a convex method found; empty when it did not run.
std::string comparator_line(const Json& manifest, const std::string& key, const char* name) {
  const Json& results = manifest["results"];
  if (!results.contains(key + "_iterations")) return {};
  return fmt::format("{}: relative error {} after {} iterations, {} s{}\n", name,
                     result_cell(results, (key + "_relative_error").c_str(), "{:.3e}"),
                     results[key + "_iterations"].get<int>(),
                     result_cell(manifest["timing"], (key + "_seconds").c_str(), "{:.2f}"),
                     results[key + "_converged"].get<bool>() ? "" : ", not converged");
}

/// What --diagnose-operator found; empty when it did not look.
std::string operator_lines(const Json& results) {
  if (!results.contains("operator_diagnosis")) return {};
  const Json& found = results["operator_diagnosis"];
  std::string text;
  if (const Json& isometry = found["isometry"]; !isometry.is_null()) {
    const int rank = isometry["rank"].get<int>();
    text = fmt::format(
        "isometry: |A(X)|^2/{} is {} to {} over {} random X of rank {} and norm 1, so delta_{} >= "
        "{} (a lower bound)",
        isometry["unit"] == 1 ? "m" : result_cell(isometry, "unit", "({:g} m)"),
        result_cell(isometry, "least_ratio", "{:.4f}"),
        result_cell(isometry, "largest_ratio", "{:.4f}"), isometry["draws"].get<int>(), rank, rank,
        result_cell(isometry, "delta_lower_bound", "{:.4f}"));
    if (isometry["expected_deviation"].is_number()) {
      text += fmt::format("; theory 1 +- {} for one X",
                          result_cell(isometry, "expected_deviation", "{:.4f}"));
    }
    text += "\n";
  }
  const Json& values = found["singular_values"];
  const auto interval = [](const Json& number, const char* format) {
    return fmt::format("{} [{}, {}]", result_cell(number, "value", format),
                       result_cell(number, "low", format), result_cell(number, "high", format));
  };
  text += fmt::format("singular values of A/sqrt(m): {} to {}, condition {}{}",
                      interval(values["smallest"], "{:.6g}"), interval(values["largest"], "{:.6g}"),
                      interval(found["condition"], "{:.4g}"),
                      values["converged"].get<bool>()
                          ? ""
                          : fmt::format(", not converged: the smallest is at most {}",
                                        result_cell(values["smallest"], "value", "{:.6g}")));
  if (const Json& expected = values["expected"]; !expected.is_null()) {
    text += fmt::format("; theory {:.6g} to {:.6g}", expected[0].get<double>(),
                        expected[1].get<double>());
  }
  return text + "\n";
}

std::string summarise(const Json& manifest) {
  const Json& results = manifest["results"];
  std::string text = fmt::format("{:>8}  {:<14}{:>10}  {:>10}  {:>13}  {:>14}\n", "alpha", "ended",
                                 "iterations", "loss", "gradient norm", "relative error");
  for (const Json& member : results["members"]) {
    text += fmt::format(
        "{:>8}  {:<14}{:>10}  {:>10}  {:>13}  {:>14}\n",
        fmt::format("{}", member["alpha"].get<double>()), member["termination"].get<std::string>(),
        member["iterations"].get<std::int64_t>(), result_cell(member, "loss", "{:.3e}"),
        result_cell(member, "gradient_norm", "{:.3e}"),
        result_cell(member, "relative_error", "{:.3e}"));
  }
  text += comparator_line(manifest, "minimum_norm", "minimum-norm least squares");
  text += comparator_line(manifest, "trace_minimisation", "trace minimisation");
  text += operator_lines(results);
  return text;
}

}  // namespace

StudyVerb make_sense_verb(CLI::App& parent) {
  StudyVerb verb;
  verb.app = parent.add_subcommand(
      "sense", "Recover a low-rank matrix from linear measurements by factored gradient descent");
  const auto config_for = add_sense_options(*verb.app);
  add_common_options(*verb.app, *verb.common, "runs/sense");
  add_checkpoint_options(*verb.app, *verb.common, "iterations");
  verb.check = [config_for, common = verb.common] { check(config_for(common->seed)); };
  verb.run = [config_for, common = verb.common](const StudyContext& context) {
    return run_sense(config_for(common->seed), context);
  };
  verb.summarise = summarise;
  return verb;
}

}  // namespace ravine::cli
