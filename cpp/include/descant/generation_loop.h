#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "descant/network.h"
#include "descant/rules.h"
#include "descant/sampler.h"

namespace descant {

// What the network is shown: token ids, the position of each, and which of them later tokens may
// attend to.  All five mask modes are differences in these three (spec/generation.md 5.5).
struct PromptTokens {
  std::vector<int> ids;
  std::vector<int> positions;
  std::vector<std::uint8_t> visible;
  int next_position = 0;  // of the first generated token
};

// Where the numbers of a take's draws come from.
struct DrawRule {
  bool greedy = false;     // always the most probable token
  std::uint64_t seed = 0;  // with take and step: the key of the counter-based generator
  std::uint32_t take = 0;
  std::uint32_t step = 0;
  std::vector<double> given;  // instead of the generator, by token index: replays of recordings

  // The number for the token at `index` of the take; nothing when greedy.
  std::optional<double> number(std::size_t index) const;
};

// One candidate: its own rules, already fed the prompt, and its own way of drawing.
struct Take {
  StepRules rules;
  SamplingOptions sampling;
  DrawRule draw;
  // How far to follow the levels asked for: beyond 1, away from what the network says to the same
  // notes with nothing asked for, logits = free + guidance * (asked - free) (Ho and Salimans 2022,
  // "Classifier-free diffusion guidance").  Such a take has a twin, a row of its own, whose blocks
  // begin without levels.
  float guidance = 1.0f;
};

enum class TakeEnd { running, complete, out_of_budget, stopped, no_legal_token };

struct TakeState {
  std::vector<int> tokens;
  TakeEnd end = TakeEnd::running;
};

// Draws all takes of one step together: mask -> filters -> draw -> accept -> network, on a thread
// of its own that never touches the interpreter.  The prompt goes through the network once for all
// takes; a token that is the only legal one is taken without a draw, and a run of such tokens goes
// through the network in one pass.
//
// start() once, then wait() and drain() from one other thread; stop() from any thread takes effect
// before the next token.  The destructor stops and joins; a caller that holds a lock the network
// needs calls join() without it first.  An exception of the network is rethrown by wait().
class GenerationLoop {
 public:
  // `budget`: the most tokens a take may have.  The network must outlive the loop.
  GenerationLoop(Network& network, PromptTokens prompt, std::vector<Take> takes, int budget);
  ~GenerationLoop();
  GenerationLoop(const GenerationLoop&) = delete;
  GenerationLoop& operator=(const GenerationLoop&) = delete;

  void start();
  void stop() { stop_.store(true, std::memory_order_relaxed); }
  // True when every take has ended; false when `seconds` passed first.
  bool wait(double seconds);
  // Stops and returns when the thread has ended.
  void join();
  // (take, token) pairs drawn since the last call, in order.
  std::vector<std::pair<int, int>> drain();
  // Valid after wait() has returned true.
  const std::vector<TakeState>& takes() const { return states_; }
  double prefill_seconds() const { return prefill_seconds_; }

 private:
  void run();
  void generate();
  bool prefill();
  bool step();
  void choose(std::size_t take, std::span<const float> logits);
  void follow_forced(std::size_t take);
  void push(std::size_t take, int token);
  void add_twins(std::vector<Run>& runs) const;
  void guide(std::span<const Run> runs, std::size_t asked, std::span<float> logits) const;
  bool running(std::size_t take) const { return states_[take].end == TakeEnd::running; }

  Network& network_;
  PromptTokens prompt_;
  std::vector<Take> takes_;
  std::vector<Sampler> samplers_;  // by take
  std::vector<TakeState> states_;
  std::vector<std::vector<int>> unfed_;  // tokens of each take the network has not seen
  std::vector<int> twins_;               // the row of each take's twin, or -1
  std::vector<std::vector<int>> unfed_twins_;
  std::vector<float> logits_;
  int rows_ = 0;  // of the network: takes and twins
  int budget_;
  double prefill_seconds_ = 0.0;

  std::thread thread_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable finished_signal_;
  bool finished_ = false;                   // guarded by mutex_
  std::vector<std::pair<int, int>> queue_;  // guarded by mutex_
  std::exception_ptr error_;                // guarded by mutex_
};

}  // namespace descant
