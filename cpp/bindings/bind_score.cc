#include <pybind11/stl.h>

#include <memory>

#include "arrays.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

constexpr py::ssize_t kTrackColumns = 3;  // program, drum, number of bars
constexpr py::ssize_t kBarColumns = 4;    // numerator, denominator, future, number of notes

using Attributes = std::vector<std::map<std::string, int>>;

// The next `count` rows of a table, or BadScore when it has fewer.
py::ssize_t advance(py::ssize_t& next, py::ssize_t count, const IntArray& table, const char* what) {
  if (count < 0 || count > table.shape(0) - next)
    throw BadScore(std::string("a score says it has more ") + what + " than the table holds");
  const py::ssize_t begin = next;
  next += count;
  return begin;
}

Score score_from(int resolution, int tempo, const IntArray& tracks, const IntArray& bars,
                 const IntArray& notes, const Attributes& attributes) {
  require_rows(tracks, kTrackColumns, "tracks");
  require_rows(bars, kBarColumns, "bars");
  require_rows(notes, kNoteColumns, "notes");
  Score score;
  score.resolution = resolution;
  score.tempo = tempo;
  py::ssize_t next_bar = 0;
  py::ssize_t next_note = 0;
  for (py::ssize_t t = 0; t < tracks.shape(0); ++t) {
    Track& track = score.tracks.emplace_back();
    track.program = tracks.at(t, 0);
    track.drum = tracks.at(t, 1) != 0;
    if (static_cast<std::size_t>(t) < attributes.size())
      track.attributes = attributes[static_cast<std::size_t>(t)];
    const py::ssize_t first = advance(next_bar, tracks.at(t, 2), bars, "bars");
    for (py::ssize_t b = first; b < next_bar; ++b) {
      if (bars.at(b, 0) < 1 || bars.at(b, 1) < 1)
        throw BadScore("a meter of " + std::to_string(bars.at(b, 0)) + "/" +
                       std::to_string(bars.at(b, 1)) + " has no length");
      const py::ssize_t begin = advance(next_note, bars.at(b, 3), notes, "notes");
      track.bars.push_back(
          {notes_from(notes, begin, next_note), bars.at(b, 0), bars.at(b, 1), bars.at(b, 2) != 0});
    }
  }
  return score;
}

py::ssize_t bar_total(const Score& score) {
  std::size_t total = 0;
  for (const Track& track : score.tracks) total += track.bars.size();
  return static_cast<py::ssize_t>(total);
}

IntArray track_table(const Score& score) {
  IntArray table({static_cast<py::ssize_t>(score.tracks.size()), kTrackColumns});
  std::int32_t* row = table.mutable_data();
  for (const Track& track : score.tracks) {
    *row++ = track.program;
    *row++ = track.drum ? 1 : 0;
    *row++ = static_cast<std::int32_t>(track.bars.size());
  }
  return table;
}

IntArray bar_table(const Score& score) {
  IntArray table({bar_total(score), kBarColumns});
  std::int32_t* row = table.mutable_data();
  for (const Track& track : score.tracks)
    for (const Bar& bar : track.bars) {
      *row++ = bar.numerator;
      *row++ = bar.denominator;
      *row++ = bar.future ? 1 : 0;
      *row++ = static_cast<std::int32_t>(bar.notes.size());
    }
  return table;
}

IntArray note_table(const Score& score) {
  std::size_t total = 0;
  for (const Track& track : score.tracks)
    for (const Bar& bar : track.bars) total += bar.notes.size();
  IntArray table({static_cast<py::ssize_t>(total), kNoteColumns});
  std::int32_t* row = table.mutable_data();
  for (const Track& track : score.tracks)
    for (const Bar& bar : track.bars)
      for (const Note& note : bar.notes) {
        write_note(note, row);
        row += kNoteColumns;
      }
  return table;
}

Track& track_at(Score& score, int track) {
  if (track < 0 || static_cast<std::size_t>(track) >= score.tracks.size())
    throw BadScore("track " + std::to_string(track + 1) + " is not one of the score's " +
                   std::to_string(score.tracks.size()));
  return score.tracks[static_cast<std::size_t>(track)];
}

Bar& bar_at(Score& score, int track, int bar) {
  std::vector<Bar>& bars = track_at(score, track).bars;
  if (bar < 0 || static_cast<std::size_t>(bar) >= bars.size())
    throw BadScore("bar " + std::to_string(bar + 1) + " is not one of track " +
                   std::to_string(track + 1) + "'s " + std::to_string(bars.size()));
  return bars[static_cast<std::size_t>(bar)];
}

void set_bar(Score& score, int track, int bar, const IntArray& notes) {
  require_rows(notes, kNoteColumns, "notes");
  bar_at(score, track, bar).notes = notes_from(notes, 0, notes.shape(0));
}

Attributes attributes_of_tracks(const Score& score) {
  Attributes attributes;
  for (const Track& track : score.tracks) attributes.push_back(track.attributes);
  return attributes;
}

}  // namespace

void register_score(py::module_& module) {
  py::class_<Score, std::shared_ptr<Score>>(module, "Score")
      .def(py::init(&score_from), py::kw_only(), py::arg("resolution"), py::arg("tempo"),
           py::arg("tracks"), py::arg("bars"), py::arg("notes"),
           py::arg("attributes") = Attributes())
      .def_readonly("resolution", &Score::resolution)
      .def_readwrite("tempo", &Score::tempo)
      .def_property_readonly("tracks", &track_table)
      .def_property_readonly("bars", &bar_table)
      .def_property_readonly("notes", &note_table)
      .def_property_readonly("attributes", &attributes_of_tracks)
      .def("copy", [](const Score& score) { return Score(score); })
      .def(
          "bar",
          [](Score& score, int track, int bar) {
            return rows_from(bar_at(score, track, bar).notes);
          },
          py::kw_only(), py::arg("track"), py::arg("bar"))
      .def("set_bar", &set_bar, py::kw_only(), py::arg("track"), py::arg("bar"), py::arg("notes"))
      .def(
          "set_future",
          [](Score& score, int track, int bar, bool future) {
            bar_at(score, track, bar).future = future;
          },
          py::kw_only(), py::arg("track"), py::arg("bar"), py::arg("future"))
      .def(
          "set_attributes",
          [](Score& score, int track, std::map<std::string, int> attributes) {
            track_at(score, track).attributes = std::move(attributes);
          },
          py::kw_only(), py::arg("track"), py::arg("attributes"))
      .def("resampled", &resampled, py::kw_only(), py::arg("resolution"), py::arg("use_delta"),
           py::call_guard<py::gil_scoped_release>())
      .def(
          "windowed",
          [](const Score& score, const std::vector<int>& tracks, int first_bar, int bars) {
            return windowed(score, tracks, first_bar, bars);
          },
          py::kw_only(), py::arg("tracks"), py::arg("first_bar"), py::arg("bars"))
      .def("__eq__", [](const Score& a, const Score& b) { return a == b; });
}

}  // namespace descant::bindings
