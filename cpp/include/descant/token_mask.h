#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "descant/vocabulary.h"

namespace descant {

// A set of tokens as bits, 32 to a word: bit i % 32 of word i / 32 is token i.  The type-wise
// operations ignore types the vocabulary lacks and values outside a domain.
// Cost: O(domain / 32) each.  Not thread-safe; the vocabulary must outlive it.
class TokenMask {
 public:
  explicit TokenMask(const Vocabulary& vocabulary);

  void clear();
  void fill();

  void allow(TokenType type) { set(type, 0, domain(type)); }
  void allow(TokenType type, int begin, int end) { set(type, begin, end); }  // values [begin, end)
  void remove(TokenType type) { reset(type, 0, domain(type)); }
  void remove(TokenType type, int begin, int end) { reset(type, begin, end); }
  void remove_others(TokenType type, int value);  // every value of the type but this one
  void intersect(std::span<const std::uint32_t> words);

  bool test(int token) const;
  bool has(TokenType type, int value) const;
  bool any(TokenType type) const;
  bool empty() const;
  int count() const;
  int only() const;  // the single token of the set, or -1

  std::span<const std::uint32_t> words() const { return words_; }
  static std::size_t word_count(int tokens) { return (static_cast<std::size_t>(tokens) + 31) / 32; }

 private:
  int domain(TokenType type) const { return vocabulary_->domain_size(type); }
  void set(TokenType type, int begin, int end);
  void reset(TokenType type, int begin, int end);

  const Vocabulary* vocabulary_;
  std::vector<std::uint32_t> words_;
};

// The types that begin, or belong to the beginning of, a note.
inline constexpr TokenType kNoteStarts[] = {TokenType::TimeAbsolutePos, TokenType::VelocityLevel,
                                            TokenType::NoteOnset,       TokenType::NotePitch,
                                            TokenType::DeltaDirection,  TokenType::Delta};

void remove_note_starts(TokenMask& mask);  // all of the above
void remove_notes(TokenMask& mask);        // all but the positions
void remove_ends(TokenMask& mask);         // BarEnd and FillInEnd
inline constexpr TokenType kPitchTypes[] = {TokenType::NoteOnset, TokenType::NotePitch};

}  // namespace descant
