#include "ravine/record/csv_writer.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/record/csv_table.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::ravine::testing::TemporaryFolder;
using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(CsvWriter, AppendsRowsOfTextMadeElsewhere) {
  const TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"step", "loss"});
  CsvText rows("a.csv", 2);
  rows.cell(1).cell(0.1F).end_row();
  rows.cell(2).cell(NAN).end_row();
  table.append(rows);
  rows.clear();
  rows.cell(3).cell("x,y").end_row();
  table.append(rows);
  table.close();
  EXPECT_EQ(read_file(folder / "a.csv"), "step,loss\n1,0.1\n2,\n3,\"x,y\"\n");
  EXPECT_THAT(error_of<ShapeError>([&] { rows.cell(4).end_row(); }), HasSubstr("rows of 2 cells"));
}

TEST(CsvWriter, AppendsNothingInsideARow) {
  const TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"a", "b"});
  CsvText whole = table.empty_rows(), unfinished = table.empty_rows();
  whole.cell(2).cell(3).end_row();
  unfinished.cell(4);
  EXPECT_THAT(error_of<ShapeError>([&] { table.append(unfinished); }), HasSubstr("a.csv"));
  table.cell(1);
  EXPECT_THAT(error_of<ShapeError>([&] { table.append(whole); }), HasSubstr("unfinished"));
  table.cell(1).end_row();
  table.append(whole);
  table.close();
  EXPECT_EQ(read_file(folder / "a.csv"), "a,b\n1,1\n2,3\n");
}

TEST(CsvWriter, WritesHeaderAndRows) {
  TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"step", "loss", "name"});
  table.row(1, 0.1, "relu");
  table.row(std::size_t{2}, 1e-5, std::string("tanh"));
  table.close();
  EXPECT_EQ(read_file(folder / "a.csv"), "step,loss,name\n1,0.1,relu\n2,1e-05,tanh\n");
}

TEST(CsvWriter, GoesOnBehindWhatIsThere) {
  TemporaryFolder folder;
  CsvWriter first(folder / "a.csv", {"a", "b"});
  first.row(1, 2);
  first.flush();
  EXPECT_EQ(read_file(folder / "a.csv"), "a,b\n1,2\n");
  first.close();
  CsvWriter second(folder / "a.csv", {"a", "b"}, CsvWriter::Open::append);
  second.row(3, 4);
  second.close();
  EXPECT_EQ(read_file(folder / "a.csv"), "a,b\n1,2\n3,4\n");
}

TEST(CsvWriter, LeavesNonFiniteNumbersEmpty) {
  TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"a", "b", "c", "d"});
  table.row(kNan, kInfinity, -kInfinity, 0.0);
  table.close();
  EXPECT_EQ(read_file(folder / "a.csv"), "a,b,c,d\n,,,0\n");
}

TEST(CsvWriter, QuotesOnlyTextsThatNeedIt) {
  TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"a", "b"});
  table.row("x, \"y\"", "two\nlines");
  table.row("plain", "");
  table.close();
  EXPECT_EQ(read_file(folder / "a.csv"), "a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\nplain,\n");
}

TEST(CsvWriter, FloatsHaveAsManyDigitsAsAFloatNeeds) {
  TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"a", "b", "c"});
  table.row(0.1F, 1.0F / 3, std::numeric_limits<float>::quiet_NaN());
  table.close();
  EXPECT_EQ(read_file(folder / "a.csv"), "a,b,c\n0.1,0.33333334,\n");
}

TEST(CsvWriter, NumbersReadBackToTheSameBits) {
  const std::vector<double> values{
      1.0 / 3,       -0.0,    5e-324, std::numeric_limits<double>::max(), std::nextafter(1.0, 2.0),
      123456789.125, -2.5e-17};
  TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"x"});
  for (const double value : values) table.row(value);
  table.close();
  const std::vector<double> back = CsvTable::read(folder / "a.csv").numbers("x");
  ASSERT_EQ(back.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(back[i], values[i]);
    EXPECT_EQ(std::signbit(back[i]), std::signbit(values[i]));
  }
}

TEST(CsvWriter, KeepsRowsBeyondItsBuffer) {
  TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"i", "x"});
  for (int i = 0; i < 60'000; ++i) table.row(i, i / 7.0);
  table.close();
  const CsvTable back = CsvTable::read(folder / "a.csv");
  ASSERT_EQ(back.row_count(), 60'000U);
  EXPECT_EQ(back.numbers("x")[59'999], 59'999 / 7.0);
}

TEST(CsvWriter, RefusesRowsOfAnotherLength) {
  TemporaryFolder folder;
  CsvWriter table(folder / "a.csv", {"a", "b"});
  EXPECT_THROW(table.row(1), ShapeError);
  CsvWriter wide(folder / "b.csv", {"a", "b"});
  EXPECT_THAT(error_of<ShapeError>([&] { wide.row(1, 2, 3); }),
              HasSubstr("expected rows of 2 cells, got 3"));
  CsvWriter unfinished(folder / "c.csv", {"a", "b"});
  unfinished.cell(1);
  EXPECT_THROW(unfinished.close(), ShapeError);
  EXPECT_THROW(CsvWriter(folder / "d.csv", {}), ShapeError);
}

TEST(CsvWriter, RefusesAFileThatCannotBeCreated) {
  TemporaryFolder folder;
  const std::string error = error_of<IoError>([&] { CsvWriter(folder / "missing/a.csv", {"a"}); });
  EXPECT_THAT(error, HasSubstr("missing/a.csv"));
  EXPECT_THAT(error, HasSubstr("No such file"));
}

TEST(CsvWriter, NoticesAFullDiskWhenClosed) {
  CsvWriter table("/dev/full", {"a"});
  table.row(1);
  EXPECT_THAT(error_of<IoError>([&] { table.close(); }), HasSubstr("No space left"));
}

TEST(CsvWriter, NoticesAFullDiskWhileWriting) {
  CsvWriter table("/dev/full", {"a"});
  EXPECT_THROW(
      {
        for (int i = 0; i < 100'000; ++i) table.row(i);
      },
      IoError);
}

TEST(CsvWriter, GoesOnFromTheRowsOfItsSavedState) {
  const TemporaryFolder begun, resumed;
  CsvWriter first(begun / "t.csv", {"step", "loss"});
  first.row(1, 0.5);
  StateArchive saved;
  first.exchange_state(saved);
  saved.write(begun / "c.npz");
  first.row(2, 0.25);
  first.close();

  StateArchive state = StateArchive::read(begun / "c.npz");
  CsvWriter second(resumed / "t.csv", {"step", "loss"});
  second.exchange_state(state);
  second.row(2, 0.125);
  second.close();
  EXPECT_EQ(read_file(resumed / "t.csv"), "step,loss\n1,0.5\n2,0.125\n");
  EXPECT_EQ(read_file(begun / "t.csv"), "step,loss\n1,0.5\n2,0.25\n");

  CsvWriter other(resumed / "t.csv", {"step", "norm"});
  EXPECT_THROW(other.exchange_state(state), DataError) << "another header";
  begun.file("t.csv", "step,loss\n");
  CsvWriter cut(resumed / "t.csv", {"step", "loss"});
  EXPECT_THROW(cut.exchange_state(state), DataError) << "rows are gone";
}

}  // namespace
}  // namespace ravine
