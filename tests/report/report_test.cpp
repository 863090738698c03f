#include "ravine/report/report.hpp"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "report/example_runs.hpp"
#include "report/xml_check.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;

using namespace ravine::testing;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// A reproduce folder with one run of every kind, made once: it is only read.
const TemporaryFolder& reproduction() {
  static const TemporaryFolder folder;
  static const bool written = [] {
    for (const char* name : {"train", "exact", "over", "landscape"}) {
      fs::create_directory(folder / name);
    }
    write_train_run(folder / "train");
    add_experiment(folder / "train", "Norms <of> MNIST", "How large & why?",
                   "It printed 0.792060.");
    write_sense_run(folder / "exact", {.name = "exact", .alphas = {0.1}, .rank = 5});
    write_sense_run(folder / "over", {.name = "over", .measurements = 1500});
    write_landscape_run(folder / "landscape");
    write_reproduce_manifest(folder.path(), {"train", "exact", "over", "landscape"});
    return true;
  }();
  EXPECT_TRUE(written);
  return folder;
}

const std::string& reproduction_page() {
  static const std::string page = [] {
    TemporaryFolder out;
    write_report({reproduction().path()}, out / "report.html");
    return read_file(out / "report.html");
  }();
  return page;
}

TEST(Report, IsWellFormedWithIdsThatDiffer) {
  const XmlCheck check(reproduction_page(), {"meta"});
  EXPECT_EQ(check.problem(), "");
  const std::set<std::string> different(check.ids().begin(), check.ids().end());
  EXPECT_EQ(different.size(), check.ids().size());
  EXPECT_GT(different.size(), 50U);
}

TEST(Report, RequestsNothingFromAnywhere) {
  const XmlCheck check(reproduction_page(), {"meta"});
  const std::set<std::string> ids(check.ids().begin(), check.ids().end());
  for (const std::string& reference : check.references()) {
    const bool inside = reference.starts_with('#') && ids.count(reference.substr(1)) == 1;
    EXPECT_TRUE(inside || reference.starts_with("data:image/png;base64,"))
        << reference.substr(0, 80);
  }
  EXPECT_THAT(reproduction_page(), Not(ContainsRegex("url\\([^#]")));
  EXPECT_THAT(reproduction_page(), Not(HasSubstr("@import")));
  EXPECT_THAT(reproduction_page(), Not(HasSubstr("<script")));
  EXPECT_THAT(reproduction_page(), HasSubstr("default-src 'none'"));
}

TEST(Report, ShowsEveryRunWithQuestionFindingsAndFigures) {
  const std::string& page = reproduction_page();
  EXPECT_THAT(page, HasSubstr("Norms &lt;of&gt; MNIST"));
  EXPECT_THAT(page, HasSubstr("How large &amp; why?"));
  EXPECT_THAT(page, HasSubstr("What the notebook had"));
  EXPECT_THAT(page, HasSubstr("It printed 0.792060."));
  EXPECT_THAT(page, HasSubstr("Matrix sensing: over"));
  EXPECT_THAT(page, HasSubstr("Loss landscape: landscape"));
  std::size_t figures = 0;
  for (std::size_t at = page.find("<figure id="); at != std::string::npos;
       at = page.find("<figure id=", at + 1)) {
    ++figures;
  }
  EXPECT_EQ(figures, 4U + 4U + 5U + 1U);
}

TEST(Report, ShowsChecksErrorsCommandsAndGlossary) {
  const std::string& page = reproduction_page();
  EXPECT_THAT(page, HasSubstr("2 of 3</strong> <a href=\"#checks\">checks</a> hold"));
  EXPECT_THAT(page, HasSubstr("iterations to relative error &lt; 10⁻¹⁰"));
  EXPECT_THAT(page, Not(HasSubstr("16 to 16"))) << "a range of one number is a number";
  EXPECT_THAT(page, HasSubstr("What the notebook got wrong"));
  EXPECT_THAT(page, HasSubstr("np.inner(a, X)"));
  EXPECT_THAT(page, HasSubstr("ravine train --data mnist --hidden 128,128,128"));
  EXPECT_THAT(page, HasSubstr("Example CPU"));
  EXPECT_THAT(page, HasSubstr("<dt>svec</dt>"));
}

TEST(Report, ComparesTheReferenceRunWithOthers) {
  const std::string& page = reproduction_page();
  EXPECT_THAT(page, HasSubstr("0.792060"));
  EXPECT_THAT(page, HasSubstr("ten PyTorch runs"));
  EXPECT_THAT(page, HasSubstr("343 to 445"));
}

TEST(Report, MarksWhatLeavesTheRangeItIsComparedWith) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {1.0, 0.1}, .measurements = 2000, .iterations = 1500});
  Json json = read_manifest(folder.path());
  json["results"]["members"][0]["relative_error"] = 3.2;  // reference: 2.6 to 3.0
  json["results"]["members"][1]["relative_error"] = 0.1;  // reference: 0.09 to 0.12
  folder.file("manifest.json", json.dump());
  write_report({folder.path()}, folder / "report.html");
  const std::string page = read_file(folder / "report.html");
  EXPECT_THAT(page, HasSubstr("<strong class=\"outside\">3.2</strong></td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"number\">0.10</td>"));
}

TEST(Report, SaysACaptionOnce) {
  const std::string& page = reproduction_page();
  const std::string caption = "A straight line is linear convergence";
  std::string captions;
  for (std::size_t at = page.find("<figcaption>"); at != std::string::npos;
       at = page.find("<figcaption>", at + 1)) {
    captions += page.substr(at, page.find("</figcaption>", at) - at);
  }
  EXPECT_NE(captions.find(caption), std::string::npos);
  EXPECT_EQ(captions.find(caption), captions.rfind(caption));
  EXPECT_THAT(captions, ContainsRegex("Loss\\.</strong> <a href=\"#run-[0-9]+-[0-9]+\">Explained"));
}

// The first line that says how a run was set up.
std::string setup_of(const fs::path& folder, const Json& options) {
  Json json = read_manifest(folder);
  json["configuration"].update(options);
  write_file_atomically(folder / kManifestFile, json.dump());
  write_report({folder}, folder / "report.html");
  const std::string page = read_file(folder / "report.html");
  const std::size_t question = page.find("<p class=\"question\">");
  const std::size_t at = page.find("</p>", question);
  return page.substr(at, page.find("</p>", at + 1) - at);
}

TEST(Report, SaysHowTheWeightsWereInitialised) {
  TemporaryFolder folder;
  write_train_run(folder.path());
  EXPECT_THAT(setup_of(folder.path(), Json::object()), HasSubstr("PyTorch&#39;s default"));
  EXPECT_THAT(setup_of(folder.path(), {{"init", "he-normal"}, {"init-gain", 1}}),
              AllOf(HasSubstr("He&#39;s, normal"), Not(HasSubstr("times"))));
  EXPECT_THAT(setup_of(folder.path(), {{"init", "he-normal"}, {"init-gain", 2}}),
              HasSubstr("He&#39;s, normal of variance 2/fan-in, times 2;"));
  EXPECT_THAT(setup_of(folder.path(), {{"initial-weights", "w.npz"}}),
              HasSubstr("initial weights from w.npz"));
}

TEST(Report, RepeatsNoEpochInTheTableOfNorms) {
  TemporaryFolder folder;
  const auto page_of = [&](int epochs) {
    write_train_run(folder.path(), {.epochs = epochs});
    write_report({folder.path()}, folder / "report.html");
    return read_file(folder / "report.html");
  };
  EXPECT_THAT(page_of(2), AllOf(HasSubstr(">epoch 2</th>"), Not(HasSubstr(">last epoch</th>"))));
  EXPECT_THAT(page_of(3), HasSubstr(">last epoch</th>"));
}

TEST(Report, AsksOnlyWhatTheRanksSay) {
  TemporaryFolder folder;
  const auto page_of = [&](int rank) {
    write_sense_run(folder.path(), {.alphas = {0.1}, .rank = rank, .iterations = 20});
    write_report({folder.path()}, folder / "report.html");
    return read_file(folder / "report.html");
  };
  EXPECT_THAT(page_of(6),
              AllOf(HasSubstr("factor has more columns than"), Not(HasSubstr("far more"))));
  EXPECT_THAT(page_of(5), HasSubstr("a factor of the right rank"));
  EXPECT_THAT(page_of(4), HasSubstr("factor has fewer columns than"));
}

TEST(Report, SaysHowMuchNoiseThereIs) {
  TemporaryFolder folder;
  write_sense_run(folder.path());
  EXPECT_THAT(setup_of(folder.path(), {{"noise", 0}}), Not(HasSubstr("noise")));
  EXPECT_THAT(setup_of(folder.path(), {{"noise", 0.5}}),
              HasSubstr("noise of standard deviation 0.5 on every measurement"));
}

TEST(Report, TellsRunsOfOneExperimentApartAndSaysTheNotebookOnce) {
  TemporaryFolder folder;
  for (const char* name : {"first", "second"}) {
    fs::create_directory(folder / name);
    write_sense_run(folder / name, {.name = name, .alphas = {0.1}, .iterations = 20});
    add_experiment(folder / name, "One title", "Why?", "It was wrong.");
  }
  write_report({folder / "first", folder / "second"}, folder / "report.html");
  const std::string page = read_file(folder / "report.html");
  EXPECT_THAT(page, HasSubstr("<h2>One title: first</h2>"));
  EXPECT_THAT(page, HasSubstr("<h2>One title: second</h2>"));
  EXPECT_EQ(page.find("It was wrong."), page.rfind("It was wrong."));
}

std::string page_of_rules(const std::string& first, const std::string& second) {
  TemporaryFolder folder;
  fs::create_directory(folder / "first");
  fs::create_directory(folder / "second");
  write_sense_run(folder / "first",
                  {.name = "first", .alphas = {0.1, 0.01}, .rank = 5, .rule = first});
  write_sense_run(folder / "second", {.name = "second", .alphas = {0.1}, .rule = second});
  for (const char* name : {"first", "second"}) {
    add_experiment(folder / name, "One title", "Which rule?", "");
  }
  write_report({folder / "first", folder / "second"}, folder / "report.html");
  return read_file(folder / "report.html");
}

TEST(Report, ComparesTheRulesOfOneExperiment) {
  const std::string page = page_of_rules("lbfgs", "adam");
  EXPECT_EQ(XmlCheck(page, {"meta"}).problem(), "");
  const std::size_t comparison = page.find("<h2>One title: the rules compared</h2>");
  ASSERT_NE(comparison, std::string::npos);
  EXPECT_LT(comparison, page.find("<h2>One title: first</h2>"));
  EXPECT_THAT(page, HasSubstr("Distance from the truth under each rule"));
  EXPECT_THAT(page, ContainsRegex("Found <i>X</i>\\* to a relative error of 10⁻²: <strong>lbfgs"));
  EXPECT_THAT(page, HasSubstr("L-BFGS on <i>U</i> with"));
  EXPECT_THAT(page, HasSubstr("Adam on <i>U</i> with"));
  EXPECT_EQ(page.find("<pre>"), page.find("<pre>ravine sense")) << "a comparison has no command";
}

TEST(Report, ComparesNothingUnderOneRule) {
  EXPECT_THAT(page_of_rules("gd", "gd"), Not(HasSubstr("the rules compared")));
}

TEST(Report, OfOneRunHasNothingOfTheProblemSet) {
  TemporaryFolder folder;
  write_sense_run(folder.path(),
                  {.name = "mine", .alphas = {0.1}, .iterations = 30, .knows_truth = false});
  write_report({folder.path()}, folder / "report.html");
  const std::string page = read_file(folder / "report.html");
  EXPECT_EQ(XmlCheck(page, {"meta"}).problem(), "");
  EXPECT_THAT(page, HasSubstr("<title>Matrix sensing: mine</title>"));
  EXPECT_THAT(page, Not(HasSubstr("What the notebook got wrong")));
  EXPECT_THAT(page, Not(HasSubstr("id=\"checks\"")));
}

TEST(Report, ShowsHostileTextsAsTexts) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  add_experiment(folder.path(), "</title><script>x</script>", "\"'><img src=http://a>", "<b>");
  write_report({folder.path()}, folder / "report.html");
  const std::string page = read_file(folder / "report.html");
  EXPECT_EQ(XmlCheck(page, {"meta"}).problem(), "");
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
}

TEST(Report, TellsOfRunsThatBlewUpOrWereInterrupted) {
  TemporaryFolder folder;
  fs::create_directory(folder / "train");
  fs::create_directory(folder / "sense");
  write_blown_up_train_run(folder / "train");
  write_sense_run(folder / "sense", {.alphas = {1.0, 0.1}, .iterations = 20, .diverged = 2});
  Json json = read_manifest(folder / "sense");
  json["termination"]["reason"] = "interrupted";
  write_file_atomically(folder / "sense/manifest.json", json.dump());
  write_report({folder / "train", folder / "sense"}, folder / "report.html");
  const std::string page = read_file(folder / "report.html");
  EXPECT_EQ(XmlCheck(page, {"meta"}).problem(), "");
  EXPECT_THAT(page, HasSubstr("gradients <strong>exploding</strong>"));
  EXPECT_THAT(page, HasSubstr("every start <strong>diverged</strong>"));
  EXPECT_THAT(page, HasSubstr("The run was interrupted"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(Report, GivesOneClearErrorForWhatIsNoRun) {
  TemporaryFolder folder;
  EXPECT_THROW(write_report({}, folder / "report.html"), ConfigError);
  EXPECT_THAT(error_of<DataError>([&] { write_report({folder.path()}, folder / "report.html"); }),
              HasSubstr("expected a run folder"));
  write_reproduce_manifest(folder.path(), {"missing"});
  EXPECT_THAT(error_of<IoError>([&] { write_report({folder.path()}, folder / "report.html"); }),
              HasSubstr("missing"));
  EXPECT_FALSE(fs::exists(folder / "report.html"));
}

TEST(Report, GivesOneClearErrorForABrokenTable) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 20});
  folder.file("trace.csv", "iteration,alpha,loss,gradient_norm,distance,relative_error\n0,0.1,1\n");
  EXPECT_THAT(error_of<DataError>([&] { write_report({folder.path()}, folder / "report.html"); }),
              HasSubstr("trace.csv, line 2: expected 6 cells, got 3"));
}

TEST(Report, SaysThatItsPlaceCannotBeWritten) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  EXPECT_THROW(write_report({folder.path()}, folder / "missing/report.html"), IoError);
}

}  // namespace
}  // namespace ravine
