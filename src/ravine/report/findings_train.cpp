#include "ravine/report/findings_train.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/diagnosis/rules.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/reference_numbers.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

constexpr std::size_t kMostShifts = 4;
constexpr double kLevel = 0.01;  // a rise of the test loss by less is none

bool option_is(const RunRecord& run, const std::string& name, const Json& value) {
  const std::string pointer = "/configuration/" + name;
  return run.has(pointer) && run.manifest().at(Json::json_pointer(pointer)) == value;
}

// Options that older runs lack and that the reference leaves at their defaults.
bool has_plain_recipe(const RunRecord& run) {
  const std::pair<const char*, Json> defaults[] = {
      {"no-shuffle", false}, {"rule", "sgd"},   {"weight-decay", 0},       {"schedule", "constant"},
      {"warm-up", 0},        {"loss", "nll"},   {"normalisation", "none"}, {"residual", false},
      {"dropout", 0},        {"init", "torch"}, {"init-gain", 1},          {"train-limit", 0}};
  const auto differs = [&](const auto& option) {
    return run.has(fmt::format("/configuration/{}", option.first)) &&
           !option_is(run, option.first, option.second);
  };
  const char* others[] = {"clip-norm", "clip-value", "initial-weights"};
  const auto is_given = [&](const char* option) {
    return run.has(fmt::format("/configuration/{}", option));
  };
  return std::ranges::none_of(defaults, differs) && std::ranges::none_of(others, is_given);
}

bool is_reference(const RunRecord& run) {
  const std::vector<double> sizes{784, 128, 128, 128, 10};
  if (layer_sizes(run) != sizes || run.number("/results/parameters") != 134'400.0) return false;
  return option_is(run, "activation", "relu") && option_is(run, "learning-rate", 0.01) &&
         option_is(run, "batch-size", 128) && has_plain_recipe(run) && run.has("/data/name") &&
         run.text("/data/name") == "mnist" && run.number("/data/train_count") == 60'000.0;
}

// The index of the extreme among the finite values, or the size when there is none.
std::size_t index_of_extreme(const std::vector<double>& values, auto is_better) {
  std::size_t best = values.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    if (best == values.size() || is_better(values[i], values[best])) best = i;
  }
  return best;
}

std::optional<NotebookFit> fit_to_notebook(const std::vector<double>& norms) {
  const std::size_t printed = kNotebookLayer1.size();
  if (norms.size() < printed + 1) return std::nullopt;
  NotebookFit fit;
  const std::size_t shifts = std::min(kMostShifts, norms.size() - printed + 1);
  for (std::size_t shift = 0; shift < shifts; ++shift) {
    double sum = 0.0;
    for (std::size_t i = 0; i < printed; ++i) {
      sum += std::pow(norms[i + shift] - kNotebookLayer1[i], 2);
    }
    fit.rms_by_shift.push_back(std::sqrt(sum / static_cast<double>(printed)));
  }
  fit.best_shift =
      static_cast<int>(std::min_element(fit.rms_by_shift.begin(), fit.rms_by_shift.end()) -
                       fit.rms_by_shift.begin());
  return fit;
}

void find_in_epochs(const CsvTable& table, TrainFindings& found) {
  const std::vector<double> epoch = table.numbers("epoch");
  const std::vector<double> test = table.numbers("test_" + loss_name(table));
  found.layer1_norms = layer_norms(table).front();
  const std::size_t peak = index_of_extreme(found.layer1_norms, std::greater<>());
  const std::size_t best = index_of_extreme(test, std::less<>());
  found.peak_epoch = peak < epoch.size() ? epoch[peak] : NAN;
  found.peak_norm = peak < epoch.size() ? found.layer1_norms[peak] : NAN;
  found.best_test_epoch = best < epoch.size() ? epoch[best] : NAN;
  found.best_test_loss = best < epoch.size() ? test[best] : NAN;
  const std::vector<double> train = table.numbers("train_" + loss_name(table));
  found.train_loss_falls_on = best < epoch.size() && train.back() < train[best];
}

std::string verdict_sentence(const TrainFindings& found) {
  std::string sentence = fmt::format("<strong>Verdict: {}</strong>", escaped(found.verdict));
  for (std::size_t i = 0; i < found.reasons.size(); ++i) {
    sentence += fmt::format("{} {}", i == 0 ? ":" : ";", prose(found.reasons[i]));
  }
  return sentence + ".";
}

std::string cause_sentence(const TrainFindings& found) {
  std::string sentence = fmt::format("Likely cause: {}. What to try:", prose(found.cause));
  for (std::size_t i = 0; i < found.advice.size(); ++i) {
    sentence += fmt::format("{} {}", i == 0 ? "" : ";", prose(found.advice[i]));
  }
  return sentence + ".";
}

std::string depth_sentence(const TrainFindings& found) {
  return fmt::format(
      "The median gradient norm of the first layer is <strong>{}</strong> times that of the last. "
      "Over depth, log<sub>10</sub> of the norm changes by {} per layer; a positive slope means "
      "that gradients shrink on their way back to the input.",
      number_text(found.first_to_last_ratio), number_text(found.log10_slope_per_layer, 2));
}

std::string peak_sentence(const TrainFindings& found) {
  if (found.layer1_norms.size() < 2) return {};
  const double first = found.layer1_norms.front();
  const double last = found.layer1_norms.back();
  std::string sentence =
      fmt::format("The mean gradient norm of layer 1 is {} in epoch 1", number_text(first));
  if (found.peak_epoch > 1.0 && found.peak_epoch < found.epochs) {
    sentence += fmt::format(", largest in epoch <strong>{}</strong> ({}),",
                            count_text(found.peak_epoch), number_text(found.peak_norm));
  }
  sentence += fmt::format(" and {} in the last epoch.", number_text(last));
  if (last >= first && found.relative_decrease >= kLearnedDecrease) {
    sentence +=
        " A falling loss does not by itself mean falling gradient norms: every step sees the "
        "gradient of one mini-batch, noise included.";
  }
  return sentence;
}

/// What the epoch of the lowest test loss tells. Only what has learned can overfit.
std::string best_epoch_text(const TrainFindings& found) {
  if (found.relative_decrease < kLearnedDecrease) {
    return "which says nothing: the network has hardly learned";
  }
  if (found.best_test_epoch >= found.epochs) return "the last one, so more epochs may still help";
  if (found.train_loss_falls_on) {
    const double rise = found.test_loss / found.best_test_loss - 1.0;
    if (rise < kLevel) return "and within 1 % of that in the last epoch";
    return fmt::format(
        "and {} higher in the last epoch while the training loss has gone on to fall: overfitting",
        percent_text(rise));
  }
  return "and higher after it, as the training loss is";
}

std::string generalisation_sentence(const TrainFindings& found) {
  const bool one = found.epochs == 1.0;
  std::string sentence = fmt::format(
      "After {} epoch{} the train loss is {} and the test loss {}, a gap of {}; test accuracy is "
      "<strong>{}</strong>.",
      count_text(found.epochs), one ? "" : "s", number_text(found.train_loss),
      number_text(found.test_loss), number_text(found.test_loss - found.train_loss, 2),
      percent_text(found.test_accuracy));
  if (one) return sentence;
  return sentence + fmt::format(" The test loss is lowest in epoch {} ({}), {}.",
                                count_text(found.best_test_epoch),
                                number_text(found.best_test_loss), best_epoch_text(found));
}

std::string dead_sentence(const TrainFindings& found) {
  std::string shares;
  for (std::size_t i = 0; i < found.dead_relu_share.size(); ++i) {
    shares += fmt::format("{}{} in layer {}", i == 0 ? "" : ", ",
                          percent_text(found.dead_relu_share[i]), i + 1);
  }
  return fmt::format("Dead ReLUs, units that answered zero to every input looked at: {}.", shares);
}

std::string notebook_sentence(const NotebookFit& fit) {
  const auto rms = [&](int shift) {
    return number_text(fit.rms_by_shift[static_cast<std::size_t>(shift)], 2);
  };
  if (fit.best_shift == 0) {
    return fmt::format(
        "The notebook&#39;s first five norms of layer 1 fit this run&#39;s epochs 1 to 5 best "
        "(root "
        "mean square difference {}).",
        rms(0));
  }
  return fmt::format(
      "The notebook&#39;s epochs 1 to 5 fit this run&#39;s epochs <strong>{} to {}</strong> (root "
      "mean square difference {}), not its epochs 1 to 5 ({}): the model in the notebook had "
      "already been trained for about {} when the recording began.",
      1 + fit.best_shift, 5 + fit.best_shift, rms(fit.best_shift), rms(0),
      fit.best_shift == 1 ? "one epoch" : fmt::format("{} epochs", fit.best_shift));
}

}  // namespace

TrainFindings train_findings(const RunRecord& run) {
  TrainFindings found;
  found.is_reference = is_reference(run);
  found.verdict = run.text("/results/diagnosis/verdict");
  for (std::size_t i = 0; i < run.array("/results/diagnosis/reasons").size(); ++i) {
    found.reasons.push_back(run.text(fmt::format("/results/diagnosis/reasons/{}", i)));
  }
  found.cause = run.text("/results/diagnosis/cause");
  for (std::size_t i = 0; i < run.array("/results/diagnosis/advice").size(); ++i) {
    const std::string advice = fmt::format("/results/diagnosis/advice/{}/", i);
    found.advice.push_back(fmt::format("{}: {} ({})", run.text(advice + "action"),
                                       run.text(advice + "reason"),
                                       run.text(advice + "reference")));
  }
  found.first_to_last_ratio = run.number_if_any("/results/diagnosis/first_to_last_ratio");
  found.log10_slope_per_layer = run.number_if_any("/results/diagnosis/log10_slope_per_layer");
  found.relative_decrease = run.number_if_any("/results/diagnosis/relative_decrease");
  if (run.has("/results/dead_relu_share")) {
    found.dead_relu_share = run.numbers("/results/dead_relu_share");
  }
  found.epochs = run.number("/results/epochs");
  const std::string loss = loss_name(run.table("epochs.csv"));
  found.train_loss = run.number_if_any("/results/train_" + loss);
  found.test_loss = run.number_if_any("/results/test_" + loss);
  found.test_accuracy = run.number_if_any("/results/test_accuracy");
  find_in_epochs(run.table("epochs.csv"), found);
  if (found.is_reference) found.notebook = fit_to_notebook(found.layer1_norms);
  return found;
}

std::vector<std::string> sentences_of(const TrainFindings& found) {
  std::vector<std::string> sentences{verdict_sentence(found)};
  if (!found.cause.empty()) sentences.push_back(cause_sentence(found));
  if (std::isfinite(found.first_to_last_ratio)) sentences.push_back(depth_sentence(found));
  if (std::isfinite(found.peak_epoch)) sentences.push_back(peak_sentence(found));
  if (std::isfinite(found.best_test_epoch)) sentences.push_back(generalisation_sentence(found));
  const bool any_dead = std::any_of(found.dead_relu_share.begin(), found.dead_relu_share.end(),
                                    [](double share) { return std::isfinite(share); });
  if (any_dead) sentences.push_back(dead_sentence(found));
  if (found.notebook) sentences.push_back(notebook_sentence(*found.notebook));
  std::erase(sentences, std::string());
  return sentences;
}

}  // namespace ravine::report
