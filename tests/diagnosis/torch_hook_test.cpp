#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/manifest.hpp"
#include "support/program.hpp"
#include "support/python.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {
namespace {

using ::testing::ElementsAre;

/// The loop that docs/diagnosis.md shows to users of PyTorch.
std::string documented_loop() {
  const std::string text = read_file(RAVINE_SOURCE_DIR "/docs/diagnosis.md");
  const std::string fence = "```python\n";
  const std::size_t begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

/// Runs it in `folder` on a network of PyTorch and diagnoses the table it leaves.
ProgramResult diagnose_torch(const TemporaryFolder& folder, const std::string& model, double rate) {
  const std::string set_up = fmt::format(
      "import os, torch\n"
      "from torch import nn\n"
      "torch.manual_seed(0); torch.set_num_threads(1)\n"
      "os.chdir('{}')\n"
      "teacher = torch.randn(20, 5)\n"
      "xs = [torch.randn(64, 20) for _ in range(120)]\n"
      "batches = [(x, (x @ teacher).argmax(1)) for x in xs]\n"
      "model = {}\n"
      "criterion = nn.CrossEntropyLoss()\n"
      "optimizer = torch.optim.SGD(model.parameters(), lr={})\n",
      folder.path().string(), model, rate);
  run_python(set_up + documented_loop(), {});
  return run_program({"diagnose", (folder / "norms.csv").string(), "--json"});
}

class TorchHook : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(TorchHook, LogsAHealthyNetwork) {
  const ProgramResult result =
      diagnose_torch(folder_, "nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 5))", 0.5);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["steps"], 120);
  ASSERT_EQ(json["layers"].size(), 2U);
  EXPECT_EQ(json["layers"][0]["name"], "0.weight");
  EXPECT_EQ(json["layers"][1]["name"], "2.weight");
}

TEST_F(TorchHook, LogsAVanishingNetwork) {
  const ProgramResult result = diagnose_torch(
      folder_,
      "nn.Sequential(*[m for _ in range(8) for m in (nn.Linear(20, 20), nn.Sigmoid())], "
      "nn.Linear(20, 5))",
      0.1);
  EXPECT_EQ(result.exit_code, 5) << result.out << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["verdict"], "vanishing");
  EXPECT_EQ(json["confidence"], "high");
  EXPECT_GT(json["log10_slope_interval"][0], 0);
}

}  // namespace
}  // namespace ravine::testing
