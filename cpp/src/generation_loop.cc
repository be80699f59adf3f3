#include "descant/generation_loop.h"

#include <algorithm>
#include <chrono>

#include "descant/error.h"
#include "descant/random.h"

namespace descant {

std::optional<double> DrawRule::number(std::size_t index) const {
  if (greedy) return std::nullopt;
  if (given.empty()) return uniform(seed, take, step, static_cast<std::uint32_t>(index));
  if (index >= given.size()) throw BadRequest("more tokens are drawn than numbers were given");
  return given[index];
}

GenerationLoop::GenerationLoop(Network& network, PromptTokens prompt, std::vector<Take> takes,
                               int budget)
    : network_(network),
      prompt_(std::move(prompt)),
      takes_(std::move(takes)),
      states_(takes_.size()),
      unfed_(takes_.size()),
      twins_(takes_.size(), -1),
      unfed_twins_(takes_.size()),
      budget_(budget) {
  if (takes_.empty()) throw BadRequest("a step needs at least one take");
  if (budget_ < 1) throw BadRequest("the prompt leaves no room for a single token");
  rows_ = static_cast<int>(takes_.size());
  for (std::size_t take = 0; take < takes_.size(); ++take) {
    const Take& own = takes_[take];
    samplers_.emplace_back(own.rules.vocabulary(), own.sampling);
    if (own.guidance != 1.0f && own.rules.asks_for_levels()) twins_[take] = rows_++;
  }
}

GenerationLoop::~GenerationLoop() { join(); }

void GenerationLoop::join() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void GenerationLoop::start() {
  thread_ = std::thread([this] { run(); });
}

bool GenerationLoop::wait(double seconds) {
  std::unique_lock lock(mutex_);
  finished_signal_.wait_for(lock, std::chrono::duration<double>(seconds),
                            [this] { return finished_; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return finished_;
}

std::vector<std::pair<int, int>> GenerationLoop::drain() {
  std::lock_guard lock(mutex_);
  return std::exchange(queue_, {});
}

void GenerationLoop::run() {
  try {
    generate();
  } catch (...) {
    std::lock_guard lock(mutex_);
    error_ = std::current_exception();
  }
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
  }
  finished_signal_.notify_all();
}

void GenerationLoop::generate() {
  network_.stop_when(&stop_);
  if (prefill()) {
    while (!stop_.load(std::memory_order_relaxed) && step()) {
    }
  }
  network_.stop_when(nullptr);
  for (TakeState& state : states_)
    if (state.end == TakeEnd::running) state.end = TakeEnd::stopped;
}

// The prompt through the network and the first token of every take; false when stopped.
bool GenerationLoop::prefill() {
  const auto begin = std::chrono::steady_clock::now();
  const auto width = static_cast<std::size_t>(network_.vocab_size());
  logits_.resize(width * static_cast<std::size_t>(rows_));
  const auto first = std::span(logits_).first(width);
  const bool done = network_.prefill(prompt_.ids, prompt_.positions, prompt_.visible, first);
  prefill_seconds_ =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!done) return false;
  network_.fork(rows_, prompt_.next_position);
  for (std::size_t take = 0; take < takes_.size(); ++take) choose(take, first);
  return true;
}

// One pass of the network over every running take; false when none is left.
bool GenerationLoop::step() {
  std::vector<Run> runs;
  for (std::size_t take = 0; take < takes_.size(); ++take) {
    if (!running(take)) continue;
    follow_forced(take);
    if (running(take)) runs.push_back({static_cast<int>(take), unfed_[take]});
  }
  if (runs.empty()) return false;
  const std::size_t asked = runs.size();
  add_twins(runs);
  const auto width = static_cast<std::size_t>(network_.vocab_size());
  const auto logits = std::span(logits_).first(width * runs.size());
  network_.extend(runs, logits);
  guide(runs, asked, logits);
  for (std::size_t i = 0; i < asked; ++i) {
    const auto take = static_cast<std::size_t>(runs[i].row);
    unfed_[take].clear();
    unfed_twins_[take].clear();
    choose(take, logits.subspan(i * width, width));
  }
  return true;
}

// Behind the takes' own runs, in their order.
void GenerationLoop::add_twins(std::vector<Run>& runs) const {
  const std::size_t asked = runs.size();
  for (std::size_t i = 0; i < asked; ++i) {
    const auto take = static_cast<std::size_t>(runs[i].row);
    if (!unfed_twins_[take].empty()) runs.push_back({twins_[take], unfed_twins_[take]});
  }
}

void GenerationLoop::guide(std::span<const Run> runs, std::size_t asked,
                           std::span<float> logits) const {
  const std::size_t width = logits.size() / runs.size();
  std::size_t twin = asked;
  for (std::size_t i = 0; i < asked; ++i) {
    const auto take = static_cast<std::size_t>(runs[i].row);
    if (unfed_twins_[take].empty()) continue;
    const float guidance = takes_[take].guidance;
    const float* const free = logits.data() + twin++ * width;
    float* const own = logits.data() + i * width;
    for (std::size_t id = 0; id < width; ++id) own[id] = free[id] + guidance * (own[id] - free[id]);
  }
}

void GenerationLoop::choose(std::size_t take, std::span<const float> logits) {
  Take& chosen = takes_[take];
  try {
    const auto number = chosen.draw.number(states_[take].tokens.size());
    push(take, samplers_[take].draw(logits, chosen.rules, number));
  } catch (const NoLegalToken&) {
    states_[take].end = TakeEnd::no_legal_token;
  }
}

void GenerationLoop::follow_forced(std::size_t take) {
  while (running(take)) {
    const int token = takes_[take].rules.forced();
    if (token < 0) return;
    push(take, token);
  }
}

void GenerationLoop::push(std::size_t take, int token) {
  TakeState& state = states_[take];
  if (twins_[take] >= 0 && !takes_[take].rules.says_level()) unfed_twins_[take].push_back(token);
  takes_[take].rules.accept(token);
  state.tokens.push_back(token);
  unfed_[take].push_back(token);
  {
    std::lock_guard lock(mutex_);
    queue_.emplace_back(static_cast<int>(take), token);
  }
  if (takes_[take].rules.complete())
    state.end = TakeEnd::complete;
  else if (static_cast<int>(state.tokens.size()) >= budget_)
    state.end = TakeEnd::out_of_budget;
}

}  // namespace descant
