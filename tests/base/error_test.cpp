#include "ravine/base/error.hpp"

#include <type_traits>

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(ErrorText, SaysWhereWhatExpectedGotAndHintInOneLine) {
  EXPECT_EQ(error_text("matrix_sensing", "measurements", "200 x 900", "200 x 899", "see --help"),
            "[matrix_sensing] measurements: expected 200 x 900, got 200 x 899; hint: see --help");
}

TEST(ErrorText, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(error_text("file", "a.npy", "a file", "a folder"),
            "[file] a.npy: expected a file, got a folder");
  EXPECT_EQ(error_text("file", "a.npy", "", "reading failed"), "[file] a.npy: reading failed");
  EXPECT_EQ(error_text("file", "a.npy", "", "reading failed", "try again"),
            "[file] a.npy: reading failed; hint: try again");
}

TEST(ErrorText, TakesBracesAsTheyAre) {
  EXPECT_EQ(error_text("{}", "{0}", "{", "}", "{x}"), "[{}] {0}: expected {, got }; hint: {x}");
}

// Callers tell wrong use from bad luck by the standard base classes.
static_assert(std::is_base_of_v<std::invalid_argument, ConfigError>);
static_assert(std::is_base_of_v<std::invalid_argument, ShapeError>);
static_assert(std::is_base_of_v<std::runtime_error, DataError>);
static_assert(std::is_base_of_v<std::runtime_error, IoError>);

}  // namespace
}  // namespace ravine
