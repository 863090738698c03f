#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
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

  /// Runs work(member) on every member and returns when all are done; rethrows the first
  /// exception of the lowest member. Work that calls barrier() must not throw.
  void run(const std::function<void(int member)>& work);

  /// Inside run(): waits until every member has arrived.
  void barrier();

 private:
  void dismiss();
  void serve(int member);
  void work_as(int member);
  void await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) const;

  int size_;
  int spins_;
  const std::function<void(int)>* work_ = nullptr;
  std::atomic<std::uint32_t> job_{0};
  std::atomic<std::uint32_t> arrived_{0};
  std::atomic<std::uint32_t> phase_{0};
  std::atomic<bool> closing_{false};
  std::vector<std::exception_ptr> failures_;
  std::vector<std::thread> threads_;
};

/// The number of hardware threads this process may use, at least 1.
int available_threads();

}  // namespace ravine
