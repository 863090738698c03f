#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Folder of src/ravine -> its floor. An include may only point to a lower floor or stay at home.
const std::map<std::string, int> kFloors = {
    {"base", 0},      {"random", 1},  {"kernels", 1}, {"data", 2},      {"objective", 3},
    {"optimizer", 4}, {"descent", 5}, {"probe", 5},   {"diagnosis", 6}, {"record", 6},
    {"study", 7},     {"report", 7},  {"cli", 8},
};

// Why a file of folder `from` may not include one of folder `to`; empty if it may.
std::string reason_against(const std::string& from, const std::string& to) {
  if (!kFloors.contains(to)) return fmt::format("folder '{}' has no floor", to);
  if (from == to || kFloors.at(to) < kFloors.at(from)) return "";
  return fmt::format("{} (floor {}) may not include {} (floor {})", from, kFloors.at(from), to,
                     kFloors.at(to));
}

// The violations of one file of folder `from`, each `file:line: reason`.
std::vector<std::string> violations_in_file(const fs::path& file, const std::string& from) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*["<]([^">]+)[">].*)");
  static const std::regex kOfRavine(R"(ravine/(?:([^/]+)/)?.*)");
  std::vector<std::string> violations;
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::smatch include;
    std::smatch folder;
    std::string reason;
    if (!std::regex_match(line, include, kInclude)) continue;
    const std::string target = include[1];
    if (std::regex_match(target, folder, kOfRavine)) {
      reason = reason_against(from, folder[1]);
    } else if (fs::exists(file.parent_path() / target)) {
      reason = fmt::format("'{}' is not written as \"ravine/...\"", target);
    }
    if (!reason.empty())
      violations.push_back(fmt::format("{}:{}: {}", file.string(), number, reason));
  }
  return violations;
}

// The violations in everything below `sources`, a folder like src/ravine.
std::vector<std::string> violations_below(const fs::path& sources) {
  std::vector<std::string> violations;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(sources)) {
    if (!entry.is_regular_file()) continue;
    const fs::path inside = entry.path().lexically_relative(sources);
    const std::string folder = inside.has_parent_path() ? inside.begin()->string() : "";
    if (!kFloors.contains(folder)) {
      violations.push_back(
          fmt::format("{}: folder '{}' has no floor", entry.path().string(), folder));
      continue;
    }
    for (std::string& violation : violations_in_file(entry.path(), folder)) {
      violations.push_back(std::move(violation));
    }
  }
  return violations;
}

// The checker at work on a made-up source tree, gone at the end of the test.
class LayeringChecker : public testing::Test {
 protected:
  LayeringChecker() { fs::create_directories(root_); }
  ~LayeringChecker() override { fs::remove_all(root_); }

  void add(const std::string& path, const std::string& content) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
  }
  std::vector<std::string> violations() const { return violations_below(root_); }

 private:
  fs::path root_ = fs::path(testing::TempDir()) / fmt::format("ravine_layering_{}", ::getpid());
};

TEST(Layering, HoldsInTheWholeLibrary) {
  const fs::path sources = fs::path(RAVINE_SOURCE_DIR) / "src" / "ravine";
  ASSERT_TRUE(fs::exists(sources / "base" / "error.hpp"));
  EXPECT_THAT(violations_below(sources), IsEmpty());
}

TEST_F(LayeringChecker, AcceptsLowerFloorsAndTheOwnFolder) {
  add("descent/descend.cpp",
      "#include <vector>\n"
      "#include \"ravine/descent/descend.hpp\"\n"
      "#include \"ravine/objective/mlp.hpp\"\n"
      "#include \"ravine/base/error.hpp\"\n"
      "// #include \"ravine/cli/main.hpp\"\n");
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(LayeringChecker, NamesFileAndLineOfAnIncludeThatPointsUp) {
  add("base/error.cpp", "#include <string>\n\n#include \"ravine/cli/main.hpp\"\n");
  EXPECT_THAT(violations(),
              ElementsAre(AllOf(HasSubstr("base/error.cpp:3: "),
                                HasSubstr("base (floor 0) may not include cli (floor 8)"))));
}

TEST_F(LayeringChecker, RefusesAnIncludeThatPointsSideways) {
  add("random/philox.hpp", "#include \"ravine/kernels/dot.hpp\"\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("random (floor 1) may not include kernels")));
}

TEST_F(LayeringChecker, SeesThroughSpacesAngleBracketsAndSubfolders) {
  add("kernels/native/dot.cpp", "  #  include <ravine/data/idx.hpp>  // because\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("kernels (floor 1) may not include data")));
}

TEST_F(LayeringChecker, RefusesIncludesRelativeToTheFile) {
  add("cli/main.hpp", "");
  add("base/error.cpp", "#include \"../cli/main.hpp\"\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("'../cli/main.hpp' is not written as")));
}

TEST_F(LayeringChecker, RefusesFoldersWithoutAFloor) {
  add("misc/help.hpp", "");
  add("cli/main.cpp", "#include \"ravine/helpers/all.hpp\"\n");
  add("stray.hpp", "");
  EXPECT_THAT(violations(),
              testing::UnorderedElementsAre(HasSubstr("folder 'misc' has no floor"),
                                            HasSubstr("folder 'helpers' has no floor"),
                                            HasSubstr("folder '' has no floor")));
}

}  // namespace
}  // namespace ravine
