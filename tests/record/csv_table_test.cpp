#include "ravine/record/csv_table.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::ravine::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CsvTable table_of(const std::string& content) {
  TemporaryFolder folder;
  return CsvTable::read(folder.file("t.csv", content));
}

std::string refusal_of(const std::string& content) {
  return error_of<DataError>([&] { table_of(content); });
}

TEST(CsvTable, ReadsNumbersAndTexts) {
  const CsvTable table = table_of("step,loss,name\n1,0.5,relu\n2,,tanh\n");
  EXPECT_THAT(table.columns(), ElementsAre("step", "loss", "name"));
  EXPECT_EQ(table.row_count(), 2U);
  EXPECT_THAT(table.numbers("step"), ElementsAre(1, 2));
  EXPECT_THAT(table.texts("name"), ElementsAre("relu", "tanh"));
  EXPECT_EQ(table.numbers("loss")[0], 0.5);
  EXPECT_TRUE(std::isnan(table.numbers("loss")[1]));
  EXPECT_TRUE(table.has_column("loss"));
  EXPECT_FALSE(table.has_column("los"));
}

TEST(CsvTable, ReadsQuotedCells) {
  const CsvTable table = table_of("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n\"\",z\n");
  EXPECT_THAT(table.texts("a"), ElementsAre("x, \"y\"", ""));
  EXPECT_THAT(table.texts("b"), ElementsAre("two\nlines", "z"));
}

TEST(CsvTable, ReadsWindowsLineEnds) {
  const CsvTable table = table_of("a,b\r\n1,\"x\"\r\n2,y\r\n");
  EXPECT_THAT(table.numbers("a"), ElementsAre(1, 2));
  EXPECT_THAT(table.texts("b"), ElementsAre("x", "y"));
}

TEST(CsvTable, KeepsItsCellsWhenMoved) {
  CsvTable table = table_of("a\n7\n");
  const CsvTable moved = std::move(table);
  EXPECT_THAT(moved.numbers("a"), ElementsAre(7));
}

TEST(CsvTable, ReadsATableWithoutRows) {
  const CsvTable table = table_of("a,b\n");
  EXPECT_EQ(table.row_count(), 0U);
  EXPECT_TRUE(table.numbers("b").empty());
}

TEST(CsvTable, NamesLineAndColumnOfACellThatIsNoNumber) {
  const CsvTable table = table_of("step,loss\n1,0.5\n2,oops\n");
  EXPECT_THAT(error_of<DataError>([&] { table.numbers("loss"); }),
              AllOf(HasSubstr("t.csv, line 3"), HasSubstr("column 'loss'"), HasSubstr("'oops'")));
}

TEST(CsvTable, RefusesNumbersWithMoreBehindThem) {
  for (const std::string cell : {"1x", "1 ", " 1", "0x10", "1e999", "inf", "nan", "-", "1.2.3"}) {
    const CsvTable table = table_of("a\n" + cell + "\n");
    EXPECT_THROW(table.numbers("a"), DataError) << cell;
  }
}

TEST(CsvTable, NamesTheColumnsWhenOneIsMissing) {
  const CsvTable table = table_of("step,loss\n1,0.5\n");
  const std::string error = error_of<DataError>([&] { table.numbers("losses"); });
  EXPECT_THAT(error, HasSubstr("expected a column 'losses', got 'step', 'loss'"));
  EXPECT_THROW(table.texts("losses"), DataError);
}

TEST(CsvTable, NamesTheLineOfARowOfAnotherLength) {
  EXPECT_THAT(refusal_of("a,b\n1,2\n3\n"), HasSubstr("line 3: expected 2 cells, got 1"));
  EXPECT_THAT(refusal_of("a,b\n1,2,3\n"), HasSubstr("line 2: expected 2 cells, got 3"));
  EXPECT_THAT(refusal_of("a,b\n\"x\ny\",2\n3\n"), HasSubstr("line 4: expected 2 cells"));
}

TEST(CsvTable, RefusesAFileThatWasCutOff) {
  for (const std::string content : {"a,b\n1,2", "a,b\n1,", "a,b\n1", "a,b", "a,b\n1,\"x\""}) {
    EXPECT_THAT(refusal_of(content), HasSubstr("cut off")) << content;
  }
  EXPECT_THAT(refusal_of("a,b\n1,\"x"), HasSubstr("closing quote"));
}

TEST(CsvTable, RefusesHeadersThatNameNothingOrTwice) {
  EXPECT_THAT(refusal_of(""), HasSubstr("an empty file"));
  EXPECT_THAT(refusal_of("a,,b\n"), HasSubstr("a name for every column"));
  EXPECT_THAT(refusal_of("a,b,a\n"), HasSubstr("'a' twice"));
  EXPECT_THAT(refusal_of("a,b\n\"x\"y,2\n"), HasSubstr("line 2"));
}

TEST(CsvTable, SaysThatAFileIsMissing) {
  TemporaryFolder folder;
  EXPECT_THAT(error_of<IoError>([&] { CsvTable::read(folder / "t.csv"); }), HasSubstr("t.csv"));
}

}  // namespace
}  // namespace ravine
