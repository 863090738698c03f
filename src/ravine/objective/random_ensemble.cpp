#include "ravine/objective/random_ensemble.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/team_buffer.hpp"
#include "ravine/objective/observed_entries.hpp"
#include "ravine/objective/rank_one_vectors.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr std::size_t kSignsOfBlock = 64;  // pairs of random bits in four words

MeasurementEnsemble rademacher(std::size_t d, std::size_t m, std::uint64_t seed, ThreadTeam& team) {
  const std::size_t p = svec_size(d);
  std::vector<bool> diagonal(p);
  for (std::size_t j = 0, place = 0; j < d; place += d - j, ++j) diagonal[place] = true;
  AlignedBuffer<float> rows = team_buffer<float>(m * p, team);
  const RandomStream stream(seed, "measurement signs");
  team.run([&](int member) {
    const IndexRange mine = split_range(rows.size(), team.size(), member, kSignsOfBlock);
    std::array<std::uint32_t, 4> words{};
    for (std::size_t e = mine.begin; e < mine.end; ++e) {
      if (e % kSignsOfBlock == 0) stream.words(e / kSignsOfBlock, words);
      const std::uint32_t bits = words[e % kSignsOfBlock / 16] >> (2 * (e % 16));
      const int one = (bits & 1) != 0 ? 1 : -1, other = (bits & 2) != 0 ? 1 : -1;
      rows[e] = diagonal[e % p]
                    ? static_cast<float>(one)
                    : std::numbers::sqrt2_v<float> / 2 * static_cast<float>(one + other);
    }
  });
  return {d, m, std::move(rows)};
}

MeasurementEnsemble rank_one(std::size_t d, std::size_t m, std::uint64_t seed, ThreadTeam& team) {
  AlignedBuffer<double> vectors(m * d);
  const RandomStream stream(seed, "measurement vectors");
  team.run([&](int member) {
    const IndexRange part = split_range(vectors.size(), team.size(), member, 4096);
    stream.fill_normal(std::span(vectors).subspan(part.begin, part.size()), part.begin);
  });
  return rank_one_ensemble(std::move(vectors), d);
}

MeasurementEnsemble entries(std::size_t d, std::size_t m, std::uint64_t seed) {
  const std::size_t p = svec_size(d);
  if (m > p) {
    throw ConfigError(error_text("ensemble", "measurements",
                                 fmt::format("at most {}, the different entries", p),
                                 fmt::format("{}", m)));
  }
  std::vector<std::uint32_t> places =
      RandomStream(seed, "observed entries").permutation(static_cast<std::uint32_t>(p));
  places.resize(m);
  std::ranges::sort(places);
  return {d,
          std::make_shared<ObservedEntries>(std::move(places), std::sqrt(static_cast<double>(p)))};
}

}  // namespace

MeasurementEnsemble random_ensemble(EnsembleKind kind, std::size_t dimension, std::size_t count,
                                    std::uint64_t seed, ThreadTeam& team) {
  switch (kind) {
    case EnsembleKind::gaussian:
    case EnsembleKind::symmetric_gaussian:
      break;
    case EnsembleKind::rademacher:
      return rademacher(dimension, count, seed, team);
    case EnsembleKind::rank_one:
      return rank_one(dimension, count, seed, team);
    case EnsembleKind::entries:
      return entries(dimension, count, seed);
  }
  return MeasurementEnsemble::gaussian(dimension, count, seed, team);
}

MeasurementEnsemble rank_one_ensemble(std::span<const double> vectors, std::size_t dimension,
                                      std::shared_ptr<const void> owner) {
  return {dimension, std::make_shared<RankOneVectors>(vectors, dimension, std::move(owner)),
          SecondMoment{2, 1}};
}

MeasurementEnsemble rank_one_ensemble(AlignedBuffer<double> vectors, std::size_t dimension) {
  const auto owned = std::make_shared<const AlignedBuffer<double>>(std::move(vectors));
  return rank_one_ensemble(*owned, dimension, owned);
}

}  // namespace ravine
