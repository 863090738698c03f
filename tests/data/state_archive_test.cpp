#include "ravine/data/state_archive.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/data/npz.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;
using testing::same_bits;
using testing::TemporaryFolder;

/// Something with state of every kind.
struct Walker {
  std::int64_t steps = 0;
  bool tired = false;
  double speed = 0;
  std::vector<float> position = {0, 0, 0};
  std::vector<double> trail = {};  // pairs
  std::vector<double> memory = {};
  std::optional<std::int64_t> first_rest = {};
  std::string thought = {};

  void exchange_state(StateArchive& state) {
    const StateArchive::Scope scope = state.enter("walker");
    state.number("steps", steps);
    state.number("tired", tired);
    state.number("speed", speed);
    state.values("position", std::span(position));
    state.rows("trail", trail, 2);
    state.none_or_all("memory", memory, 2);
    state.count_if_any("first_rest", first_rest);
    state.text("thought", thought);
  }
};

void save(Walker walker, const std::filesystem::path& file) {
  StateArchive state;
  walker.exchange_state(state);
  state.write(file);
}

TEST(StateArchive, GivesBackTheBitsThatItTook) {
  const TemporaryFolder folder;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Walker walker{1'000'000'007, true,   0.1 + 0.2, {-0.0F, INFINITY, 1e-42F},
                      {1, nan},      {3, 4}, 0,         std::string("caf\xc3\xa9\n\0!", 8)};
  save(walker, folder / "c.npz");
  StateArchive state = StateArchive::read(folder / "c.npz");
  EXPECT_TRUE(state.restores());
  EXPECT_EQ(state.folder(), folder.path());
  Walker restored;
  restored.exchange_state(state);
  EXPECT_EQ(restored.steps, walker.steps);
  EXPECT_TRUE(restored.tired);
  EXPECT_EQ(restored.speed, walker.speed);
  EXPECT_TRUE(same_bits(restored.position, walker.position));
  EXPECT_TRUE(same_bits(restored.trail, walker.trail));
  EXPECT_TRUE(same_bits(restored.memory, walker.memory));
  EXPECT_EQ(restored.first_rest, 0);
  EXPECT_EQ(restored.thought, walker.thought);
}

TEST(StateArchive, GivesBackWhatIsMissingOrEmptyOverWhatWasThere) {
  const TemporaryFolder folder;
  save({}, folder / "c.npz");
  StateArchive state = StateArchive::read(folder / "c.npz");
  Walker restored{.trail = {1, 2}, .memory = {3, 4}, .first_rest = 5, .thought = "tired"};
  restored.exchange_state(state);
  EXPECT_TRUE(restored.trail.empty() && restored.memory.empty() && restored.thought.empty());
  EXPECT_EQ(restored.first_rest, std::nullopt);
}

TEST(StateArchive, IsAnNpzFileOfNamedArraysThatReplacesAnOlderOne) {
  const TemporaryFolder folder;
  save({}, folder / "c.npz");
  save({.steps = 7}, folder / "c.npz");
  EXPECT_EQ(read_npz(folder / "c.npz").count("walker/position"), 1U);
  StateArchive state = StateArchive::read(folder / "c.npz");
  Walker restored;
  restored.exchange_state(state);
  EXPECT_EQ(restored.steps, 7);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(StateArchive, NamesTheArrayThatDoesNotFit) {
  const TemporaryFolder folder;
  const auto refusal = [&](const Walker& saved, auto restore) {
    save(saved, folder / "c.npz");
    StateArchive state = StateArchive::read(folder / "c.npz");
    const StateArchive::Scope scope = state.enter("walker");
    return error_of<DataError>([&] { restore(state); });
  };
  std::vector<double> numbers;
  std::vector<double> three(3);
  std::vector<float> two(2);
  std::uint32_t count = 0;
  EXPECT_THAT(refusal({}, [&](StateArchive& s) { s.number("age", count); }),
              AllOf(HasSubstr("walker/age"), HasSubstr("none of that name")));
  EXPECT_THAT(refusal({}, [&](StateArchive& s) { s.values("position", std::span(two)); }),
              AllOf(HasSubstr("2 numbers of float32"), HasSubstr("3 numbers")));
  EXPECT_THAT(refusal({}, [&](StateArchive& s) { s.values("position", std::span(three)); }),
              HasSubstr("another type"));
  EXPECT_THAT(refusal({.trail = {1, 2}}, [&](StateArchive& s) { s.rows("trail", numbers, 3); }),
              HasSubstr("rows of 3 numbers"));
  EXPECT_THAT(refusal({.trail = {1, 2, 3, 4}},
                      [&](StateArchive& s) { s.none_or_all("trail", numbers, 2); }),
              HasSubstr("2 numbers, got 4"));
  EXPECT_THAT(refusal({}, [&](StateArchive& s) { s.one_or_more("memory", numbers); }),
              HasSubstr("expected numbers, got none"));
  for (const double speed : {-1.0, 0.5, 1e300, std::nan("")}) {
    EXPECT_THAT(refusal({.speed = speed}, [&](StateArchive& s) { s.number("speed", count); }),
                HasSubstr("expected a count"));
  }
}

TEST(StateArchive, SaysWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THROW(save({}, folder / "missing/c.npz"), IoError);
}

}  // namespace
}  // namespace ravine
