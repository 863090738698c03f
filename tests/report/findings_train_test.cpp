#include "ravine/report/findings_train.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/report/reference_numbers.hpp"
#include "report/example_runs.hpp"
#include "report/findings_text.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::report {
namespace {

using namespace ravine::testing;
using ::testing::HasSubstr;
using ::testing::Not;

TrainFindings findings_of(const TrainExample& example) {
  TemporaryFolder folder;
  write_train_run(folder.path(), example);
  return train_findings(read_run(folder.path()));
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

TEST(TrainFindings, SayOfOneEpochOnlyHowItEnded) {
  TemporaryFolder folder;
  write_train_run(folder.path(), {.epochs = 1});
  const std::string text = text_of(train_findings(read_run(folder.path())));
  EXPECT_THAT(text, HasSubstr("After 1 epoch the train loss is"));
  EXPECT_THAT(text, Not(HasSubstr("The test loss is lowest")));
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

}  // namespace
}  // namespace ravine::report
