#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "ravine/base/file.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "support/recorder.hpp"
#include "support/vectors.hpp"

// Networks with all that can be added to a plain one against PyTorch (see tests/golden/README.md).

namespace ravine::testing {
namespace {

using nlohmann::json;

const json& golden() {
  static const json kGolden = json::parse(
      read_file(std::filesystem::path(RAVINE_SOURCE_DIR) / "tests" / "golden" / "networks.json"));
  return kGolden;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const json& one : golden()["cases"]) names.push_back(one["name"]);
  return names;
}

const json& case_named(const std::string& name) {
  for (const json& one : golden()["cases"]) {
    if (one["name"] == name) return one;
  }
  throw std::out_of_range(name);
}

MlpConfig config_of(const json& one) {
  MlpConfig config;
  config.inputs = golden()["inputs"];
  config.outputs = golden()["classes"];
  config.hidden = one["hidden"].get<std::vector<std::size_t>>();
  config.activation = choice_in(kActivations, one["activation"].get<std::string>()).value();
  config.bias = one["bias"];
  config.normalisation =
      choice_in(kNormalisations, one["normalisation"].get<std::string>()).value();
  config.residual = one["residual"];
  config.loss = choice_in(kLosses, one["loss"].get<std::string>()).value();
  return config;
}

/// A state_dict as one flat vector.
std::vector<double> flat(const ParameterLayout& layout, const json& state) {
  std::vector<double> values;
  for (const ParameterBlock& block : layout.blocks()) {
    for (const json& row : state.at(block.name)) {
      for (const json& value : row) values.push_back(value);  // a number has one, itself
    }
  }
  return values;
}

class TorchNetworks : public ::testing::TestWithParam<std::string> {};

TEST_P(TorchNetworks, AreFollowedInLossNormsAndParameters) {
  const json& one = case_named(GetParam());
  const auto pixels = golden()["pixels"].get<std::vector<std::uint8_t>>();
  const auto labels = golden()["labels"].get<std::vector<std::uint8_t>>();
  const LabelledPixels images{pixels, labels, golden()["inputs"], golden()["scale"],
                              golden()["shift"]};
  ThreadTeam team(2);
  Mlp<double> network(config_of(one), images,
                      Batcher(images.count(), golden()["batch_size"], 0, false), team);
  const ParameterLayout& layout = network.layout();
  std::vector<double> parameters = flat(layout, one["initial"]);
  std::vector<std::vector<double>> clipped;
  Recorder<double> recorder;
  recorder.when_step = [&](const StepEvent<double>& event, StopRequests&) {
    network.absorb_batch_statistics();
    clipped.emplace_back(event.clipped_norms.begin(), event.clipped_norms.end());
  };
  Observer<double>* const observers[] = {&recorder};
  DescentOptions options;
  options.max_steps = static_cast<std::int64_t>(one["steps"].size());
  options.learning_rate = golden()["learning_rate"];
  options.clipping = {one["clip_norm"], one["clip_value"]};
  options.evaluate_last_point = false;
  (void)descend(network, GradientDescent(), std::span(parameters), options,
                std::span<Observer<double>* const>(observers), team);

  for (std::size_t t = 0; t < recorder.steps.size(); ++t) {
    const json& step = one["steps"][t];
    EXPECT_NEAR(recorder.steps[t].losses[0], step["loss"], 1e-12) << t;
    for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
      const std::string& name = layout.blocks()[b].name;
      EXPECT_NEAR(recorder.steps[t].gradient_norms[b], step["norms"][name], 1e-12) << name << t;
      EXPECT_NEAR(clipped[t][b], step["clipped"][name], 1e-12) << name << t;
    }
  }
  expect_all_near(parameters, flat(layout, one["final"]), 1e-12);
  expect_all_near(network.running_statistics(),
                  flat(mlp_statistics_layout(config_of(one)), one["final"]), 1e-12);
  const MlpEvaluation result = network.evaluate(parameters, images);
  EXPECT_NEAR(result.loss, one["evaluation"]["loss"], 1e-12);
  EXPECT_EQ(result.accuracy, one["evaluation"]["accuracy"].get<double>());
}

INSTANTIATE_TEST_SUITE_P(Cases, TorchNetworks, ::testing::ValuesIn(case_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace ravine::testing
