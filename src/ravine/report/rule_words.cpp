#include "ravine/report/rule_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ravine::report {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kWords{{
    {"gd", "gradient descent"},
    {"sgd", "gradient descent"},
    {"momentum", "gradient descent with momentum"},
    {"nesterov", "Nesterov's accelerated gradient"},
    {"adam", "Adam"},
    {"adamw", "AdamW"},
    {"adagrad", "AdaGrad"},
    {"rmsprop", "RMSProp"},
    {"line-search", "gradient descent with line search"},
    {"barzilai-borwein", "Barzilai-Borwein steps"},
    {"lbfgs", "L-BFGS"},
    {"scaled-gd", "ScaledGD"},
    {"preconditioned-gd", "preconditioned gradient descent"},
}};

}  // namespace

std::string rule_of(const RunRecord& run) {
  return run.has("/configuration/rule") ? run.text("/configuration/rule") : "gd";
}

std::string rule_words(std::string_view rule) {
  const auto found = std::ranges::find(kWords, rule, [](const auto& pair) { return pair.first; });
  return std::string(found == kWords.end() ? rule : found->second);
}

}  // namespace ravine::report
