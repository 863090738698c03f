#include "ravine/record/event_file.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/python.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::run_python;
using ::ravine::testing::TemporaryFolder;

TEST(EventFile, IsReadBackByAnIndependentReader) {
  TemporaryFolder folder;
  EventFile file(folder / "deep/er");
  const Scalar first[] = {{"loss/train", 2.5}, {"gradient_norm/layer1", 0.1}};
  file.add(1, first);
  const Scalar second[] = {{std::string(300, 'x'), 1}, {"odd", NAN}, {"large", INFINITY}};
  file.add(std::int64_t{1} << 40, second);
  file.close();
  EXPECT_EQ(file.path().parent_path(), folder / "deep/er");
  EXPECT_TRUE(file.path().filename().string().starts_with("events.out.tfevents."));
  EXPECT_EQ(run_python(read_file(RAVINE_SOURCE_DIR "/tests/support/event_file.py"),
                       {file.path().string()}),
            "0 brain.Event:2\n1 loss/train=2.5 gradient_norm/layer1=0.100000001\n1099511627776 " +
                std::string(300, 'x') + "=1 odd=nan large=inf\n");
}

TEST(EventFile, RefusesAPlaceThatCannotBeWritten) {
  EXPECT_THROW(EventFile("/proc/ravine"), IoError);
}

}  // namespace
}  // namespace ravine
