// What this machine can do at most: float multiply-adds a second in registers, and bytes a second
// read from a buffer of given size. Every fraction of a limit that the benchmark reports is against
// these, measured in the same round.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <sched.h>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/error.hpp"
#include "ravine/base/median.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/kernels/instruction_set.hpp"
#include "support/competitor.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine_limits.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace ravine::bench {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Twelve chains hide the latency of two multiply-add units (4 cycles each) and fit the sixteen
// registers of AVX2.
constexpr std::size_t kChains = 12;

/// Makes `rounds` multiply-adds in each of kChains chains of vectors; returns a number that depends
/// on all of them.
float multiply_add(std::size_t rounds, float factor, float addend) {
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, factor), b = hn::Set(d, addend);
  // Different starts, lest the compiler finds that all chains are one.
  auto x0 = hn::Iota(d, 0), x1 = hn::Iota(d, 1), x2 = hn::Iota(d, 2), x3 = hn::Iota(d, 3);
  auto x4 = hn::Iota(d, 4), x5 = hn::Iota(d, 5), x6 = hn::Iota(d, 6), x7 = hn::Iota(d, 7);
  auto x8 = hn::Iota(d, 8), x9 = hn::Iota(d, 9), x10 = hn::Iota(d, 10), x11 = hn::Iota(d, 11);
  for (std::size_t i = 0; i < rounds; ++i) {
    x0 = hn::MulAdd(x0, a, b);
    x1 = hn::MulAdd(x1, a, b);
    x2 = hn::MulAdd(x2, a, b);
    x3 = hn::MulAdd(x3, a, b);
    x4 = hn::MulAdd(x4, a, b);
    x5 = hn::MulAdd(x5, a, b);
    x6 = hn::MulAdd(x6, a, b);
    x7 = hn::MulAdd(x7, a, b);
    x8 = hn::MulAdd(x8, a, b);
    x9 = hn::MulAdd(x9, a, b);
    x10 = hn::MulAdd(x10, a, b);
    x11 = hn::MulAdd(x11, a, b);
  }
  const auto even = hn::Add(hn::Add(hn::Add(x0, x2), hn::Add(x4, x6)), hn::Add(x8, x10));
  const auto odd = hn::Add(hn::Add(hn::Add(x1, x3), hn::Add(x5, x7)), hn::Add(x9, x11));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
}

double flops_per_round() {
  return static_cast<double>(2 * kChains * hn::Lanes(hn::ScalableTag<float>()));
}

/// Reads every element once, at four places in turn, which keeps more of the memory busy than one
/// does; returns their exclusive or, which costs no time beside the loads. count: a multiple of 8
/// vectors.
std::uint64_t read_all(const std::uint64_t* data, std::size_t count) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::uint64_t *second = data + count / 4, *third = second + count / 4,
                      *fourth = third + count / 4;
  auto x0 = hn::Zero(d), x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0, x6 = x0, x7 = x0;
  for (std::size_t i = 0; i < count / 4; i += 2 * lanes) {
    x0 = hn::Xor(x0, hn::Load(d, data + i));
    x1 = hn::Xor(x1, hn::Load(d, data + i + lanes));
    x2 = hn::Xor(x2, hn::Load(d, second + i));
    x3 = hn::Xor(x3, hn::Load(d, second + i + lanes));
    x4 = hn::Xor(x4, hn::Load(d, third + i));
    x5 = hn::Xor(x5, hn::Load(d, third + i + lanes));
    x6 = hn::Xor(x6, hn::Load(d, fourth + i));
    x7 = hn::Xor(x7, hn::Load(d, fourth + i + lanes));
  }
  const auto low = hn::Xor(hn::Xor(x0, x1), hn::Xor(x2, x3));
  const auto high = hn::Xor(hn::Xor(x4, x5), hn::Xor(x6, x7));
  return hn::GetLane(hn::SumOfLanes(d, hn::Xor(low, high)));
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace ravine::bench {

HWY_EXPORT(multiply_add);
HWY_EXPORT(flops_per_round);
HWY_EXPORT(read_all);

namespace {

constexpr std::size_t kRounds = 500'000;  // some 1 millisecond: short enough not to be disturbed
constexpr std::size_t kGrain = 4096;      // numbers; a multiple of 8 vectors everywhere
constexpr int kRepetitions = 30;

volatile double sink = 0;

/// Gives every member of the team a processor of its own. Left to the scheduler, both members of a
/// short run at times share one, and the limit comes out at half.
void pin_members(ThreadTeam& team) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  std::vector<int> processors;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) processors.push_back(cpu);
  }
  if (processors.size() < static_cast<std::size_t>(team.size())) {
    throw ConfigError(error_text("machine_limits", "threads",
                                 fmt::format("at most {} processors", processors.size()),
                                 fmt::format("{}", team.size())));
  }
  team.run([&](int member) {
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(processors[static_cast<std::size_t>(member)], &own);
    sched_setaffinity(0, sizeof(own), &own);
  });
}

/// Seconds of some runs of `work` on every member of the team.
std::vector<double> seconds_of_runs(ThreadTeam& team,
                                    const std::function<double(int member)>& work) {
  std::vector<double> results(static_cast<std::size_t>(team.size()));
  std::vector<double> seconds;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const Timer timer;
    team.run([&](int member) { results[static_cast<std::size_t>(member)] = work(member); });
    seconds.push_back(timer.elapsed_seconds());
  }
  for (const double result : results) sink = sink + result;
  return seconds;
}

/// Of the quickest run: the units are this process' own, and a limit is what they can do.
double flops_per_second(ThreadTeam& team) {
  const std::vector<double> seconds = seconds_of_runs(team, [](int) {
    return static_cast<double>(HWY_DYNAMIC_DISPATCH(multiply_add)(kRounds, 0.999F, 0.001F));
  });
  return HWY_DYNAMIC_DISPATCH(flops_per_round)() * kRounds * team.size() /
         *std::min_element(seconds.begin(), seconds.end());
}

/// By the median: memory is shared with whoever else is on the machine, which slows a pass over an
/// ensemble down as much, and of passes the median counts as well.
double bytes_per_second(ThreadTeam& team, const AlignedBuffer<std::uint64_t>& buffer) {
  const std::vector<double> seconds = seconds_of_runs(team, [&](int member) {
    const IndexRange mine = split_range(buffer.size(), team.size(), member, kGrain);
    return static_cast<double>(
        HWY_DYNAMIC_DISPATCH(read_all)(buffer.data() + mine.begin, mine.size()));
  });
  return static_cast<double>(buffer.size()) * 8 / median(seconds);
}

}  // namespace

}  // namespace ravine::bench

int main(int argc, char** argv) {
  using namespace ravine;
  CLI::App app("Measures what this machine can do at most", "machine_limits");
  std::string what = "flops";
  int threads = 1;
  std::size_t megabytes = 101;
  app.add_option("--what", what, "flops or bandwidth")
      ->check(CLI::IsMember({"flops", "bandwidth"}));
  app.add_option("--threads", threads, "Threads")->check(CLI::Range(1, 1024));
  app.add_option("--megabytes", megabytes, "Buffer to read, in 10^6 bytes")
      ->check(CLI::Range(1, 100'000));
  return bench::run_program(app, argc, argv, [&] {
    ThreadTeam team(threads);
    bench::pin_members(team);
    const Json greeting = {{"instruction_set", instruction_set()}};
    if (what == "flops") {
      bench::serve(greeting, [&]() -> Json {
        return {{"flops_per_second", bench::flops_per_second(team)}};
      });
    } else {
      const std::size_t numbers = megabytes * 1'000'000 / 8 / bench::kGrain * bench::kGrain;
      const AlignedBuffer<std::uint64_t> buffer(numbers, 1);
      bench::serve(greeting, [&]() -> Json {
        return {{"bytes_per_second", bench::bytes_per_second(team, buffer)}};
      });
    }
  });
}

#endif  // HWY_ONCE
