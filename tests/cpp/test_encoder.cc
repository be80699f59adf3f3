#include <doctest/doctest.h>

#include "descant/decoder.h"
#include "descant/encoder.h"
#include "descant/error.h"
#include "token_fixtures.h"

using namespace descant;
using descant::tests::kinds;
using descant::tests::one_track;
using descant::tests::token_config;

TEST_CASE("a bar groups notes by onset, chord notes by pitch, and says each velocity once") {
  const Vocabulary vocabulary(token_config());
  const Score score = one_track({{{67, 90, 12, 6, 0}, {60, 90, 0, 12, 0}, {64, 90, 12, 6, 3}}, {}});
  const Encoded encoded = Encoder(vocabulary).encode(score, {});
  CHECK(kinds(vocabulary, encoded.tokens) ==
        "PieceStart NumBars Track Instrument Bar TimeSig VelocityLevel NoteOnset NoteDuration "
        "TimeAbsolutePos Delta NoteOnset NoteDuration NoteOnset NoteDuration BarEnd "
        "Bar TimeSig BarEnd TrackEnd");
  CHECK(vocabulary.value(encoded.tokens[11]) == 64);
  CHECK(encoded.tracks == std::vector<TokenRange>{{2, 20}});
  CHECK(encoded.bars.at(0).tokens == TokenRange{4, 16});
  CHECK(encoded.bars.at(1).tokens == TokenRange{16, 19});
}

TEST_CASE("targets leave a placeholder and come as blocks at the end") {
  const Vocabulary vocabulary(token_config());
  const Score score = one_track({{{60, 90, 0, 12, 0}}, {{62, 40, 0, 12, 0}}});
  EncodeOptions options;
  options.targets = {{0, 1}, {0, 7}, {3, 0}};
  const Encoded encoded = Encoder(vocabulary).encode(score, options);
  CHECK(kinds(vocabulary, encoded.tokens) ==
        "PieceStart NumBars Track Instrument Bar TimeSig VelocityLevel NoteOnset NoteDuration "
        "BarEnd Bar TimeSig FillInPlaceholder BarEnd TrackEnd "
        "FillInStart VelocityLevel NoteOnset NoteDuration FillInEnd");
  REQUIRE(encoded.blocks.size() == 1);
  CHECK(encoded.blocks[0].tokens == TokenRange{15, 20});
  CHECK(encoded.blocks[0].velocity_level == vocabulary.velocity_level(90));
  options.prompt = true;
  const Encoded prompt = Encoder(vocabulary).encode(score, options);
  CHECK(prompt.tokens ==
        std::vector<std::int32_t>(encoded.tokens.begin(), encoded.tokens.begin() + 16));
}

TEST_CASE("the velocity on entering a bar is carried only past a target") {
  const Vocabulary vocabulary(token_config());
  const Score score = one_track({{{60, 90, 0, 12, 0}}, {}, {}, {{62, 40, 0, 12, 0}}, {}});
  EncodeOptions options;
  options.window_bars = 4;
  options.targets = {{0, 1}};
  const Encoded encoded = Encoder(vocabulary).encode(score, options);
  std::vector<int> levels;
  for (const BarRange& bar : encoded.bars) levels.push_back(bar.velocity_level);
  const int loud = vocabulary.velocity_level(90);
  const int soft = vocabulary.velocity_level(40);
  CHECK(levels == std::vector<int>{0, loud, kCarriedLevel, kCarriedLevel, soft});
}

TEST_CASE("future bars are masked, reported or emptied, as asked") {
  const Vocabulary vocabulary(token_config());
  Score score = one_track({{{60, 90, 0, 12, 0}}, {}});
  score.tracks[0].bars[0].future = true;
  score.tracks[0].attributes = {{"bar_BarLevelOnsetPolyphonyMax_0", 2}};
  const Encoder encoder(vocabulary);
  const auto bar_of = [&](const EncodeOptions& options) {
    const Encoded encoded = encoder.encode(score, options);
    const TokenRange range = encoded.bars.at(0).tokens;
    return kinds(vocabulary,
                 {encoded.tokens.begin() + range.begin, encoded.tokens.begin() + range.end});
  };
  CHECK(bar_of({}) == "Bar BarLevelOnsetPolyphonyMax TimeSig MaskBar BarEnd");
  EncodeOptions span;
  span.span_future = true;
  CHECK(bar_of(span) == "Bar BarLevelOnsetPolyphonyMax TimeSig BarEnd");
  CHECK(encoder.encode(score, span).hidden == std::vector<TokenRange>{{4, 8}});
  EncodeOptions removed;
  removed.remove_future = true;
  CHECK(bar_of(removed) == "Bar TimeSig BarEnd");
}

TEST_CASE("a partial track ends after its last bar") {
  const Vocabulary vocabulary(token_config());
  EncodeOptions options;
  options.partial_track = 0;
  options.partial_bars = 0;
  const Encoded encoded = Encoder(vocabulary).encode(one_track({{}, {}}), options);
  CHECK(kinds(vocabulary, encoded.tokens) == "PieceStart NumBars Track Instrument");
}

TEST_CASE("what cannot be written is refused") {
  const Vocabulary vocabulary(token_config());
  Score odd_meter = one_track({{}, {}});
  odd_meter.tracks[0].bars[1].numerator = 5;
  CHECK_THROWS_WITH_AS(Encoder(vocabulary).encode(odd_meter, {}),
                       "Unknown time signature: 5/4 (track 1, bar 2)", BadScore);
  CHECK_THROWS_AS(Encoder(vocabulary).encode(one_track({{}, {}, {}}), {}), IllegalToken);
  EncoderConfig plain = token_config();
  plain.supports_infill = false;
  const Vocabulary without(plain);
  EncodeOptions infill;
  infill.targets = {{0, 0}};
  CHECK_THROWS_AS(Encoder(without).encode(one_track({{}, {}}), infill), BadRequest);
}
