#include "descant/token_mask.h"

#include <algorithm>
#include <bit>

namespace descant {
namespace {

// Calls f(word index, bits) for each word that [begin, end) touches.
template <typename F>
void each_word(int begin, int end, F f) {
  for (int at = begin; at < end;) {
    const int word = at / 32;
    const int stop = std::min(end, 32 * (word + 1));
    const int width = stop - at;
    const std::uint32_t ones = width == 32 ? ~0u : (1u << width) - 1u;
    f(static_cast<std::size_t>(word), ones << (at % 32));
    at = stop;
  }
}

}  // namespace

TokenMask::TokenMask(const Vocabulary& vocabulary)
    : vocabulary_(&vocabulary), words_(word_count(vocabulary.size()), 0) {}

void TokenMask::clear() { std::fill(words_.begin(), words_.end(), 0u); }

void TokenMask::fill() {
  each_word(0, vocabulary_->size(),
            [this](std::size_t word, std::uint32_t bits) { words_[word] |= bits; });
}

void TokenMask::set(TokenType type, int begin, int end) {
  const int offset = vocabulary_->offset(type);
  each_word(offset + std::max(begin, 0), offset + std::min(end, domain(type)),
            [this](std::size_t word, std::uint32_t bits) { words_[word] |= bits; });
}

void TokenMask::reset(TokenType type, int begin, int end) {
  const int offset = vocabulary_->offset(type);
  each_word(offset + std::max(begin, 0), offset + std::min(end, domain(type)),
            [this](std::size_t word, std::uint32_t bits) { words_[word] &= ~bits; });
}

void TokenMask::remove_others(TokenType type, int value) {
  reset(type, 0, value);
  reset(type, value + 1, domain(type));
}

void TokenMask::intersect(std::span<const std::uint32_t> words) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= words[i];
}

bool TokenMask::test(int token) const {
  if (token < 0 || token >= vocabulary_->size()) return false;
  return (words_[static_cast<std::size_t>(token) / 32] >> (token % 32) & 1u) != 0;
}

bool TokenMask::has(TokenType type, int value) const {
  return value >= 0 && value < domain(type) && test(vocabulary_->offset(type) + value);
}

bool TokenMask::any(TokenType type) const {
  const int offset = vocabulary_->offset(type);
  std::uint32_t found = 0;
  each_word(offset, offset + domain(type),
            [&](std::size_t word, std::uint32_t bits) { found |= words_[word] & bits; });
  return found != 0;
}

bool TokenMask::empty() const {
  return std::all_of(words_.begin(), words_.end(), [](std::uint32_t word) { return word == 0; });
}

int TokenMask::count() const {
  int total = 0;
  for (std::uint32_t word : words_) total += std::popcount(word);
  return total;
}

int TokenMask::only() const {
  int token = -1;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_[i] == 0) continue;
    if (token >= 0 || !std::has_single_bit(words_[i])) return -1;
    token = static_cast<int>(32 * i) + std::countr_zero(words_[i]);
  }
  return token;
}

void remove_note_starts(TokenMask& mask) {
  for (TokenType type : kNoteStarts) mask.remove(type);
}

void remove_notes(TokenMask& mask) {
  for (TokenType type : kNoteStarts)
    if (type != TokenType::TimeAbsolutePos) mask.remove(type);
}

void remove_ends(TokenMask& mask) {
  mask.remove(TokenType::BarEnd);
  mask.remove(TokenType::FillInEnd);
}

}  // namespace descant
