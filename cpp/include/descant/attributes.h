#pragma once

#include <optional>
#include <vector>

#include "descant/attribute_table.h"
#include "descant/encoder_config.h"
#include "descant/score.h"

namespace descant {

// Measures the attributes of an encoder (spec/encoding.md 8) on a score as it is given: callers
// pass the window to be encoded, on the model grid. Cost: one pass over the notes per attribute and
// track.  Immutable; every method is thread-safe.
class AttributeAnalyzer {
 public:
  explicit AttributeAnalyzer(const EncoderConfig& config);  // BadVocabulary as attributes_of

  const std::vector<AttributeSpec>& attributes() const { return attributes_; }

  // The raw value for a track, or for one of its bars (`bar` >= 0), whatever the track's type;
  // nothing for an attribute that is never measured, or is unset where there are no notes.
  std::optional<double> measure(const AttributeSpec& spec, const Score& score, std::size_t track,
                                int bar = -1) const;

  // The level a raw value belongs to.
  static int level(const AttributeSpec& spec, double raw);

  // Writes the level of every attribute that applies into the tracks' `attributes`, over old values
  // of the same name; others stay.
  void annotate(Score& score) const;

 private:
  std::vector<AttributeSpec> attributes_;
  std::vector<std::vector<int>> density_quantiles_;

  std::optional<double> density(const AttributeSpec& spec, const Track& track, int bar) const;
  void annotate_track(const AttributeSpec& spec, Score& score, std::size_t track) const;
};

}  // namespace descant
