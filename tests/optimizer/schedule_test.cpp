#include "ravine/optimizer/schedule.hpp"

#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "ravine/record/csv_table.hpp"

namespace ravine {
namespace {

TEST(Schedule, GivesTheRatesOfPyTorch) {
  const CsvTable golden = CsvTable::read(std::filesystem::path(RAVINE_SOURCE_DIR) / "tests" /
                                         "golden" / "schedules.csv");
  const std::vector<std::string> names = golden.texts("schedule");
  const auto column = [&](const char* name) { return golden.numbers(name); };
  const std::vector<double> warm_up = column("warm_up"), period = column("period"),
                            factor = column("drop_factor"), end_rate = column("end_rate"),
                            step = column("step"), rate = column("rate");
  ASSERT_EQ(names.size(), 360U);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const LearningRateSchedule schedule{.kind = choice_in(kSchedules, names[i]).value(),
                                        .warm_up = static_cast<std::int64_t>(warm_up[i]),
                                        .period = static_cast<std::int64_t>(period[i]),
                                        .drop_factor = factor[i],
                                        .end = 60,
                                        .end_rate = end_rate[i]};
    // PyTorch multiplies the last rate on, which rounds at every step.
    EXPECT_NEAR(schedule.rate(0.1, static_cast<std::int64_t>(step[i])), rate[i], 1e-14)
        << names[i] << ", warm-up " << warm_up[i] << ", step " << step[i];
  }
}

TEST(Schedule, IsTheBaseRateItselfByDefault) {
  EXPECT_EQ(LearningRateSchedule().rate(0.1, 0), 0.1);
  EXPECT_EQ(LearningRateSchedule().rate(0.1, std::numeric_limits<std::int64_t>::max()), 0.1);
}

TEST(Schedule, CosineStaysAtItsEnd) {
  const LearningRateSchedule cosine{
      .kind = Schedule::cosine, .warm_up = 3, .end = 13, .end_rate = 0.25};
  EXPECT_EQ(cosine.rate(2, 3), 2);
  EXPECT_NEAR(cosine.rate(2, 8), 1.125, 1e-15) << "halfway";
  EXPECT_EQ(cosine.rate(2, 13), 0.25);
  EXPECT_EQ(cosine.rate(2, 100), 0.25);
}

TEST(Schedule, AWarmUpLongerThanTheRunIsAllThereIs) {
  const LearningRateSchedule cosine{.kind = Schedule::cosine, .warm_up = 9, .end = 4};
  EXPECT_EQ(cosine.rate(1, 3), 0.4);
  EXPECT_EQ(cosine.rate(1, 9), 1);
}

}  // namespace
}  // namespace ravine
