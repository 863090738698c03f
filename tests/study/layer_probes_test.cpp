#include "ravine/study/layer_probes.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

TEST(LayerProbes, AreMeansOverTheRunOfWhatWasMeasured) {
  testing::TemporaryFolder folder;
  EXPECT_TRUE(read_layer_probes(folder.path(), 2).empty());
  folder.file("layer_epochs.csv",
              "epoch,layer,signal_rms,saturated_share\n"
              "1,layer1,1e-6,0.5\n1,layer2,0,\n1,network,7,\n"
              "2,layer1,1e-4,0.7\n2,layer2,1,\n2,network,7,\n");
  const std::vector<LayerProbes> probes = read_layer_probes(folder.path(), 2);
  ASSERT_EQ(probes.size(), 2U);
  EXPECT_NEAR(probes[0].signal_rms, 1e-5, 1e-12) << "a geometric mean";
  EXPECT_LT(probes[1].signal_rms, 1e-100) << "a signal of 0 counts as the smallest there is";
  EXPECT_DOUBLE_EQ(probes[0].saturated_share, 0.6);
  EXPECT_TRUE(std::isnan(probes[1].saturated_share));
  EXPECT_TRUE(std::isnan(probes[0].update_ratio)) << "not recorded";
}

}  // namespace
}  // namespace ravine
