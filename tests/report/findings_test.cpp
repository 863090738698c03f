#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/report/findings_landscape.hpp"
#include "ravine/report/findings_sense.hpp"
#include "ravine/report/findings_theory.hpp"
#include "ravine/report/findings_train.hpp"
#include "ravine/report/power_law.hpp"
#include "ravine/report/reference_numbers.hpp"
#include "report/example_runs.hpp"
#include "report/example_theory.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using namespace ravine::testing;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TrainFindings findings_of(const TrainExample& example) {
  TemporaryFolder folder;
  write_train_run(folder.path(), example);
  return train_findings(read_run(folder.path()));
}

SenseFindings findings_of(const SenseExample& example) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), example);
  return sense_findings(read_run(folder.path()));
}

std::string text_of(const auto& findings) {
  std::string text;
  for (const std::string& sentence : sentences_of(findings)) text += sentence + "\n";
  return text;
}

// Replaces the layer-1 norms of an epochs.csv by the given ones.
void write_layer1_norms(const TemporaryFolder& folder, const std::vector<double>& norms) {
  CsvWriter table(folder / "epochs.csv",
                  norm_columns({"epoch", "train_nll", "test_nll", "test_accuracy"}, 4));
  for (std::size_t i = 0; i < norms.size(); ++i) {
    table.row(i + 1, 0.1, 0.2, 0.9, norms[i], 0.5, 0.4, 0.3);
  }
  table.close();
}

TEST(TrainFindings, AreTheNumbersOfTheRecord) {
  const TrainFindings found = findings_of(TrainExample{});
  EXPECT_EQ(found.verdict, "healthy");
  EXPECT_DOUBLE_EQ(found.first_to_last_ratio, 0.90 / 0.42);
  EXPECT_EQ(found.epochs, 40.0);
  EXPECT_EQ(found.layer1_norms.size(), 40U);
  EXPECT_DOUBLE_EQ(found.peak_norm,
                   *std::max_element(found.layer1_norms.begin(), found.layer1_norms.end()));
  EXPECT_DOUBLE_EQ(found.layer1_norms.front(), example_norm(TrainExample{}, 0, 1));
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("Verdict: healthy"));
  EXPECT_THAT(text, HasSubstr("<strong>2.14</strong> times that of the last"));
  EXPECT_THAT(text, HasSubstr("0.8 % in layer 2"));
}

TEST(TrainFindings, NameTheEpochWhereTheTestLossIsLowest) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.epochs = 3});
  CsvWriter table(folder / "epochs.csv",
                  norm_columns({"epoch", "train_nll", "test_nll", "test_accuracy"}, 4));
  table.row(1, 0.5, 0.4, 0.9, 1, 1, 1, 1);
  table.row(2, 0.3, 0.25, 0.9, 1, 1, 1, 1);
  table.row(3, 0.2, 0.35, 0.9, 1, 1, 1, 1);
  table.close();
  const TrainFindings found = train_findings(read_run(folder.path()));
  EXPECT_EQ(found.best_test_epoch, 2.0);
  EXPECT_EQ(found.best_test_loss, 0.25);
  EXPECT_THAT(text_of(found), HasSubstr("overfitting"));
}

TEST(TrainFindings, CallOverfittingOnlyWhatHasLearnedAndGoesOnToFit) {
  TrainFindings found;
  found.layer1_norms = {1, 1, 1};
  found.epochs = 3;
  found.best_test_epoch = 2;
  found.relative_decrease = 0.9;
  found.train_loss_falls_on = true;
  found.best_test_loss = 0.25;
  found.test_loss = 0.3;
  EXPECT_THAT(text_of(found), HasSubstr("20.0 % higher in the last epoch"));
  EXPECT_THAT(text_of(found), HasSubstr("overfitting"));
  found.test_loss = 0.251;
  EXPECT_THAT(text_of(found), Not(HasSubstr("overfitting")));
  found.test_loss = 0.3;
  found.train_loss_falls_on = false;
  EXPECT_THAT(text_of(found), Not(HasSubstr("overfitting")));
  EXPECT_THAT(text_of(found), HasSubstr("as the training loss is"));
  found.train_loss_falls_on = true;
  found.relative_decrease = 0.003;  // a vanishing network's
  for (const double epoch : {2.0, 3.0}) {
    found.best_test_epoch = epoch;
    EXPECT_THAT(text_of(found), Not(HasSubstr("overfitting")));
    EXPECT_THAT(text_of(found), Not(HasSubstr("more epochs")));
    EXPECT_THAT(text_of(found), HasSubstr("hardly learned"));
  }
}

TEST(TrainFindings, FindTheShiftOfTheNotebooksEpochs) {
  TemporaryFolder folder;
  write_train_run(folder.path());
  for (const int shift : {0, 1, 2}) {
    std::vector<double> norms(9, 0.3);
    for (std::size_t i = 0; i < kNotebookLayer1.size(); ++i) {
      norms[i + static_cast<std::size_t>(shift)] = kNotebookLayer1[i] + 0.001;
    }
    write_layer1_norms(folder, norms);
    const TrainFindings found = train_findings(read_run(folder.path()));
    ASSERT_TRUE(found.notebook.has_value());
    EXPECT_EQ(found.notebook->best_shift, shift);
    EXPECT_NEAR(found.notebook->rms_by_shift[static_cast<std::size_t>(shift)], 0.001, 1e-12);
  }
}

TEST(TrainFindings, CompareWithTheNotebookOnlyItsOwnConfiguration) {
  EXPECT_TRUE(findings_of(TrainExample{}).notebook.has_value());
  EXPECT_FALSE(findings_of(TrainExample{.epochs = 5}).notebook.has_value());
  EXPECT_FALSE(findings_of(TrainExample{.activation = "tanh"}).is_reference);
  EXPECT_FALSE(findings_of(TrainExample{.hidden = {64, 128, 128}}).is_reference);
}

TEST(TrainFindings, CompareWithTheNotebookNoOtherRecipe) {
  const std::pair<const char*, Json> others[] = {
      {"rule", "adam"},      {"schedule", "cosine"},
      {"clip-norm", 1.0},    {"no-shuffle", true},
      {"init", "he"},        {"init-gain", 2},
      {"train-limit", 2000}, {"initial-weights", "start.npz"}};
  for (const auto& [option, value] : others) {
    TemporaryFolder folder;
    write_train_run(folder.path());
    Json json = read_manifest(folder.path());
    json["configuration"][option] = value;
    folder.file("manifest.json", json.dump());
    EXPECT_FALSE(train_findings(read_run(folder.path())).is_reference) << option;
  }
}

TEST(TrainFindings, SayWhatTheyCanOfARunThatBlewUp) {
  TemporaryFolder folder;
  write_blown_up_train_run(folder.path());
  const TrainFindings found = train_findings(read_run(folder.path()));
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("Verdict: exploding"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

TEST(TrainFindings, WritePowersOfTheDiagnosisAsPowers) {
  TemporaryFolder folder;
  write_train_run(folder.path());
  Json json = read_manifest(folder.path());
  json["results"]["diagnosis"]["reasons"] = {"the first norm is 2e-06 times the last"};
  json["results"]["diagnosis"]["cause"] = "at most 4^-L times the weights";
  folder.file("manifest.json", json.dump());
  const std::string text = text_of(train_findings(read_run(folder.path())));
  EXPECT_THAT(text, HasSubstr("2·10⁻⁶ times"));
  EXPECT_THAT(text, HasSubstr("4<sup>−L</sup> times"));
}

TEST(TrainFindings, EscapeTextsOfTheRecord) {
  TemporaryFolder folder;
  write_train_run(folder.path());
  Json json = read_manifest(folder.path());
  json["results"]["diagnosis"]["reasons"] = {"<script>alert(1)</script>"};
  folder.file("manifest.json", json.dump());
  EXPECT_THAT(text_of(train_findings(read_run(folder.path()))), Not(HasSubstr("<script>")));
}

TEST(TrainFindings, RefuseARecordWithoutADiagnosis) {
  TemporaryFolder folder;
  write_train_run(folder.path());
  Json json = read_manifest(folder.path());
  json["results"].erase("diagnosis");
  folder.file("manifest.json", json.dump());
  EXPECT_THAT(error_of<DataError>([&] { train_findings(read_run(folder.path())); }),
              HasSubstr("/results/diagnosis"));
}

TEST(SenseFindings, MeasureTheRateOfLinearConvergence) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {0.1}, .rank = 5});
  ASSERT_EQ(found.members.size(), 1U);
  EXPECT_NEAR(found.members[0].log10_rate, -0.0265, 1e-6);
  EXPECT_THAT(found.members[0].iterations_to, ElementsAre(122, 236, 387));
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("<strong>122 / 236 / 387</strong>"));
  EXPECT_THAT(text, HasSubstr("one decimal digit every 38 iterations"));
  EXPECT_THAT(text, Not(HasSubstr("minimum")));
}

TEST(SenseFindings, FitTheExponentsOverAlpha) {
  SenseExample example;
  example.iterations = 600;
  const SenseFindings found = findings_of(example);
  ASSERT_TRUE(found.error_law && found.beyond_law);
  EXPECT_NEAR(found.error_law->exponent, 0.93, 0.02);
  EXPECT_NEAR(found.beyond_law->exponent, 0.42, 0.02);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("to the power <strong>0.93 ± 0.00</strong>"));
  EXPECT_THAT(text, HasSubstr("keeps it smaller, but not in proportion"));
}

// Three starts that settled with these errors and singular values beyond the rank.
SenseFindings settled_starts(const std::vector<double>& errors, const std::vector<double>& beyond) {
  SenseFindings found = findings_of(SenseExample{.alphas = {1e-1, 1e-3, 1e-5}});
  std::vector<double> alphas;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    found.members[i].relative_error = errors[i];
    found.members[i].first_beyond = beyond[i];
    alphas.push_back(found.members[i].alpha);
  }
  found.error_law = power_law(alphas, errors);
  found.beyond_law = power_law(alphas, beyond);
  return found;
}

TEST(SenseFindings, SayInProportionWhereItIs) {
  const std::string text = text_of(settled_starts({1e-1, 1e-3, 1e-5}, {2e-1, 2e-3, 2e-5}));
  EXPECT_THAT(text, HasSubstr("(least squares over 3 starts): in proportion."));
  EXPECT_THAT(text, HasSubstr("</strong>: in proportion to the start."));
  EXPECT_THAT(text, Not(HasSubstr("not in proportion")));
}

TEST(SenseFindings, NameNoPowerThatDoesNotFit) {
  const std::string text = text_of(settled_starts({2.8, 0.11, 1e-1}, {1e-2, 1e-3, 1e-2}));
  EXPECT_THAT(text, HasSubstr("The smaller the start, the smaller the final error"));
  EXPECT_THAT(text, HasSubstr("as no single power of <i>α</i>"));
  EXPECT_THAT(text, Not(HasSubstr("to the power")));
}

TEST(SenseFindings, SayWhereTheErrorDoesNotFollowTheStart) {
  EXPECT_THAT(text_of(settled_starts({0.062, 0.93, 0.5}, {1, 1, 1})),
              AllOf(HasSubstr("does not follow the size of the start"), HasSubstr("0.93"),
                    Not(HasSubstr("to the power"))));
  EXPECT_THAT(text_of(settled_starts({0.062, 0.061, 0.065}, {1, 1, 1})),
              HasSubstr("hardly depends on the size of the start: it is 0.061 to 0.065"));
}

TEST(SenseFindings, CompareNoStartThatHasNotSettled) {
  SenseExample example{.alphas = {1e-1, 1e-2, 1e-3, 1e-12}, .iterations = 90};
  const SenseFindings found = findings_of(example);
  EXPECT_FALSE(found.members[3].settled) << "it has hardly left zero";
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("Not settled when the run ended"));
  EXPECT_THAT(text, Not(HasSubstr("At <i>α</i> = 10⁻¹²")));
}

TEST(SenseFindings, FitNoPowerThroughTwoStarts) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {1e-1, 1e-3}});
  EXPECT_EQ(settled_members(found).size(), 2U);
  EXPECT_FALSE(found.error_law || found.beyond_law);
  EXPECT_THAT(text_of(found), Not(HasSubstr("to the power")));
}

TEST(SenseFindings, SayThatEqualLossesHideDifferentAnswers) {
  const SenseFindings found =
      findings_of(SenseExample{.alphas = {1.0, 1e-5}, .measurements = 1500});
  EXPECT_EQ(fitted_members(found).size(), 2U);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("Same zero loss, different answers"));
  EXPECT_THAT(text, HasSubstr("1,500 measurements cannot determine 5,050 unknowns"));
  EXPECT_THAT(text, HasSubstr("relative error <strong>0.83</strong>"));
}

TEST(SenseFindings, SayWhenTheSmallestLossIsNotTheBestAnswer) {
  SenseFindings found = findings_of(SenseExample{.alphas = {1.0, 1e-5}, .measurements = 1500});
  found.members[0].loss = 1e-25;
  found.members[0].relative_error = 3.0;
  found.members[1].loss = 1e-3;
  found.members[1].relative_error = 4.8e-4;
  EXPECT_THAT(text_of(found), HasSubstr("A smaller loss is not a better answer"));
  EXPECT_THAT(text_of(found), Not(HasSubstr("Same zero loss")));
  std::swap(found.members[0].loss, found.members[1].loss);
  EXPECT_THAT(text_of(found), Not(HasSubstr("A smaller loss")));
}

TEST(SenseFindings, SayHowMuchTheValueBeyondTheRankGrew) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {1.0, 1e-5}});
  const MemberFindings& small = found.members[1];
  EXPECT_NEAR(small.first_beyond_start, 1e-5 * 17.0, 1e-12);
  EXPECT_GT(small.first_beyond, 50.0 * small.first_beyond_start);
  EXPECT_THAT(text_of(found), HasSubstr("does not stay where it began"));
}

TEST(SenseFindings, CountADivergedStartAsThat) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {1.0, 0.1, 1e-3}, .diverged = 1});
  EXPECT_EQ(fitted_members(found).size(), 2U);
  EXPECT_THAT(text_of(found), HasSubstr("<strong>diverged</strong> after 6 iterations"));
  EXPECT_FALSE(found.members[0].settled);
  EXPECT_FALSE(found.error_law) << "two starts are left";
}

TEST(SenseFindings, SayWhatTheyCanWithoutATruth) {
  const SenseFindings found = findings_of(SenseExample{.alphas = {0.1}, .knows_truth = false});
  EXPECT_EQ(found.true_rank, 0.0);
  EXPECT_TRUE(std::isnan(found.members[0].relative_error));
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("the loss goes from"));
  EXPECT_THAT(text, Not(HasSubstr("–")));
}

TEST(SenseFindings, SayWhatTheyCanWithoutASpectrum) {
  TemporaryFolder folder;
  write_sense_run(folder.path());
  std::filesystem::remove(folder / "singular_values.csv");
  std::filesystem::remove(folder / "effective_rank.csv");
  const SenseFindings found = sense_findings(read_run(folder.path()));
  EXPECT_FALSE(found.beyond_law);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("(least squares over"));
  EXPECT_THAT(text, Not(HasSubstr("–")));
}

TEST(SenseFindings, RefuseTablesThatLackAMember) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 20});
  folder.file("trace.csv", "iteration,alpha,loss,relative_error\n0,0.2,1,1\n");
  EXPECT_THAT(error_of<DataError>([&] { sense_findings(read_run(folder.path())); }),
              HasSubstr("trace.csv: expected rows of alpha 0.1"));
}

TEST(SenseFindings, RefuseSingularValuesOutOfOrder) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 20});
  for (const char* index : {"0", "2", "-1", "1e300", ""}) {
    folder.file("singular_values.csv",
                fmt::format("iteration,alpha,index,value\n0,0.1,{},1\n", index));
    EXPECT_THROW(sense_findings(read_run(folder.path())), DataError) << index;
  }
  folder.file("singular_values.csv",
              "iteration,alpha,index,value\n0,0.1,1,1\n0,0.1,2,1\n1,0.1,1,1\n");
  EXPECT_THROW(sense_findings(read_run(folder.path())), DataError);
}

TheoryFindings theory_of(const Json& configuration) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1, 1e-3}, .iterations = 20});
  add_theory(folder.path(), {0.1, 1e-3});
  Json json = read_manifest(folder.path());
  json["configuration"].update(configuration);
  write_file_atomically(folder.path() / kManifestFile, json.dump(2) + "\n");
  return theory_findings(read_run(folder.path()));
}

TEST(TheoryFindings, SayWhenEachModeArrivedAndWhenItWasToArrive) {
  const TheoryFindings found = theory_of(Json::object());
  ASSERT_EQ(found.members.size(), 2U);
  ASSERT_EQ(found.members[1].half_times.size(), 2U);
  EXPECT_EQ(found.members[1].half_times[1].measured, 40);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("At <i>α</i> = 10⁻³ the modes reach half their final size after "
                              "<strong>10, 40</strong> iterations"));
  EXPECT_THAT(text, HasSubstr("from their sizes at the start: 10, 40; by"));
  EXPECT_THAT(text, HasSubstr("alone: 13, 52."));
  EXPECT_THAT(text, HasSubstr("to within <strong>0.4 %</strong> over all starts"));
  EXPECT_THAT(text, HasSubstr("because sampling couples the modes"));
  const std::string table = half_time_table(found);
  EXPECT_THAT(table, HasSubstr("40.4"));
  EXPECT_THAT(table, HasSubstr("52.0"));
}

TEST(TheoryFindings, CallADeviationOfManyTimesAFactor) {
  TheoryFindings found = theory_of(Json::object());
  found.members[0].recursion_deviation = 4.526;
  EXPECT_THAT(text_of(found), HasSubstr("off by at most a factor of 5.5 here"));
}

TEST(TheoryFindings, CallTheRecursionExactOnlyWhereItIs) {
  EXPECT_THAT(text_of(theory_of({{"population", true}, {"start", "aligned"}})),
              AllOf(HasSubstr("not approximately but exactly"), HasSubstr("3·10⁻¹⁵")));
  EXPECT_THAT(text_of(theory_of({{"population", true}})),
              AllOf(Not(HasSubstr("exactly")), HasSubstr("random start are not orthogonal")));
}

TEST(TheoryFindings, AreNoneWithoutTheory) {
  TemporaryFolder folder;
  write_sense_run(folder.path(), {.alphas = {0.1}, .iterations = 20});
  const TheoryFindings found = theory_findings(read_run(folder.path()));
  EXPECT_TRUE(found.members.empty());
  EXPECT_TRUE(sentences_of(found).empty());
  EXPECT_EQ(half_time_table(found), "");
}

TEST(LandscapeFindings, TellSaddlesFromMinima) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  const LandscapeFindings found = landscape_findings(read_run(folder.path()));
  EXPECT_EQ(found.points.size(), 10U);
  EXPECT_EQ(found.agreeing, 10U);
  EXPECT_LT(found.population_deviation, 1e-12);
  EXPECT_NEAR(found.sampled_deviation, 0.04, 1e-9);
  const std::string text = text_of(found);
  EXPECT_THAT(text, HasSubstr("the point 0 is a <strong>strict saddle</strong>"));
  EXPECT_THAT(text, HasSubstr("is −208.0 (theory: −200.0)"));
  EXPECT_THAT(text, HasSubstr("+u*, −u*, descent 1 are <strong>minima</strong>"));
  EXPECT_THAT(text, HasSubstr("±<i>u</i>* are critical points <em>and</em>"));
}

TEST(LandscapeFindings, DrawNoConclusionWhenAPointDisagrees) {
  TemporaryFolder folder;
  write_landscape_run(folder.path());
  std::string table = read_file(folder / "points.csv");
  const std::string agreed = "strict saddle,strict saddle";
  table.replace(table.find(agreed), agreed.size(), "minimum,strict saddle");
  folder.file("points.csv", table);
  const LandscapeFindings found = landscape_findings(read_run(folder.path()));
  EXPECT_EQ(found.agreeing, 9U);
  EXPECT_THAT(text_of(found), HasSubstr("<strong>9 of 10</strong>"));
  EXPECT_THAT(text_of(found), Not(HasSubstr("conclusion")));
}

TEST(LandscapeFindings, NameEveryCriticalPointThatIsNotSecondOrderStationary) {
  LandscapeFindings found;
  EXPECT_THAT(sentences_of(found).back(), HasSubstr("; 0 is the critical point that is not"));
  found.true_rank = 2;
  EXPECT_THAT(sentences_of(found).back(),
              HasSubstr("; 0 and the saddles between it and the truth are critical points that"));
}

}  // namespace
}  // namespace ravine::report
