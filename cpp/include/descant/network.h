#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace descant {

// Tokens to feed to one row, in order; at least one.
struct Run {
  int row;
  std::span<const int> tokens;
};

// A causal language model with its key/value cache, as the generation loop sees it: one *trunk*,
// the prompt that all takes share, and *rows* that grow behind it, one a take.
//
//     trunk  a b c d e ─┬─ row 0:  x y z
//                       ├─ row 1:  u v
//                       └─ row 2:
//
// One caller at a time.  All errors are BadRequest and leave the cache as it was.
class Network {
 public:
  Network() = default;
  virtual ~Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  virtual int vocab_size() const = 0;
  virtual int positions() const = 0;  // how many there are; a position is below it

  // Bytes that fork() will ask for when each of `rows` may grow to `tokens`; 0 where unknown.
  virtual std::size_t memory_needed(int rows, int tokens) const = 0;

  // Makes (ids, positions) the trunk and drops all rows.  visible[i] == 0 hides token i from every
  // later one; it may still look back itself.  What the old trunk shares with the new one, up to
  // the first difference, is not computed again. logits: (V), of the last token.  False: the stop
  // flag was raised, logits are not filled, and the trunk holds some beginning of the prompt, to be
  // reused by the next call.
  virtual bool prefill(std::span<const int> ids, std::span<const int> positions,
                       std::span<const std::uint8_t> visible, std::span<float> logits) = 0;

  // Starts `rows` empty rows behind the trunk.  The first token of each gets `next_position`, the
  // following ones count on from there.
  virtual void fork(int rows, int next_position) = 0;

  // Feeds every run in one pass; a row is listed at most once.
  // logits: (runs, V), of the last token of each run.
  virtual void extend(std::span<const Run> runs, std::span<float> logits) = 0;

  // Keeps the first `length` tokens of the row.
  virtual void rollback(int row, int length) = 0;

  // How much the last token of a prompt attends to each of its tokens: the mean over the heads,
  // summed over the upper half of the layers.  mass: (T).  Leaves the prompt as the trunk.
  // False: this network does not say.
  virtual bool last_attention(std::span<const int> ids, std::span<const int> positions,
                              std::span<const std::uint8_t> visible, std::span<float> mass);

  // prefill() looks at the flag from time to time; null (the default) to never stop.
  void stop_when(const std::atomic<bool>* flag) { stop_flag_ = flag; }

 protected:
  bool stop_requested() const {
    return stop_flag_ != nullptr && stop_flag_->load(std::memory_order_relaxed);
  }

 private:
  const std::atomic<bool>* stop_flag_ = nullptr;
};

}  // namespace descant
