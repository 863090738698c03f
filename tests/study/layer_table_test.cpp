#include "ravine/study/layer_table.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using testing::TemporaryFolder;

// More than two batches of steps that become text together, and a rest.
constexpr std::int64_t kSteps = 130;

const std::vector<std::string> kRows = {"layer1", "layer2", "network"};

ProbeChoice weights_and_cosine() {
  ProbeChoice probes;
  probes.weights = probes.cosine = true;
  return probes;
}

std::vector<LayerRow> rows_of_step(std::int64_t step) {
  std::vector<LayerRow> rows(kRows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    rows[r].weight_norm = static_cast<double>(step) + 0.25 * static_cast<double>(r);
    rows[r].gradient_cosine = step == 1 ? NAN : 1 / static_cast<double>(step);
  }
  return rows;
}

std::string expected_steps(std::int64_t last) {
  std::string text = "step,layer,weight_norm,gradient_cosine\n";
  for (std::int64_t step = 1; step <= last; ++step) {
    const std::vector<LayerRow> rows = rows_of_step(step);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      text += fmt::format("{},{},{},{}\n", step, kRows[r], static_cast<float>(rows[r].weight_norm),
                          step == 1 ? "" : fmt::format("{}", 1 / static_cast<float>(step)));
    }
  }
  return text;
}

TEST(LayerTable, HasEveryRowOnceInOrderForAnyTeam) {
  for (const int threads : {1, 2, 3, 8}) {
    const TemporaryFolder folder;
    ThreadTeam team(threads);
    LayerTable table(folder.path(), weights_and_cosine(), kRows, team);
    for (std::int64_t step = 1; step <= kSteps; ++step) table.add(step, 1, rows_of_step(step));
    table.close();
    EXPECT_EQ(read_file(folder / "layer_steps.csv"), expected_steps(kSteps)) << threads;
  }
}

TEST(LayerTable, GoesOnFromACheckpointToTheSameBytes) {
  const TemporaryFolder begun, resumed;
  ThreadTeam team(2);
  {
    LayerTable first(begun.path(), weights_and_cosine(), kRows, team);
    for (std::int64_t step = 1; step <= 70; ++step) first.add(step, 1, rows_of_step(step));
    StateArchive state;
    first.exchange_state(state);
    state.write(begun / "state.npz");
    first.add(71, 1, rows_of_step(1));  // lost with what came after the checkpoint
  }
  LayerTable second(resumed.path(), weights_and_cosine(), kRows, team);
  StateArchive state = StateArchive::read(begun / "state.npz");
  second.exchange_state(state);
  for (std::int64_t step = 71; step <= kSteps; ++step) second.add(step, 1, rows_of_step(step));
  second.close();
  EXPECT_EQ(read_file(resumed / "layer_steps.csv"), expected_steps(kSteps));
}

TEST(LayerTable, LosesNoStepToAnException) {
  const TemporaryFolder folder;
  ThreadTeam team(2);
  try {
    LayerTable table(folder.path(), weights_and_cosine(), kRows, team);
    for (std::int64_t step = 1; step <= 70; ++step) table.add(step, 1, rows_of_step(step));
    throw std::runtime_error("of somebody else");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(read_file(folder / "layer_steps.csv"), expected_steps(70));
}

}  // namespace
}  // namespace ravine
