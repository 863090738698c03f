#include "ravine/data/csv_rows.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view text) {
  MemorySource source(text, "t.csv");
  CsvRows rows(source);
  Rows all;
  while (rows.next()) all.emplace_back(rows.cells().begin(), rows.cells().end());
  return all;
}

TEST(CsvRows, SplitsRowsAndCells) {
  EXPECT_EQ(rows_of("a,b\n1,\n,\n\n2"), (Rows{{"a", "b"}, {"1", ""}, {"", ""}, {""}, {"2"}}));
  EXPECT_EQ(rows_of(""), Rows{});
  EXPECT_EQ(rows_of("a\r\nb\r\n"), (Rows{{"a"}, {"b"}}));
  EXPECT_EQ(rows_of("a,"), (Rows{{"a", ""}}));
}

TEST(CsvRows, UnquotesCells) {
  EXPECT_EQ(rows_of("\"a,\"\"b\"\"\",\"\"\"\"\"\",\"\"\n"), (Rows{{"a,\"b\"", "\"\"", ""}}));
  EXPECT_EQ(rows_of("\"x\ny\" , \"z\"\r\n"), (Rows{{"x\ny", "z"}}));
  EXPECT_EQ(rows_of("it's 5\" long\n"), (Rows{{"it's 5\" long"}}));
  EXPECT_EQ(rows_of("\"a\""), (Rows{{"a"}}));
}

TEST(CsvRows, CountsLinesInsideQuotes) {
  MemorySource source("\"a\nb\"\nc\nd", "t.csv");
  CsvRows rows(source);
  std::vector<std::size_t> lines;
  std::vector<bool> cut_off;
  while (rows.next()) {
    lines.push_back(rows.line());
    cut_off.push_back(rows.cut_off());
  }
  EXPECT_THAT(lines, ElementsAre(1, 3, 4));
  EXPECT_THAT(cut_off, ElementsAre(false, false, true));
}

TEST(CsvRows, RefusesOpenQuotesAndTextBehindClosedOnes) {
  EXPECT_THAT(error_of<DataError>([] { rows_of("a\n\"b\nc"); }), HasSubstr("line 2"));
  EXPECT_THAT(error_of<DataError>([] { rows_of("\"a\"b\n"); }), HasSubstr("a comma after"));
}

// Rows of every length around the buffer's end must come out whole.
TEST(CsvRows, JoinsWhatTheBufferCuts) {
  for (const std::size_t length : {65'530, 65'535, 65'536, 65'537, 131'071, 200'000}) {
    const std::string cell(length, 'x');
    const std::string text = "\"" + cell + "\"\"\",1\r\n" + cell + ",2\n3,\"4\"";
    EXPECT_EQ(rows_of(text), (Rows{{cell + "\"", "1"}, {cell, "2"}, {"3", "4"}})) << length;
  }
}

TEST(CsvRows, RefusesARowThatWouldFillTheMemory) {
  EXPECT_THAT(error_of<DataError>([] { rows_of(std::string(3 << 20, 'x')); }),
              HasSubstr("rows of at most"));
}

}  // namespace
}  // namespace ravine
