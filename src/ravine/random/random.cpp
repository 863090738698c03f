#include "ravine/random/random.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <Random123/philox.h>

#include "ravine/random/box_muller.hpp"

namespace ravine {

namespace {

// FNV-1a, 64 bits: fixed by its specification, unlike std::hash.
std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::uint32_t low_word(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high_word(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

constexpr std::size_t kChunk = 1024;  // words made at a time; a multiple of 4

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name)
    : seed_(seed), name_hash_(hash_name(name)) {}

void RandomStream::words(std::uint64_t block, std::span<std::uint32_t, 4> out) const {
  const r123::Philox4x32::ctr_type counter = {
      {low_word(block), high_word(block), low_word(name_hash_), high_word(name_hash_)}};
  const r123::Philox4x32::key_type key = {{low_word(seed_), high_word(seed_)}};
  const r123::Philox4x32::ctr_type random = r123::Philox4x32()(counter, key);
  std::copy_n(random.v, 4, out.begin());
}

namespace {

/// Calls use(words, offset_in_words, offset_in_out, count) for consecutive chunks that cover the
/// numbers first .. first + count - 1 of a stream.
template <class Use>
void for_each_chunk(const RandomStream& stream, std::uint64_t first, std::size_t count, Use use) {
  std::array<std::uint32_t, kChunk> words;
  std::size_t done = 0;
  while (done < count) {
    const std::uint64_t block = (first + done) / 4;
    const std::size_t skip = static_cast<std::size_t>((first + done) % 4);
    const std::size_t take = std::min(kChunk - skip, count - done);
    const std::size_t blocks = (skip + take + 3) / 4;
    for (std::size_t b = 0; b < blocks; ++b) {
      stream.words(block + b, std::span<std::uint32_t, 4>(words.data() + 4 * b, 4));
    }
    use(words, skip, done, take);
    done += take;
  }
}

}  // namespace

template <class T>
void RandomStream::fill_uniform_of(std::span<T> out, double low, double high,
                                   std::uint64_t first) const {
  constexpr double kStep = 0x1p-32;
  for_each_chunk(*this, first, out.size(),
                 [&](const auto& words, std::size_t skip, std::size_t at, std::size_t count) {
                   for (std::size_t i = 0; i < count; ++i) {
                     const double unit = (words[skip + i] + 0.5) * kStep;
                     out[at + i] = static_cast<T>(low + (high - low) * unit);
                   }
                 });
}

template <class T>
void RandomStream::fill_normal_of(std::span<T> out, std::uint64_t first) const {
  // Words 2k and 2k + 1 make the normals 2k and 2k + 1; chunks start on multiples of 4.
  std::array<T, kChunk> normals;
  for_each_chunk(*this, first, out.size(),
                 [&](const auto& words, std::size_t skip, std::size_t at, std::size_t count) {
                   const std::size_t used = (skip + count + 3) / 4 * 4;
                   box_muller(std::span(words).first(used), std::span(normals).first(used));
                   std::copy_n(normals.begin() + static_cast<std::ptrdiff_t>(skip), count,
                               out.begin() + static_cast<std::ptrdiff_t>(at));
                 });
}

void RandomStream::fill_uniform(std::span<float> out, double low, double high,
                                std::uint64_t first) const {
  fill_uniform_of(out, low, high, first);
}
void RandomStream::fill_uniform(std::span<double> out, double low, double high,
                                std::uint64_t first) const {
  fill_uniform_of(out, low, high, first);
}
void RandomStream::fill_normal(std::span<float> out, std::uint64_t first) const {
  fill_normal_of(out, first);
}
void RandomStream::fill_normal(std::span<double> out, std::uint64_t first) const {
  fill_normal_of(out, first);
}

std::vector<std::uint32_t> RandomStream::permutation(std::uint32_t count) const {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::array<std::uint32_t, 4> random;
  for (std::uint32_t i = count; i > 1; --i) {
    if ((count - i) % 2 == 0) words((count - i) / 2, random);
    const std::size_t pair = (count - i) % 2 * 2;
    const auto draw = static_cast<unsigned __int128>(random[pair]) << 32 | random[pair + 1];
    // 64 random bits scaled to [0, i): the bias is below i / 2^64.
    std::swap(order[i - 1], order[static_cast<std::size_t>(draw * i >> 64)]);
  }
  return order;
}

}  // namespace ravine
