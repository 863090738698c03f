#include "ravine/report/initialization_words.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "ravine/report/configuration.hpp"
#include "ravine/report/markup.hpp"

namespace ravine::report {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kWords{{
    {"torch", "PyTorch's default, uniform in ±1/√fan-in"},
    {"lecun", "LeCun's, normal of variance 1/fan-in"},
    {"xavier-uniform", "Xavier's, uniform of variance 2/(fan-in + fan-out)"},
    {"xavier-normal", "Xavier's, normal of variance 2/(fan-in + fan-out)"},
    {"he-uniform", "He's, uniform of variance 2/fan-in"},
    {"he-normal", "He's, normal of variance 2/fan-in"},
    {"orthogonal", "orthogonal"},
    {"lsuv", "orthogonal, scaled layer by layer to outputs of unit variance"},
    {"normal", "normal of variance 1"},
    {"zero", "zero"},
}};

}  // namespace

std::string start_words(const RunRecord& run) {
  if (run.has("/configuration/initial-weights")) {
    return "initial weights from " + escaped(option_text(run, "initial-weights"));
  }
  if (!run.has("/configuration/init")) return {};
  const std::string init = run.text("/configuration/init");
  const auto found = std::ranges::find(kWords, init, [](const auto& pair) { return pair.first; });
  std::string words =
      "initial weights " + escaped(found == kWords.end() ? std::string_view(init) : found->second);
  const std::string gain = option_text(run, "init-gain");
  if (gain != "–" && gain != "1") words += fmt::format(", times {}", escaped(gain));
  return words;
}

}  // namespace ravine::report
