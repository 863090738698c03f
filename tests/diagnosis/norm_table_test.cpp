#include "ravine/diagnosis/norm_table.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/diagnosis/measures.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

NormHistory history_of(std::string_view text, bool plain_descent = false) {
  MemorySource source(text, "norms.csv");
  return read_norm_table(source, {.plain_descent = plain_descent});
}

std::string refusal_of(std::string_view text) {
  return error_of<DataError>([&] { history_of(text); });
}

std::vector<std::string> names_of(const NormHistory& history) {
  std::vector<std::string> names;
  for (const LayerHistory& layer : history.layers) names.push_back(layer.name());
  return names;
}

std::vector<double> medians_of(const NormHistory& history) {
  std::vector<double> medians;
  for (const LayerMeasures& layer : measure(history).layers) medians.push_back(layer.median);
  return medians;
}

TEST(NormTable, ReadsTheLongFormWithColumnsInAnyOrder) {
  const NormHistory history = history_of(
      "Layer, gradient_norm ,STEP\n"
      "layers.0.weight,100,0\nmodel/dense_1/kernel,1,0\n"
      "layers.0.weight,100,1\nmodel/dense_1/kernel,1,1\n");
  EXPECT_THAT(names_of(history), ElementsAre("layers.0.weight", "model/dense_1/kernel"));
  EXPECT_THAT(medians_of(history), ElementsAre(100, 1));
  EXPECT_EQ(history.layers[0].steps(), 2);
}

TEST(NormTable, ReadsTheLongFormLayerByLayer) {
  const NormHistory history =
      history_of("step,layer,gradient_norm\n1,b,1\n2,b,1\n3,b,1\n1,a,10\n2,a,10\n3,a,10\n");
  EXPECT_THAT(names_of(history), ElementsAre("b", "a"));
  EXPECT_THAT(medians_of(history), ElementsAre(1, 10));
}

TEST(NormTable, KnowsWhetherItBeginsWhereTrainingDid) {
  for (const char* early : {"step,a\n0,1\n1,1\n", "step,a\n1,1\n2,1\n", "step,a\n100,1\n200,1\n",
                            "step,layer,norm\n0,a,1\n0,b,1\n1,a,1\n1,b,1\n", "step,a\n7,1\n"}) {
    EXPECT_TRUE(history_of(early).from_start) << early;
  }
  for (const char* late : {"step,a\n1000,1\n1001,1\n", "step,layer,norm\n50,a,1\n51,a,1\n"}) {
    EXPECT_FALSE(history_of(late).from_start) << late;
  }
}

TEST(NormTable, LeavesOutWhatExportsAdd) {
  EXPECT_THAT(names_of(history_of(",step,a,b\n0,0,1,2\n1,1,1,2\n")), ElementsAre("a", "b"))
      << "pandas' index";
  EXPECT_THAT(names_of(history_of("Step,run - a,run - a__MIN,run - a__MAX\n0,1,1,1\n")),
              ElementsAre("run - a"))
      << "Weights & Biases";
}

TEST(NormTable, ReadsTheWideForm) {
  const NormHistory history =
      history_of("first,step,loss,second,lr\n10,0,2.5,1,0.1\n10,5,2.0,1,0.1\n");
  EXPECT_THAT(names_of(history), ElementsAre("first", "second"));
  EXPECT_THAT(medians_of(history), ElementsAre(10, 1));
  EXPECT_EQ(history.losses.median(), 2.25);
  EXPECT_TRUE(std::isnan(history.expected_decrease)) << "the step rule is not known";
}

TEST(NormTable, ReadsTheStepsOfARun) {
  const NormHistory history = history_of(
      "step,epoch,loss,learning_rate,grad_norm.layer1,grad_norm.layer2,grad_norm.layer1.bias\n"
      "1,1,2.3,0.1,3,4,9\n2,1,2.2,0.1,3,4,9\n",
      true);
  EXPECT_THAT(names_of(history), ElementsAre("layer1", "layer2"));
  EXPECT_DOUBLE_EQ(history.expected_decrease, 5.0);
}

TEST(NormTable, LeavesOutBiases) {
  EXPECT_THAT(names_of(history_of("step,layer,gradient_norm\n1,fc1.weight,1\n1,fc1.bias,7\n"
                                  "1,fc2.weight,1\n1,fc2.bias,7\n")),
              ElementsAre("fc1.weight", "fc2.weight"));
  EXPECT_THAT(names_of(history_of("step,d/kernel:0,d/bias:0\n1,1,2\n")), ElementsAre("d/kernel:0"));
  EXPECT_THAT(refusal_of("step,layer,gradient_norm\n1,fc1.bias,1\n"), HasSubstr("at least one"));
}

TEST(NormTable, ToleratesBlanksQuotesByteOrderMarkAndWindowsLineEnds) {
  const NormHistory history = history_of(
      "\xEF\xBB\xBFstep , \"layer\" ,gradient_norm\r\n 1 , \"a, \"\"b\"\"\" , +1e2 \r\n\r\n"
      "2,\"a, \"\"b\"\"\",100");
  EXPECT_THAT(names_of(history), ElementsAre("a, \"b\""));
  EXPECT_THAT(medians_of(history), ElementsAre(100));
  EXPECT_EQ(history.layers[0].steps(), 2);
}

TEST(NormTable, TakesEmptyCellsNanAndInfAsNormsThatAreNotFinite) {
  const NormHistory history =
      history_of("step,a,b\n1,,1\n2,NaN,1\n3,inf,1\n4,-inf,1\n5,1e999,1\n6,1,1e-999\n");
  EXPECT_EQ(history.layers[0].non_finite().count(), 5);
  EXPECT_EQ(history.layers[1].non_finite().count(), 0);
  EXPECT_EQ(history.layers[1].zeros(), 1);
}

TEST(NormTable, LeavesOutRowsOfOtherMetrics) {
  const NormHistory history = history_of(
      "_step,_runtime,train/loss,grad_norm/a,grad_norm/b,eval/acc\n"
      "1,0.1,2,1,2,\n2,0.2,1.5,1,2,\n2,0.2,,,,0.9\n3,0.3,1,1,2,\n4,0.4,,,,0.95\n");
  EXPECT_EQ(history.layers[0].steps(), 3);
  EXPECT_THAT(medians_of(history), ElementsAre(1, 2));
  const NormHistory broken = history_of(
      "_step,_runtime,train/loss,grad_norm/a,grad_norm/b,eval/acc\n"
      "1,0.1,2,1,2,\n2,0.2,,,,\n");
  EXPECT_EQ(broken.layers[0].steps(), 2) << "a row of nothing is one of norms that are not finite";
}

TEST(NormTable, TakesEpochOrIterationForTheStep) {
  EXPECT_EQ(history_of("epoch,layer,gradient_norm\n1,a,1\n2,a,1\n").layers[0].steps(), 2);
  EXPECT_EQ(history_of("iteration,a\n1,1\n").layers[0].steps(), 1);
  EXPECT_THAT(names_of(history_of("epoch,step,a\n1,1,1\n1,2,1\n")), ElementsAre("a"));
}

TEST(NormTable, RefusesHeadersOfNeitherForm) {
  for (const char* text : {"", "a,b\n1,2\n", "step,layer,value\n1,a,2\n", "0,layer1,0.5\n"}) {
    EXPECT_THAT(refusal_of(text),
                AllOf(HasSubstr("norms.csv, line"), HasSubstr("docs/diagnosis.md")));
  }
  EXPECT_THAT(refusal_of("step,loss\n1,2\n"), HasSubstr("columns of gradient norms"));
  EXPECT_THAT(refusal_of("step,a,a\n1,2,3\n"), HasSubstr("'a' twice"));
  EXPECT_THAT(refusal_of("step,,a\n1,2,3\n"), HasSubstr("an empty one"));
  EXPECT_THAT(refusal_of("step,a,b\n"), HasSubstr("at least one layer and step"));
}

TEST(NormTable, NamesGzipThatNobodyUnpacked) {
  EXPECT_THAT(refusal_of("\x1f\x8b\x08 anything\n"), HasSubstr("got gzip"));
}

TEST(NormTable, NamesSeparatorsThatAreNoCommas) {
  EXPECT_THAT(refusal_of("step;layer;gradient_norm\n1;a;1\n"),
              HasSubstr("line 1: expected cells separated by commas, got semicolons"));
  EXPECT_THAT(refusal_of("step\ta\n1\t1\n"), HasSubstr("got tabs"));
}

TEST(NormTable, NamesLineAndColumnOfWhatIsNoNorm) {
  EXPECT_THAT(refusal_of("step,a\n1,0.5\n2,cat\n"),
              AllOf(HasSubstr("line 3"), HasSubstr("column 'a'"), HasSubstr("'cat'")));
  EXPECT_THAT(refusal_of("step,layer,gradient_norm\n1,a,-0.5\n"),
              AllOf(HasSubstr("line 2"), HasSubstr("at least 0"), HasSubstr("-0.5")));
  EXPECT_THAT(refusal_of("step,layer,gradient_norm\n1,,1\n"), HasSubstr("a layer's name"));
  EXPECT_THAT(refusal_of("step,a\nnan,1\n"), HasSubstr("a step"));
}

TEST(NormTable, NamesTheLineOfARaggedRow) {
  EXPECT_THAT(refusal_of("step,a,b\n1,2,3\n2,3\n"), HasSubstr("line 3: expected 3 cells, got 2"));
}

TEST(NormTable, RefusesStepsThatDoNotIncrease) {
  EXPECT_THAT(refusal_of("step,a\n1,1\n1,1\n"), HasSubstr("steps that increase, got 1 after 1"));
  EXPECT_THAT(refusal_of("step,layer,gradient_norm\n1,a,1\n2,a,1\n1,a,1\n"),
              HasSubstr("1 after 2"));
}

TEST(NormTable, NamesTheLayerAndStepThatAreMissing) {
  const std::string head = "step,layer,gradient_norm\n1,a,1\n1,b,1\n1,c,1\n";
  EXPECT_THAT(refusal_of(head + "2,a,1\n2,c,1\n3,a,1\n3,b,1\n3,c,1\n"),
              HasSubstr("a norm of layer 'b' at step 2, got none"));
  EXPECT_THAT(refusal_of(head + "2,b,1\n2,c,1\n3,a,1\n3,b,1\n3,c,1\n"),
              HasSubstr("a norm of layer 'a' at step 2, got none"));
  EXPECT_THAT(refusal_of(head + "2,a,1\n2,b,1\n"),
              HasSubstr("a norm of layer 'c' at step 2, got none"));
  EXPECT_THAT(refusal_of(head + "2,a,1\n2,b,1\n2,c,1\n2,d,1\n"),
              HasSubstr("a norm of layer 'd' at step 1, got none"));
  EXPECT_THAT(refusal_of("step,layer,gradient_norm\n1,a,1\n2,a,1\n3,a,1\n1,b,1\n3,b,1\n"),
              HasSubstr("a norm of layer 'b' at step 2, got none"));
}

TEST(NormTable, TakesLossAndNormsOfTheWeightsBesideTheGradients) {
  const NormHistory rows = history_of(
      "step,layer,gradient_norm,weight_norm,loss\n1,a,3,8,2.5\n1,b,4,6,2.5\n"
      "2,a,3,4,1.5\n2,b,4,,1.5\n");
  EXPECT_DOUBLE_EQ(rows.layers[0].weight_left(), 0.5);
  EXPECT_DOUBLE_EQ(rows.layers[1].weight_left(), 1) << "an empty cell is not known";
  EXPECT_EQ(rows.losses.steps(), 2);
  EXPECT_EQ(rows.losses.first(), 2.5);
  const NormHistory wide =
      history_of("step,grad_norm.a,grad_norm.b,weight_norm.b\n1,3,4,10\n2,3,4,1\n");
  EXPECT_THAT(names_of(wide), ElementsAre("a", "b"));
  EXPECT_TRUE(std::isnan(wide.layers[0].weight_left()));
  EXPECT_DOUBLE_EQ(wide.layers[1].weight_left(), 0.1);
  EXPECT_THAT(refusal_of("step,layer,gradient_norm,weight_norm\n1,a,3,-8\n"),
              AllOf(HasSubstr("line 2"), HasSubstr("column 'weight_norm'")));
}

TEST(NormTable, TakesOnlyPrefixedColumnsForLayersWhereThereAreAny) {
  const struct {
    const char* table;
    std::vector<std::string> layers, left_out;
  } cases[] = {
      {"iteration,epoch,grad_norm/fc1,grad_norm/fc2,val_acc\n0,0,1,2,9\n",
       {"fc1", "fc2"},
       {"epoch", "val_acc"}},
      {"step,grad_2.0_norm/fc1.weight,grad_2.0_norm_fc2,grad_2.0_norm_total\n0,1,2,9\n",
       {"fc1.weight", "fc2"},
       {"grad_2.0_norm_total"}},
      {"_step,_runtime,train/loss,gradients/fc0.weight\n0,9,2,1\n", {"fc0.weight"}, {"_runtime"}},
      {"Step,run1 - gradients/a,run1 - gradients/a__MIN\n0,1,1\n", {"run1 - gradients/a"}, {}},
      {"global_step,train/Grad_Norm/a,accuracy\n0,1,1\n", {"train/Grad_Norm/a"}, {"accuracy"}}};
  for (const auto& c : cases) {
    const NormHistory history = history_of(c.table);
    EXPECT_EQ(names_of(history), c.layers) << c.table;
    EXPECT_EQ(history.columns_left_out, c.left_out) << c.table;
  }
}

TEST(NormTable, TakesNoMetricForALayerWhereColumnsHaveNoPrefix) {
  const NormHistory history = history_of(
      "epoch,step,train_loss,val_loss,accuracy,time,lr,grad_norm,test_top5,fc0,time_embed.w,h."
      "test\n"
      "0,0,2.5,9,1,1,1,1,1,1,2,3\n");
  EXPECT_THAT(names_of(history), ElementsAre("fc0", "time_embed.w", "h.test"));
  EXPECT_EQ(history.losses.first(), 2.5) << "training's, not validation's";
  EXPECT_THAT(history.columns_left_out,
              ElementsAre("epoch", "val_loss", "accuracy", "time", "grad_norm", "test_top5"));
}

TEST(NormTable, NamesStepsAsTheTableDoesAndKnowsAnUnloggedLossFromABrokenOne) {
  const NormHistory history = history_of("step,loss,a\n10,2,1\n20,,1\n30,nan,inf\n40,inf,1\n");
  EXPECT_EQ(history.broken_losses.first_step(), 30);
  EXPECT_EQ(history.broken_losses.count(), 2);
  EXPECT_TRUE(history.broken_losses.up_to_end());
  EXPECT_EQ(history.layers[0].non_finite().first_step(), 30);
  EXPECT_FALSE(history.layers[0].non_finite().up_to_end());
}

TEST(NormTable, BoundsTheNumberOfLayers) {
  std::string swapped = "step,layer,gradient_norm\n";
  for (int i = 0; i < 10'001; ++i) swapped += std::to_string(i) + "," + std::to_string(i) + ",1\n";
  EXPECT_THAT(refusal_of(swapped), HasSubstr("at most 10000 layers"));
}

}  // namespace
}  // namespace ravine
