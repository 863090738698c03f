#include <cmath>

#include <fmt/format.h>

#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/study_options.hpp"
#include "ravine/cli/study_verb.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/study/gradient_check.hpp"

namespace ravine::cli {

namespace {

struct CheckOptions {
  std::uint64_t seed = 1234;
  int threads = 0;
  bool quiet = false;
  bool json = false;
};

void print_blocks(const GradientReport& report) {
  fmt::print("central differences\n{:<18}{:>9}{:>22}{:>22}\n", "block", "checked",
             "largest relative", "largest absolute");
  for (const BlockCheck& block : report.blocks) {
    fmt::print("{:<18}{:>9}{:>22.3e}{:>22.3e}\n", block.block, block.checked,
               block.worst_relative.relative, block.worst_absolute.absolute);
  }
}

void print_taylor(const TaylorTest& test) {
  fmt::print("\nTaylor remainders |f(x + h v) - f(x) - h g.v|\n{:>14}{:>16}{:>9}\n", "h",
             "remainder", "order");
  for (const TaylorRemainder& remainder : test.remainders) {
    fmt::print("{:>14.6e}{:>16.6e}{:>9}{}\n", remainder.distance, remainder.remainder,
               std::isfinite(remainder.order) ? fmt::format("{:.4f}", remainder.order) : "-",
               remainder.clean ? "" : "  rounding");
  }
  fmt::print("{}\n", order_text(test));
}

Json to_json(const GradientReport& report) {
  Json json = {{"passed", report.passed}, {"message", report.message}};
  for (const BlockCheck& block : report.blocks) {
    json["blocks"].push_back({{"block", block.block},
                              {"checked", block.checked},
                              {"largest_relative", block.worst_relative.relative},
                              {"largest_absolute", block.worst_absolute.absolute}});
  }
  for (const TaylorTest& test : report.taylor) {
    json["taylor_orders"].push_back(test.order);
  }
  return json;
}

int show(const GradientReport& report, const CheckOptions& options) {
  if (options.json) {
    fmt::print("{}\n", to_json(report).dump(2));
  } else if (!options.quiet) {
    print_blocks(report);
    for (const TaylorTest& test : report.taylor) print_taylor(test);
    fmt::print("\n{}: {}\n", report.passed ? "passed" : "FAILED", report.message);
  }
  return report.passed ? kOk : kFailure;
}

/// Adds `check gradient NAME`; `run` makes the report.
template <class Run>
void add_gradient_verb(CLI::App& gradient, const char* name, const char* text, Action& action,
                       const auto& add_options, Run run) {
  CLI::App* verb = gradient.add_subcommand(name, text);
  const auto config_for = add_options(*verb);
  const auto options = std::make_shared<CheckOptions>();
  verb->add_option("--seed", options->seed, "Seed of all random numbers")->capture_default_str();
  verb->add_option("--threads", options->threads, "Threads; 0: one for each available processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  verb->add_flag("--json", options->json, "Print the result as JSON");
  verb->add_flag("--quiet", options->quiet, "No text; the exit code tells");
  verb->callback([=, &action] {
    action = [=] {
      ThreadTeam team(options->threads > 0 ? options->threads : available_threads());
      return show(run(config_for(options->seed), team), *options);
    };
  });
}

}  // namespace

void add_check_verb(CLI::App& app, Action& action) {
  CLI::App* check =
      app.add_subcommand("check", "Check the gradients that Ravine descends, in double");
  check->require_subcommand(1);
  CLI::App* gradient = check->add_subcommand("gradient", "Central differences and the Taylor test");
  gradient->require_subcommand(1);
  add_gradient_verb(*gradient, "train",
                    "The gradient that `ravine train` descends, at its initial weights", action,
                    add_train_objective_options, check_train_gradient);
  add_gradient_verb(*gradient, "sense",
                    "The gradient that `ravine sense` descends, at a U with N(0, 1) entries, which "
                    "is far from all critical points",
                    action, add_sense_objective_options, check_sense_gradient);
}

}  // namespace ravine::cli
