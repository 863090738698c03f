#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "ravine/base/file.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/optimizer/rule_catalogue.hpp"
#include "ravine/record/csv_table.hpp"
#include "support/problems.hpp"
#include "support/recorder.hpp"

// The entrywise rules against torch.optim's (see tests/golden/README.md).

namespace ravine::testing {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(RAVINE_SOURCE_DIR) / "tests" / "golden";

template <class T>
std::vector<RecordedStep<T>> trajectory_of(const nlohmann::json& settings,
                                           const nlohmann::json& rule_case, std::int64_t steps) {
  auto parameters = settings["start"].get<std::vector<T>>();
  Rosenbrock<T> objective(parameters.size(), settings["curvature"]);
  RuleChoice choice{rule_case["rule"], {}};
  for (const auto& [name, value] : rule_case["options"].items()) choice.options[name] = value;
  OptionCheck options("test");
  check(choice, training_rules(), options);
  options.report();
  Recorder<T> recorder;
  Observer<T>* const observers[] = {&recorder};
  DescentOptions descent;
  descent.max_steps = steps;
  descent.learning_rate = rule_case["learning_rate"];
  ThreadTeam team(2);
  std::visit(
      [&](const auto& rule) {
        (void)descend(objective, rule, std::span(parameters), descent,
                      std::span<Observer<T>* const>(observers), team);
      },
      training_rule(choice));
  return recorder.steps;
}

template <class T>
void expect_torch_trajectories(double tolerance) {
  const auto settings = nlohmann::json::parse(read_file(kGolden / "rules_settings.json"));
  const CsvTable golden = CsvTable::read(kGolden / "rules_trajectory.csv");
  const std::vector<std::string> names = golden.texts("case");
  std::size_t row = 0;
  for (const nlohmann::json& rule_case : settings["cases"]) {
    const std::vector<RecordedStep<T>> steps = trajectory_of<T>(settings, rule_case, 50);
    ASSERT_EQ(steps.size(), 51U);
    for (std::size_t t = 1; t < steps.size(); ++t, ++row) {
      ASSERT_EQ(names.at(row), rule_case["name"]);
      for (std::size_t i = 0; i < steps[t].parameters.size(); ++i) {
        const double expected = golden.numbers("w" + std::to_string(i + 1))[row];
        ASSERT_NEAR(steps[t].parameters[i], expected, tolerance * (1 + std::abs(expected)))
            << rule_case["name"] << ", step " << t;
      }
    }
  }
  EXPECT_EQ(row, golden.row_count());
}

TEST(TorchTrajectory, IsFollowedByEveryEntrywiseRule) { expect_torch_trajectories<double>(1e-12); }

TEST(TorchTrajectory, IsFollowedInSinglePrecision) { expect_torch_trajectories<float>(1e-4); }

}  // namespace
}  // namespace ravine::testing
