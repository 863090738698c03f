#include "ravine/base/thread_team.hpp"

#include <algorithm>
#include <sched.h>
#include <system_error>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

// Some 50 microseconds: longer than members of a phase differ, short where other programs want the
// core that the awaited member needs.
constexpr int kSpinsBeforeSleep = 2'000;

/// Ends the work of a member that waited for one that threw.
struct Abandoned {};

/// Adds 1 and wakes who awaits it. Sequentially consistent and not release: notify_all() looks
/// whether anybody sleeps, and that look must not overtake the change, or one who is just falling
/// asleep is never woken.
void advance(std::atomic<std::uint32_t>& word) {
  word.fetch_add(1, std::memory_order_seq_cst);
  word.notify_all();
}

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

IndexRange split_range(std::size_t count, int parts, int index, std::size_t grain) {
  const std::size_t pieces = (count + grain - 1) / grain;
  const auto cut = [&](std::size_t part) {
    return std::min(count, pieces * part / static_cast<std::size_t>(parts) * grain);
  };
  return {cut(static_cast<std::size_t>(index)), cut(static_cast<std::size_t>(index) + 1)};
}

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadTeam::ThreadTeam(int size)
    : size_(size), spins_(size <= available_threads() ? kSpinsBeforeSleep : 0) {
  if (size < 1 || size > 1024) {
    throw ConfigError(error_text("thread_team", "threads", "1 to 1024", fmt::format("{}", size)));
  }
  failures_.resize(static_cast<std::size_t>(size));
  try {
    for (int member = 1; member < size; ++member) {
      threads_.emplace_back([this, member] { serve(member); });
    }
  } catch (const std::system_error& failure) {
    dismiss();
    throw IoError(error_text("thread_team", "threads", fmt::format("{}", size),
                             fmt::format("{}: {}", threads_.size() + 1, failure.code().message()),
                             "ask for fewer"));
  }
}

ThreadTeam::~ThreadTeam() { dismiss(); }

void ThreadTeam::dismiss() {
  closing_.store(true, std::memory_order_relaxed);
  advance(job_);
  for (std::thread& thread : threads_) thread.join();
}

void ThreadTeam::run_job(Job job) {
  work_ = job;
  if (size_ > 1) {
    advance(job_);
  }
  work_as(0);
  std::exception_ptr first;
  for (std::exception_ptr& failure : failures_) {
    if (!first) first = failure;
    failure = nullptr;
  }
  if (!first) return;
  failed_.store(0, std::memory_order_relaxed);
  std::rethrow_exception(first);
}

void ThreadTeam::barrier() {
  if (failed_in(meet())) throw Abandoned();
}

/// Returns the number of the phase that ends here.
std::uint32_t ThreadTeam::meet() {
  if (size_ == 1) return 0;
  const std::uint32_t phase = phase_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<std::uint32_t>(size_)) {
    arrived_.store(0, std::memory_order_relaxed);
    advance(phase_);
  } else {
    await_change(phase_, phase);
  }
  return phase;
}

bool ThreadTeam::failed_in(std::uint32_t phase) const {
  return failed_.load(std::memory_order_relaxed) == std::uint64_t{phase} + 1;
}

void ThreadTeam::serve(int member) {
  std::uint32_t seen = 0;
  while (true) {
    await_change(job_, seen);
    ++seen;
    if (closing_.load(std::memory_order_relaxed)) return;
    work_as(member);
  }
}

void ThreadTeam::work_as(int member) {
  try {
    work_.call(work_.work, member);
  } catch (const Abandoned&) {
    // The exception of the member that threw tells why.
  } catch (...) {
    failures_[static_cast<std::size_t>(member)] = std::current_exception();
    failed_.store(std::uint64_t{phase_.load(std::memory_order_relaxed)} + 1,
                  std::memory_order_relaxed);
  }
  // Where others met it at a barrier of their work, they come here one phase later.
  if (failed_in(meet())) meet();
}

void ThreadTeam::await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) const {
  for (int spin = 0; spin < spins_; ++spin) {
    if (word.load(std::memory_order_acquire) != old) return;
    pause_briefly();
  }
  while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
}

}  // namespace ravine
