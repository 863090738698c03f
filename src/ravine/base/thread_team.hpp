#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace ravine {

/// Half-open range [begin, end).
struct IndexRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

/// Part `index` of `parts` nearly equal consecutive parts of [0, count), cut at multiples of
/// `grain`.
IndexRange split_range(std::size_t count, int parts, int index, std::size_t grain = 1);

/// A fixed team of threads for work made of many phases of a few microseconds each: members spin
/// briefly before they sleep, which OpenMP's fork-join does not promise, and ThreadSanitizer can
/// follow. The calling thread is member 0.
class ThreadTeam {
 public:
  /// Throws ConfigError unless 1 <= size <= 1024, IoError when the system has no more threads.
  explicit ThreadTeam(int size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }

  /// Runs work(member) on every member and returns when all are done; rethrows the exception of the
  /// lowest member that threw. Members that wait for it at a barrier give up their work there.
  template <std::invocable<int> Work>
  void run(const Work& work) {
    run_job({&work, [](const void* job, int member) { (*static_cast<const Work*>(job))(member); }});
  }

  /// Inside run(): waits until every member has arrived. Throws what only run() catches when one of
  /// them threw instead.
  void barrier();

 private:
  /// A callable somebody else owns: running one allocates nothing.
  struct Job {
    const void* work = nullptr;
    void (*call)(const void* work, int member) = nullptr;
  };

  void run_job(Job job);
  void dismiss();
  void serve(int member);
  void work_as(int member);
  std::uint32_t meet();
  bool failed_in(std::uint32_t phase) const;
  void await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) const;

  int size_;
  int spins_;
  Job work_;
  std::atomic<std::uint32_t> job_{0};
  std::atomic<std::uint32_t> arrived_{0};
  std::atomic<std::uint32_t> phase_{0};
  std::atomic<std::uint64_t> failed_{0};  // 1 + the phase that a member's exception ended, or 0
  std::atomic<bool> closing_{false};
  std::vector<std::exception_ptr> failures_;
  std::vector<std::thread> threads_;
};

/// The number of hardware threads this process may use, at least 1.
int available_threads();

}  // namespace ravine
