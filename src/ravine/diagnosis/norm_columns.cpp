#include "ravine/diagnosis/norm_columns.hpp"

#include <algorithm>
#include <array>

#include "ravine/base/lower_case.hpp"
#include "ravine/diagnosis/norm_history.hpp"

namespace ravine {

namespace {

constexpr std::array<std::string_view, 7> kPrefixes = {
    "grad_norms", "grad_norm", "gradient_norms", "gradient_norm", "gradients", "grads", "grad"};
constexpr std::array<std::string_view, 6> kTotals = {"total",  "total_norm",  "all",
                                                     "global", "global_norm", "overall"};
constexpr std::array<std::string_view, 6> kTotalColumns = {"grad_norm",       "gradient_norm",
                                                           "total_norm",      "global_norm",
                                                           "total_grad_norm", "global_grad_norm"};
constexpr std::array<std::string_view, 19> kLastWords = {
    "acc",       "accuracy", "loss", "lr",    "rate",      "time",  "runtime",
    "timestamp", "walltime", "step", "iter",  "iteration", "epoch", "perplexity",
    "ppl",       "auc",      "f1",   "error", "throughput"};
constexpr std::array<std::string_view, 7> kFirstWords = {"val",  "valid", "validation",   "test",
                                                         "eval", "lr",    "learning_rate"};
constexpr std::string_view kBetweenWords = "/_.- ";

bool is_in(const auto& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string_view last_word(std::string_view name) {
  const auto place = name.find_last_of(kBetweenWords);
  return place == std::string_view::npos ? name : name.substr(place + 1);
}

bool has_first_word(std::string_view name, std::string_view word) {
  return name.starts_with(word) &&
         (name.size() == word.size() ||
          kBetweenWords.find(name[word.size()]) != std::string_view::npos);
}

/// How long the prefix is, with its separator, that a name in lower case begins with; 0: none.
std::size_t prefix_length(std::string_view name) {
  std::size_t length = 0;
  const auto power_end = name.find("_norm", 5);
  if (name.starts_with("grad_") && power_end != std::string_view::npos) {
    const std::string_view power = name.substr(5, power_end - 5);
    const bool is_power =
        power == "inf" || (!power.empty() && power.find_first_not_of("0123456789.") == power.npos);
    if (is_power) length = power_end + 5;
  }
  for (const std::string_view prefix : kPrefixes) {
    if (length == 0 && name.starts_with(prefix) && name.size() > prefix.size() &&
        std::string_view("./_").find(name[prefix.size()]) != std::string_view::npos) {
      length = prefix.size();
    }
  }
  if (length == 0 || length + 1 >= name.size()) return 0;
  const bool after_norm = name.substr(0, length).find("norm") != std::string_view::npos;
  const bool separated =
      name[length] == '.' || name[length] == '/' || (after_norm && name[length] == '_');
  return separated ? length + 1 : 0;
}

bool is_total(std::string_view name) {
  const std::string lower = lower_case(name);
  const auto layer = prefixed_layer(lower);
  if (layer) return is_in(kTotals, *layer);
  const auto place = lower.find_last_of("/ ");
  return is_in(kTotalColumns,
               std::string_view(lower).substr(place == std::string::npos ? 0 : place + 1));
}

bool is_metric(std::string_view name) {
  const std::string lower = lower_case(name);
  return lower.starts_with('_') || is_in(kLastWords, last_word(lower)) ||
         std::ranges::any_of(kFirstWords, [&](auto word) { return has_first_word(lower, word); });
}

/// An index, a norm of weights, or one of the two columns that Weights & Biases exports beside each
/// metric.
bool is_extra(std::string_view name) {
  const std::string lower = lower_case(name);
  return lower.empty() || lower.starts_with("weight_norm.") || lower.ends_with("__min") ||
         lower.ends_with("__max");
}

}  // namespace

std::optional<std::string_view> prefixed_layer(std::string_view column) {
  const std::string lower = lower_case(column);
  for (std::size_t at = 0; at < lower.size(); ++at) {
    const bool begins = at == 0 || lower[at - 1] == '/' || lower.substr(0, at).ends_with(" - ");
    const std::size_t length = begins ? prefix_length(std::string_view(lower).substr(at)) : 0;
    if (length > 0) return column.substr(at + length);
  }
  return std::nullopt;
}

std::string_view layer_name(std::string_view column) {
  return column.substr(prefix_length(lower_case(column)));
}

NormColumns norm_columns(std::span<const std::string> names, std::span<const std::size_t> used) {
  const auto is_prefixed = [](const std::string& name) {
    return prefixed_layer(name).has_value() && !is_total(name);
  };
  const bool prefixed = std::ranges::any_of(names, is_prefixed);
  NormColumns columns;
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (is_extra(names[c]) || std::ranges::count(used, c) > 0) continue;
    const bool fits =
        prefixed ? is_prefixed(names[c]) : !is_metric(names[c]) && !is_total(names[c]);
    if (fits && !names_no_layer(layer_name(names[c]))) {
      columns.layers.push_back(c);
    } else {
      columns.left_out.push_back(names[c]);
    }
  }
  return columns;
}

std::optional<std::size_t> loss_column(std::span<const std::string> names) {
  std::optional<std::size_t> best;
  int best_rank = 0;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const std::string name = lower_case(names[c]);
    if (last_word(name) != "loss" || is_extra(names[c])) continue;
    const auto has = [&](std::string_view word) { return name.find(word) != std::string::npos; };
    const bool unseen = has("val") || has("test");
    const int rank = name == "loss" ? 4 : unseen ? 1 : has("train") ? 3 : 2;
    if (rank > best_rank) {
      best = c;
      best_rank = rank;
    }
  }
  return best;
}

}  // namespace ravine
