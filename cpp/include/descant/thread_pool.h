#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace descant {

// Splits short pieces of work over a fixed number of threads, the caller being one of them.
// Built for a network's step: dozens of pieces of some microseconds one after another.  Workers
// look for the next piece for a few dozen microseconds, then sleep, so an idle pool costs nothing.
// run() never waits for a worker that has not begun: on a busy machine the caller does the work
// itself. One caller at a time.
class ThreadPool {
 public:
  // `threads` counts the caller; at least 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Every core but one, which is left to the window and the sound; at least 1.
  static int default_threads();

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls work(task, thread) once for each task in [0, tasks), thread in [0, threads()); returns
  // when all are done.  A thread takes neighbours one after another.  `work` must not throw.
  template <typename Work>
  void run(int tasks, const Work& work) {
    run_all(tasks, &work, [](const void* context, int task, int thread) {
      (*static_cast<const Work*>(context))(task, thread);
    });
  }

 private:
  using Call = void (*)(const void* context, int task, int thread);

  void run_all(int tasks, const void* context, Call call);
  void end_workers();
  void work_on(std::uint32_t round, int thread);
  void worker(int thread);
  void wait_for_round(std::uint32_t seen);

  // The round in the upper half, how many of its tasks nobody has taken yet in the lower: a thread
  // that comes late can never take a task of another round.  The first task goes first.
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<int> tasks_{0};
  std::atomic<const void*> context_{nullptr};
  std::atomic<Call> call_{nullptr};
  alignas(64) std::atomic<int> done_{0};
  alignas(64) std::atomic<std::uint32_t> round_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<bool> quit_{false};
  std::vector<std::thread> workers_;
};

}  // namespace descant
