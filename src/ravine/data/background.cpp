#include "ravine/data/background.hpp"

#include <algorithm>
#include <array>

namespace ravine {

Background background_of(const LabelledPixels& images) {
  constexpr std::size_t kLooks = 256;
  const std::size_t looks = std::min(kLooks, images.count());
  if (looks * images.inputs == 0) return {};
  std::array<std::size_t, 256> counts{};
  for (std::size_t i = 0; i < looks; ++i) {
    for (const std::uint8_t byte : images.image(i * images.count() / looks)) ++counts[byte];
  }
  const auto most = std::ranges::max_element(counts);
  return {static_cast<std::uint8_t>(most - counts.begin()),
          static_cast<double>(*most) / static_cast<double>(looks * images.inputs)};
}

}  // namespace ravine
