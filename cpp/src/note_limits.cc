#include "descant/note_limits.h"

namespace descant {

void NoteLimits::accept(TokenType type) {
  const bool per_block = version_ == GrammarVersion::V042;
  switch (type) {
    case TokenType::FillInStart:
    case TokenType::FillInEnd:
      if (!per_block) break;
      [[fallthrough]];
    case TokenType::Bar:
    case TokenType::BarEnd:
      in_bar_ = 0;
      [[fallthrough]];
    case TokenType::TimeAbsolutePos:
      at_position_ = 0;
      break;
    case TokenType::NoteOnset:
    case TokenType::NotePitch:
      ++at_position_;
      ++in_bar_;
      break;
    default:
      break;
  }
}

void NoteLimits::restrict_to(TokenMask& mask) const {
  if (polyphony_ > 0 && at_position_ >= polyphony_) {
    if (version_ == GrammarVersion::V042)
      remove_notes(mask);
    else
      for (TokenType type : kPitchTypes) mask.remove(type);
  }
  if (density_ > 0 && in_bar_ >= density_) remove_note_starts(mask);
}

}  // namespace descant
