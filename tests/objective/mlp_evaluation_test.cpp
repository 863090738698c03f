#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/mlp.hpp"
#include "support/error_of.hpp"
#include "support/reference_mlp.hpp"
#include "support/small_mlp.hpp"
#include "support/synthetic_images.hpp"

namespace ravine {
namespace {

using testing::config_of;
using testing::error_of;
using testing::kClasses;
using testing::kInputs;
using testing::parameters_of;
using testing::ReferenceMlp;
using testing::SyntheticImages;

TEST(MlpEvaluation, AgreesWithTheDefinition) {
  // More samples than the threads take at a time, and a rest.
  const MlpConfig config = config_of({11, 6}, Activation::relu, true);
  const SyntheticImages training(10, kInputs, kClasses), images(1111, kInputs, kClasses, 3);
  const std::vector<double> parameters = parameters_of<double>(config);
  const ReferenceMlp reference(config, parameters, images.view());
  double loss = 0, correct = 0;
  for (std::size_t i = 0; i < 1111; ++i) {
    loss += reference.loss(i) / 1111;
    const std::vector<double> logits = reference.outputs(i).back();
    correct += std::ranges::max_element(logits) - logits.begin() == images.labels[i];
  }
  for (const int threads : {1, 2, 3}) {
    ThreadTeam team(threads);
    Mlp<double> mlp(config, training.view(), Batcher(10, 10, 0, false), team);
    const MlpEvaluation result = mlp.evaluate(parameters, images.view());
    EXPECT_NEAR(result.loss, loss, 1e-12);
    EXPECT_EQ(result.accuracy, correct / 1111);
    const double few = mlp.evaluate(parameters, images.view().first(2)).loss;
    EXPECT_NEAR(few, (reference.loss(0) + reference.loss(1)) / 2, 1e-13);
  }
}

TEST(MlpEvaluation, CountsUnitsThatNoSampleTurnsOn) {
  const MlpConfig config = config_of({8, 4});
  const SyntheticImages images(700, kInputs, kClasses);
  LabelledPixels positive = images.view();
  positive.shift = 0;  // no input below 0, so weights below 0 turn a unit off
  std::vector<float> parameters(mlp_layout(config).size(), 0.1F);
  for (const std::size_t unit : {0, 3, 7})
    std::fill_n(parameters.begin() + unit * kInputs, kInputs, -0.1F);
  std::fill_n(parameters.begin() + 8 * kInputs + 2 * 8, 8, -0.1F);
  ThreadTeam team(2);
  Mlp<float> mlp(config, positive, Batcher(700, 10, 0, false), team);
  EXPECT_EQ(mlp.evaluate(parameters, positive).inactive_share, (std::vector<double>{0.375, 0.25}));

  // One sample is enough: a unit that only looks at a pixel which is 0 in all images but the last.
  std::vector<std::uint8_t> pixels = images.pixels;
  for (std::size_t i = 0; i < 700; ++i) pixels[i * kInputs] = i == 699 ? 255 : 0;
  positive.pixels = pixels;
  std::fill_n(parameters.begin(), kInputs, 0.0F);
  parameters[0] = 1;
  EXPECT_EQ(mlp.evaluate(parameters, positive).inactive_share[0], 0.25);
  EXPECT_EQ(mlp.evaluate(parameters, positive.first(699)).inactive_share[0], 0.375);
}

TEST(MlpEvaluation, RefusesSetsThatDoNotFit) {
  const MlpConfig config = config_of({4});
  const SyntheticImages images(9, kInputs, kClasses), narrow(9, kInputs - 1, kClasses);
  SyntheticImages mislabelled(9, kInputs, kClasses);
  mislabelled.labels[8] = 200;
  ThreadTeam team(2);
  Mlp<float> mlp(config, images.view(), Batcher(9, 3, 0, false), team);
  const std::vector<float> parameters = parameters_of<float>(config);
  const auto error = [&](const LabelledPixels& set) {
    return error_of<ShapeError>([&] { (void)mlp.evaluate(parameters, set); });
  };
  EXPECT_EQ(error(narrow.view()),
            "[mlp] samples: expected at least 1 image of 20 bytes, got 9 of 19");
  EXPECT_EQ(error(mislabelled.view()), "[mlp] labels: expected below 5, got 200");
  EXPECT_EQ(error(images.view().first(0)),
            "[mlp] samples: expected at least 1 image of 20 bytes, got 0 of 20");
}

}  // namespace
}  // namespace ravine
