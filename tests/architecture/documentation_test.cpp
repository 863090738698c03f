#include <filesystem>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "ravine/base/file.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;

/// The part of a name between slashes that stands in the source: of Steps/ExactRank or EveryRule/0
/// the one that begins with a letter last, of Takes/c1tenths the first.
std::string plain_suite(const std::string& name) {
  const auto slash = name.find('/');
  if (slash == std::string::npos) return name;
  const std::string rest = name.substr(slash + 1);
  return std::isdigit(static_cast<unsigned char>(rest.front())) ? name.substr(0, slash) : rest;
}

std::set<std::string> known_tests() {
  std::set<std::string> names;
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const std::string test = suite.GetTestInfo(j)->name();
      names.insert(plain_suite(suite.name()) + "." + test.substr(0, test.find('/')));
    }
  }
  return names;
}

TEST(Documentation, NamesTestsThatExist) {
  const std::set<std::string> known = known_tests();
  const std::regex test_name("`([A-Z][A-Za-z0-9]+\\.[A-Z][A-Za-z0-9]+)`");
  int named = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(RAVINE_SOURCE_DIR) / "docs")) {
    if (entry.path().extension() != ".md") continue;
    const std::string text = read_file(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), test_name), end; match != end;
         ++match) {
      EXPECT_TRUE(known.contains((*match)[1])) << (*match)[1] << " in " << entry.path();
      ++named;
    }
  }
  EXPECT_GT(named, 50);
}

TEST(Documentation, PointsToFilesThatExist) {
  const fs::path root = RAVINE_SOURCE_DIR;
  const std::regex link("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  for (const fs::path& folder : {root / "docs", root / "examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".md") continue;
      const std::string text = read_file(entry.path());
      for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match) {
        const fs::path target = entry.path().parent_path() / (*match)[1].str();
        EXPECT_TRUE(fs::exists(target)) << (*match)[1] << " in " << entry.path();
      }
    }
  }
}

}  // namespace
}  // namespace ravine
