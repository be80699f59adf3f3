#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "descant/grammar.h"
#include "descant/note_limits.h"
#include "descant/note_schedule.h"
#include "descant/token_mask.h"
#include "descant/vocabulary.h"
#include "descant/wishes.h"

namespace descant {

// Everything that decides which tokens a step may draw.
struct StepOptions {
  GrammarOptions grammar;
  int polyphony_limit = 0;  // notes at one position; 0: none
  int density_limit = 0;    // notes in a bar; 0: none
  std::vector<TrackWish> track_wishes;
  std::vector<BarWish> bar_wishes;
  bool velocity = true;                                 // false: no velocity tokens
  bool microtiming = true;                              // false: no Delta tokens
  std::optional<std::array<std::uint32_t, 4>> pitches;  // allowed pitches as 128 bits
  std::vector<float> pitch_weights;                     // by pitch; empty: all 1
  std::vector<float> position_weights;                  // by model tick in the bar; empty: all 1
  std::optional<ScheduleOptions> schedule;
  // Infill: tokens said behind the FillInStart of each block, before its notes; empty: none.  They
  // repeat what the prompt says and shows of the bar, so that the network need not look for it.
  std::vector<std::vector<std::int32_t>> block_headers;
  int kept_meter = -1;  // TimeSig value every written bar must have; -1: any
};

// Grammar and constraints of one step and one take.
//
// Order of the restrictions, as upstream (spec/generation.md 6.6): grammar, limits, wishes,
// microtiming and velocity, pitch set, schedule, meter.  Cost: O(V / 32) per accept.
// Copies share the options and are otherwise independent: takes fork.  Not thread-safe.
class StepRules {
 public:
  // Feeds the prompt, which need not be legal.  IllegalToken for an id outside the vocabulary.
  StepRules(std::shared_ptr<const Vocabulary> vocabulary,
            std::shared_ptr<const StepOptions> options, std::span<const std::int32_t> prompt);

  // The legal tokens now; all zero when a strict step is complete or nothing is left.
  std::span<const std::uint32_t> mask() const { return mask_.words(); }
  // Copies the mask; the caller's words are at least V / 32, rounded up.
  void fill_mask(std::span<std::uint32_t> words) const;
  const TokenMask& legal() const { return mask_; }

  // Multiplies the probabilities of the legal tokens `ids` (ascending) by the pitch and rhythm
  // weights; keeps them as they are where the weights would leave nothing.
  void reweigh(std::span<const int> ids, std::span<float> probabilities) const;
  bool has_weights() const;

  // Takes a drawn token.  IllegalToken names the token, its type and its position.
  void accept(int token);

  // Infill: as many blocks ended as there are targets.  Otherwise: the track has ended.
  bool complete() const { return complete_; }
  int forced() const { return mask_.only(); }  // the only legal token, or -1
  // Whether levels are asked for in the blocks' headers, and whether the next token says one.
  bool asks_for_levels() const;
  bool says_level() const { return !header_.empty() && is_level(header_.front()); }
  int length() const { return grammar_.length(); }
  int blocks_done() const { return blocks_done_; }
  int block_count() const;
  const Vocabulary& vocabulary() const { return *vocabulary_; }

 private:
  void update();
  void apply_pitches();
  void begin_header();
  bool is_level(std::int32_t token) const;

  std::shared_ptr<const Vocabulary> vocabulary_;
  std::shared_ptr<const StepOptions> options_;
  Grammar grammar_;
  NoteLimits limits_;
  std::optional<NoteSchedule> schedule_;
  MeterKeeper meter_;
  std::shared_ptr<const TokenMask> pitches_;  // null: all
  TokenMask mask_;
  std::span<const std::int32_t> header_;  // what is still to be said of the block just begun
  int blocks_done_ = 0;
  bool complete_ = false;
};

}  // namespace descant
