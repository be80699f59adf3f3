#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "descant/score.h"
#include "descant/vocabulary.h"

namespace descant {

// Tokens -> music on the model grid (spec/encoding.md 6).  Infill blocks go to their placeholders;
// what makes no sense is left out.  IllegalToken for an id outside the vocabulary.
Score decode(const Vocabulary& vocabulary, std::span<const std::int32_t> tokens);

// The notes of a bar while its tokens come in: position, velocity level and microtiming so far.
// Cost: a few table look-ups a token.  One object per stream; not thread-safe.
class NoteReader {
 public:
  NoteReader(const Vocabulary& vocabulary, bool drum, int velocity_level)
      : vocabulary_(&vocabulary), drum_(drum), velocity_level_(velocity_level) {}

  int velocity_level() const { return velocity_level_; }
  void set_drum(bool drum) { drum_ = drum; }
  void set_velocity_level(int level) { velocity_level_ = level; }
  void start_bar();            // position and microtiming are forgotten, velocity is not
  void move_to(int position);  // microtiming is forgotten

  // Takes one token of any type; the note it completes, if any.
  std::optional<Note> push(TokenType type, int value);

 private:
  Note finish(int pitch, int duration);

  const Vocabulary* vocabulary_;
  bool drum_;
  int velocity_level_;
  int position_ = 0;
  int delta_ = 0;
  bool early_ = false;   // microtiming offsets count backwards
  int open_pitch_ = -1;  // of a NoteOnset that was the last token
};

// A bar's notes from the tokens that make it: an infill block up to FillInEnd, or a bar up to
// BarEnd. Cost and threads as NoteReader.
class BarDecoder {
 public:
  // `velocity_level`: what holds on entering the bar (BarRange::velocity_level), 0 for none.
  BarDecoder(const Vocabulary& vocabulary, bool drum, int velocity_level = 0);

  // Takes the next token; the finished bar's notes when it closes one (FillInEnd or BarEnd), else
  // nothing.  Bar and FillInStart open a bar; others outside a bar are ignored.
  // IllegalToken for an id outside the vocabulary.
  std::optional<std::vector<Note>> push(std::int32_t token);

  bool open() const { return open_; }
  // The notes so far of an open bar: what a cut-off generation leaves.
  const std::vector<Note>& notes() const { return notes_; }
  int velocity_level() const { return reader_.velocity_level(); }
  // For the next bar, when tokens that were not generated lie between (see BarRange).
  void set_velocity_level(int level) { reader_.set_velocity_level(level); }

 private:
  const Vocabulary* vocabulary_;
  NoteReader reader_;
  std::vector<Note> notes_;
  bool open_ = false;
};

}  // namespace descant
