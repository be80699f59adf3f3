#include "descant/thread_pool.h"

#include <algorithm>
#include <chrono>

#include "descant/processor.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#endif

namespace descant {
namespace {

constexpr auto kSpin = std::chrono::microseconds(50);  // longer than the serial parts of a step

void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  __asm__ volatile("yield");
#endif
}

// True as soon as ready() is; false when it still is not after kSpin.
template <typename Ready>
bool spin_until(const Ready& ready) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

}  // namespace

int ThreadPool::default_threads() { return std::max(1, physical_cores() - 1); }

ThreadPool::ThreadPool(int threads) {
  try {
    for (int thread = 1; thread < threads; ++thread) {
      workers_.emplace_back([this, thread] { worker(thread); });
    }
  } catch (...) {  // the system has no more threads: end those that run
    end_workers();
    throw;
  }
}

ThreadPool::~ThreadPool() { end_workers(); }

void ThreadPool::end_workers() {
  quit_.store(true, std::memory_order_relaxed);
  round_.fetch_add(1);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run_all(int tasks, const void* context, Call call) {
  if (tasks <= 1 || workers_.empty()) {
    for (int task = 0; task < tasks; ++task) call(context, task, 0);
    return;
  }
  const std::uint32_t round = round_.load(std::memory_order_relaxed) + 1;
  tasks_.store(tasks, std::memory_order_relaxed);
  context_.store(context, std::memory_order_relaxed);
  call_.store(call, std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  ticket_.store((static_cast<std::uint64_t>(round) << 32) | static_cast<std::uint32_t>(tasks),
                std::memory_order_release);
  round_.store(round);  // ordered before the look at sleepers_: a worker either sees it or is woken
  if (sleepers_.load() > 0) round_.notify_all();
  work_on(round, 0);
  const auto finished = [&] { return done_.load(std::memory_order_acquire) == tasks; };
  while (!spin_until(finished)) std::this_thread::yield();
}

void ThreadPool::work_on(std::uint32_t round, int thread) {
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  while (static_cast<std::uint32_t>(ticket >> 32) == round) {
    const int left = static_cast<int>(ticket & 0xffffffffu);
    if (left == 0) return;
    const int tasks = tasks_.load(std::memory_order_relaxed);
    const void* const context = context_.load(std::memory_order_relaxed);
    const Call call = call_.load(std::memory_order_relaxed);
    // Half a thread's share of what is left: long stretches first, at the end one by one, so that
    // nobody waits long for the last.
    const int count = (left - 1) / (2 * threads()) + 1;
    // Success proves that the round has not ended since `ticket` was read, nor what it calls
    // changed.
    if (!ticket_.compare_exchange_weak(ticket, ticket - static_cast<std::uint64_t>(count),
                                       std::memory_order_acq_rel, std::memory_order_acquire)) {
      continue;
    }
    for (int task = tasks - left; task < tasks - left + count; ++task) call(context, task, thread);
    done_.fetch_add(count, std::memory_order_release);
    ticket = ticket_.load(std::memory_order_acquire);
  }
}

void ThreadPool::worker(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    wait_for_round(seen);
    seen = round_.load(std::memory_order_acquire);
    // Asked after the round was read: the last round, which only says so, must not be waited out.
    if (quit_.load(std::memory_order_relaxed)) return;
    work_on(seen, thread);
  }
}

void ThreadPool::wait_for_round(std::uint32_t seen) {
  const auto changed = [&] { return round_.load(std::memory_order_acquire) != seen; };
  if (spin_until(changed)) return;
  sleepers_.fetch_add(1);
  round_.wait(seen);
  sleepers_.fetch_sub(1);
}

}  // namespace descant
