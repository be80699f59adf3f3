#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "descant/error.h"
#include "descant/smf.h"
#include "descant/smf_music.h"
#include "descant/smf_writer.h"

namespace descant {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes chunk(const char* tag, const Bytes& body) {
  Bytes out(tag, tag + 4);
  const auto size = static_cast<std::uint32_t>(body.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  return join({out, body});
}

Bytes header(std::uint8_t chunks, std::uint8_t division = 96) {
  return chunk("MThd", {0, 1, 0, chunks, 0, division});
}

Bytes file(const Bytes& events) { return join({header(1), chunk("MTrk", events)}); }

std::string complaint(const Bytes& data, const SmfLimits& limits = {}) {
  try {
    music_of(parse_smf(data, limits), 0, limits);
  } catch (const BadFile& error) {
    return error.what();
  }
  return "";
}

const Bytes kNote{0, 0x90, 60, 80, 0x60, 0x80, 60, 33};

TEST_CASE("a note has its length and its release velocity") {
  const Bytes data = file(kNote);
  const SmfMusic music = music_of(parse_smf(data), 0);
  REQUIRE(music.tracks.size() == 1);
  CHECK(music.tracks[0].notes == std::vector<NoteRow>{{60, 80, 0, 96, 0, 33}});
  CHECK(music.bars.size() == 1);
  CHECK(music.ends == std::vector<std::int64_t>{96});
}

TEST_CASE("an upstream score is on the grid asked for") {
  const Bytes data = file(kNote);
  const SmfMusic music = music_of(parse_smf(data), 480);
  CHECK(music.tracks[0].notes == std::vector<NoteRow>{{60, 80, 0, 480, 0, 64}});
  CHECK(music.events.ticks.empty());
}

TEST_CASE("every way to be cut off says where") {
  const Bytes whole = file(kNote);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    // Fewer chunks than declared is the one shorter file that is whole.
    CHECK(complaint(part).empty() == (size == 14));
  }
  CHECK(complaint(file({0, 0x90, 60})).find("track chunk 1 at byte 25") != std::string::npos);
}

TEST_CASE("limits name what was found") {
  const Bytes far = file({0, 0x90, 60, 80, 0xFF, 0xFF, 0xFF, 0x7F, 0x80, 60, 0});
  CHECK(complaint(far).find("699051 bars") != std::string::npos);
  CHECK(complaint(file(kNote), {.events = 1}).find("number of events") != std::string::npos);
  CHECK(complaint(file(kNote), {.bytes = 20}).find("at most 20") != std::string::npos);
  CHECK(complaint(file(kNote), {.tracks = 0}).find("more than 0 tracks") != std::string::npos);
  CHECK(complaint(file(kNote), {.cells = 0}).find("too many") != std::string::npos);
}

TEST_CASE("a RIFF wrapping is taken off, and only that of MIDI") {
  const Bytes inner = file(kNote);
  Bytes riff{'R', 'I', 'F', 'F', 0, 0, 0, 0, 'R', 'M', 'I', 'D', 'd', 'a', 't', 'a'};
  riff.insert(riff.end(), {static_cast<std::uint8_t>(inner.size()), 0, 0, 0});
  const Bytes data = join({riff, inner});
  CHECK(music_of(parse_smf(data), 0).tracks.size() == 1);
  riff[8] = 'W';
  CHECK(complaint(join({riff, inner})).find("RMID") != std::string::npos);
}

TEST_CASE("an escape holds any bytes and does not disturb what follows") {
  const Bytes data = file(join({{0, 0xF7, 2, 0xF3, 1}, kNote}));
  const SmfMusic music = music_of(parse_smf(data), 0);
  CHECK(music.tracks[0].notes.size() == 1);
  CHECK(music.events.data == Bytes{0xF7, 0xF3, 1});
}

TEST_CASE("a written chunk reads back as it was") {
  SmfPart part;
  part.channel = 2;
  part.program = 7;
  part.notes = {{0, 10, 60, 80, 64}, {10, 10, 61, 81, 1}};
  part.ticks = {5};
  part.starts = {0, 3};
  part.data = {0xB9, 64, 127};  // the part's channel replaces the message's
  const SmfOutChunk out{{part}, 20};
  const Bytes data = write_smf(1, 96, std::span(&out, 1));
  const SmfMusic music = music_of(parse_smf(data), 0);
  REQUIRE(music.tracks.size() == 1);
  CHECK(music.tracks[0].program == 7);
  CHECK(music.tracks[0].notes ==
        std::vector<NoteRow>{{60, 80, 0, 10, 0, 64}, {61, 81, 10, 0, 0, 1}});
  CHECK(music.tracks[0].events.data == Bytes{0xC2, 7, 0xB2, 64, 127});
  CHECK(music.ends == std::vector<std::int64_t>{20});
}

TEST_CASE("values that no file can hold are refused") {
  const auto refused = [](const SmfPart& part) {
    const SmfOutChunk out{{part}, -1};
    CHECK_THROWS_AS(write_smf(1, 96, std::span(&out, 1)), BadScore);
  };
  SmfPart part;
  part.channel = 0;
  part.notes = {{0, 1, 128, 80, 64}};
  refused(part);
  part.notes = {{0, 1, 60, 200, 64}};
  refused(part);
  part.notes = {{0x10000000, 0x10000001, 60, 80, 64}};
  refused(part);
  part.notes = {};
  part.ticks = {0};
  for (const Bytes& message :
       {Bytes{}, Bytes{60}, Bytes{0x90, 60}, Bytes{0xB0, 1, 200}, Bytes{0xFF}, Bytes{0xFF, 0x2F}}) {
    part.data = message;
    part.starts = {0, static_cast<std::int64_t>(message.size())};
    refused(part);
  }
}

TEST_CASE("left-over note events never change other notes") {
  SmfPart part;
  part.channel = 0;
  part.notes = {{0, 10, 60, 80, 64}};
  part.starts = {0, 3, 6};
  part.data = {0x80, 60, 0, 0x90, 60, 1};  // a stray inside the note, a note never closed
  part.ticks = {5, 20};
  const SmfOutChunk out{{part}, -1};
  const Bytes data = write_smf(1, 96, std::span(&out, 1));
  const SmfMusic music = music_of(parse_smf(data), 0);
  CHECK(music.tracks[0].notes == std::vector<NoteRow>{{60, 80, 0, 10, 0, 64}});
  CHECK(music.tracks[0].events.data == Bytes{0x90, 60, 1});
}

TEST_CASE("mutated files are read or refused") {
  const Bytes seed = join({header(2),
                           chunk("MTrk", {0, 0xFF, 0x58, 4, 3, 2, 24, 8, 0, 0xFF, 0x51, 3, 7, 0xA1,
                                          0x20, 0, 0xFF, 0x2F, 0}),
                           chunk("MTrk", join({{0, 0xC0, 5, 0, 0xF0, 2, 1, 0xF7}, kNote, kNote}))});
  std::mt19937 random(7);
  int read = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes data = seed;
    for (unsigned i = 0; i <= random() % 3; ++i) {
      data[random() % data.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 4 == 0) data.resize(random() % data.size());
    for (const int resolution : {0, 480}) {
      try {
        read += music_of(parse_smf(data), resolution).tracks.empty() ? 0 : 1;
      } catch (const BadFile&) {
      }
    }
  }
  CHECK(read > 1000);
}

}  // namespace
}  // namespace descant
