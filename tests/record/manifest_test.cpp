#include "ravine/record/manifest.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::ravine::testing::TemporaryFolder;
using ::testing::HasSubstr;

Manifest example() {
  Manifest manifest;
  manifest.kind = "sense";
  manifest.name = "exact-rank";
  manifest.configuration = {{"rank", 5}, {"alpha", {0.1, 1e-5}}};
  manifest.host = describe_host("AVX2", 2);
  manifest.termination_reason = "max_steps";
  manifest.termination_message = "all 1000 iterations done";
  manifest.results = {{"sigma_1", 0.1}};
  return manifest;
}

constexpr const char* kMinimal =
    R"({"schema": "ravine-run/1", "kind": "train", "configuration": {}, "host": {},
        "termination": {}, "results": {}})";

std::string refusal_of(const std::string& content) {
  TemporaryFolder folder;
  folder.file("manifest.json", content);
  return error_of<DataError>([&] { read_manifest(folder.path()); });
}

TEST(Manifest, ReadsBackWhatWasWritten) {
  TemporaryFolder folder;
  write_manifest(folder.path(), example());
  const Json json = read_manifest(folder.path());
  EXPECT_EQ(json["name"], "exact-rank");
  EXPECT_EQ(json["configuration"]["alpha"][1], 1e-5);
  EXPECT_EQ(json["termination"]["reason"], "max_steps");
  EXPECT_EQ(json["host"]["threads"], 2);
  EXPECT_EQ(json["results"]["sigma_1"], 0.1);
}

TEST(Manifest, IsWrittenInOneOrderWithoutEmptyParts) {
  TemporaryFolder folder;
  write_manifest(folder.path(), example());
  const Json json = read_manifest(folder.path());
  std::string keys;
  for (const auto& [key, value] : json.items()) keys += key + " ";
  EXPECT_EQ(keys, "schema kind name configuration host termination timing results ");
}

TEST(Manifest, WritesNullForNonFiniteNumbers) {
  TemporaryFolder folder;
  Manifest manifest = example();
  manifest.results["loss"] = std::numeric_limits<double>::quiet_NaN();
  manifest.results["distance"] = std::numeric_limits<double>::infinity();
  write_manifest(folder.path(), manifest);
  const Json json = read_manifest(folder.path());
  EXPECT_TRUE(json["results"]["loss"].is_null());
  EXPECT_TRUE(json["results"]["distance"].is_null());
}

TEST(Manifest, SurvivesTextThatIsNotUtf8) {
  TemporaryFolder folder;
  Manifest manifest = example();
  manifest.name = "run-\xff";
  write_manifest(folder.path(), manifest);
  EXPECT_THAT(read_manifest(folder.path())["name"].get<std::string>(), HasSubstr("run-"));
}

TEST(Manifest, SaysByDefaultThatTheRunNeverStarted) {
  const Manifest manifest;
  EXPECT_EQ(manifest.termination_reason, "stopped");
  EXPECT_EQ(manifest.termination_message, "run was not started");
}

TEST(Manifest, RefusesKindsAndReasonsTheFormatDoesNotKnow) {
  TemporaryFolder folder;
  Manifest manifest = example();
  manifest.kind = "dance";
  EXPECT_THAT(error_of<ConfigError>([&] { write_manifest(folder.path(), manifest); }),
              HasSubstr("one of train, sense, landscape, slice, sweep, reproduce, got 'dance'"));
  manifest = example();
  manifest.termination_reason = "bored";
  EXPECT_THROW(write_manifest(folder.path(), manifest), ConfigError);
  EXPECT_FALSE(std::filesystem::exists(folder / "manifest.json"));
}

TEST(Manifest, RefusesFoldersThatAreNoRun) {
  TemporaryFolder folder;
  EXPECT_THAT(error_of<DataError>([&] { read_manifest(folder.path()); }),
              HasSubstr("expected a run folder, got one without manifest.json"));
  EXPECT_THAT(error_of<IoError>([&] { read_manifest(folder / "missing"); }),
              HasSubstr("expected a run folder, got nothing of that name"));
  EXPECT_THAT(refusal_of("{ half"), HasSubstr("expected JSON"));
  EXPECT_THAT(refusal_of("[]"), HasSubstr("expected schema ravine-run/1, got none"));
  EXPECT_THAT(refusal_of(R"({"schema": "ravine-run/2"})"), HasSubstr("got ravine-run/2"));
  EXPECT_THAT(refusal_of(R"({"schema": "ravine-run/1", "kind": "dance"})"), HasSubstr("'dance'"));
  EXPECT_THAT(refusal_of(R"({"schema": "ravine-run/1", "kind": "train"})"),
              HasSubstr("an object 'configuration'"));
}

TEST(Manifest, TellsRunsOfAnySchemaVersionFromOtherFolders) {
  TemporaryFolder folder;
  EXPECT_FALSE(holds_run(folder.path()));
  EXPECT_FALSE(holds_run(folder / "missing"));
  folder.file("manifest.json", R"({"schema": "ravine-run/99"})");
  EXPECT_TRUE(holds_run(folder.path()));
  folder.file("manifest.json", R"({"schema": 1})");
  EXPECT_FALSE(holds_run(folder.path()));
  folder.file("manifest.json", kMinimal);
  EXPECT_TRUE(holds_run(folder.path()));
}

TEST(HostInfo, NamesThisBuild) {
  const HostInfo host = describe_host("AVX2", 3);
  EXPECT_EQ(host.instruction_set, "AVX2");
  EXPECT_EQ(host.threads, 3);
  EXPECT_THAT(host.compiler, ::testing::ContainsRegex("^(g|clang)\\+\\+ [0-9]+\\.[0-9]+"));
  EXPECT_THAT(host.ravine_version, ::testing::ContainsRegex("^[0-9]+\\.[0-9]+\\.[0-9]+$"));
  EXPECT_FALSE(host.build_type.empty());
  EXPECT_FALSE(host.cpu.empty());
}

}  // namespace
}  // namespace ravine
