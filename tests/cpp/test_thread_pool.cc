#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "descant/thread_pool.h"

using descant::ThreadPool;

TEST_CASE("every task runs exactly once, whatever the number of threads") {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    for (const int tasks : {0, 1, 2, 5, 64}) {
      for (int round = 0; round < 50; ++round) {
        std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tasks));
        std::atomic<int> strangers{0};
        pool.run(tasks, [&](int task, int thread) {
          runs[static_cast<std::size_t>(task)].fetch_add(1, std::memory_order_relaxed);
          if (thread < 0 || thread >= threads) strangers.fetch_add(1);
        });
        for (const std::atomic<int>& count : runs) REQUIRE(count.load() == 1);
        REQUIRE(strangers.load() == 0);
      }
    }
  }
}

TEST_CASE("what one round wrote, the next one reads") {
  ThreadPool pool(4);
  std::vector<long> values(256, 0);
  for (int round = 0; round < 2000; ++round) {
    pool.run(256, [&](int task, int) { ++values[static_cast<std::size_t>(255 - task)]; });
  }
  for (const long value : values) REQUIRE(value == 2000);
}

TEST_CASE("workers that fell asleep are woken") {
  ThreadPool pool(2);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> met{0};
    // Both tasks wait for each other, so two threads must take part.
    pool.run(2, [&](int, int) {
      met.fetch_add(1);
      while (met.load() < 2) std::this_thread::yield();
    });
    CHECK(met.load() == 2);
  }
}

TEST_CASE("a pool can be thrown away, idle or straight after its work") {
  for (int round = 0; round < 50; ++round) ThreadPool pool(3);
  for (int round = 0; round < 500; ++round) {
    ThreadPool pool(3);
    std::atomic<int> done{0};
    pool.run(round % 7, [&](int, int) { done.fetch_add(1); });
    REQUIRE(done.load() == round % 7);
  }
  CHECK(ThreadPool::default_threads() >= 1);
}
