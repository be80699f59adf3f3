#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "descant/error.h"
#include "descant/smf.h"
#include "descant/smf_music.h"
#include "descant/smf_writer.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

// Hands a vector's memory to a numpy array of shape (n, columns); read-only, nothing is copied.
template <typename Scalar, typename Row>
py::array rows(std::vector<Row>&& values, py::ssize_t columns) {
  auto* owned = new std::vector<Row>(std::move(values));
  const py::capsule owner(owned, [](void* p) { delete static_cast<std::vector<Row>*>(p); });
  std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(owned->size())};
  if (columns > 1) shape.push_back(columns);
  py::array_t<Scalar> array(shape, reinterpret_cast<const Scalar*>(owned->data()), owner);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

py::object events_object(RawEvents& events) {
  if (events.ticks.empty()) return py::none();
  py::bytes data(reinterpret_cast<const char*>(events.data.data()), events.data.size());
  return py::make_tuple(rows<std::int64_t>(std::move(events.ticks), 1),
                        rows<std::int32_t>(std::move(events.chunks), 1),
                        rows<std::int64_t>(std::move(events.starts), 1), std::move(data));
}

// `before`: notes of earlier tracks in the array that all tracks share.
py::tuple track_tuple(SmfTrack& track, std::int32_t before) {
  py::list bars(track.bars.size());
  for (std::size_t i = 0; i < track.bars.size(); ++i) {
    const BarNotes& bar = track.bars[i];
    bars[i] = py::make_tuple(bar.bar, before + bar.begin, before + bar.end);
  }
  return py::make_tuple(track.chunk, track.channel, track.program, std::move(bars),
                        py::bytes(track.name), events_object(track.events));
}

std::vector<NoteRow> all_notes(const SmfMusic& music) {
  std::vector<NoteRow> notes;
  for (const SmfTrack& track : music.tracks) {
    notes.insert(notes.end(), track.notes.begin(), track.notes.end());
  }
  return notes;
}

py::dict read_smf(const py::bytes& data, int resolution) {
  if (resolution < 0 || resolution > 0x7FFF) {
    throw BadFile("a resolution of " + std::to_string(resolution) + " is outside 1..32767");
  }
  const std::string_view view = data;
  SmfMusic music;
  std::vector<NoteRow> notes;
  {
    const py::gil_scoped_release release;
    const auto* begin = reinterpret_cast<const std::uint8_t*>(view.data());
    music = music_of(parse_smf({begin, view.size()}), resolution);
    notes = all_notes(music);
  }
  py::list bars;
  for (const SmfBar& bar : music.bars) {
    bars.append(py::make_tuple(bar.length, bar.numerator, bar.denominator));
  }
  py::list tracks;
  std::int32_t before = 0;
  for (SmfTrack& track : music.tracks) {
    tracks.append(track_tuple(track, before));
    before += static_cast<std::int32_t>(track.notes.size());
  }
  py::dict result;
  result["format"] = music.format;
  result["division"] = music.division;
  result["resolution"] = music.resolution;
  result["tempo"] = music.tempo;
  result["ends"] = music.ends;
  result["bars"] = std::move(bars);
  result["notes"] = rows<std::int32_t>(std::move(notes), 6);
  result["tracks"] = std::move(tracks);
  result["events"] = events_object(music.events);
  return result;
}

using Int64Array = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

void require(bool ok, const char* what) {
  if (!ok) throw py::value_error(what);
}

void add_notes(SmfPart& part, const Int64Array& notes) {
  require(notes.ndim() == 2 && notes.shape(1) == 5, "notes need the shape (n, 5)");
  const auto view = notes.unchecked<2>();
  part.notes.reserve(static_cast<std::size_t>(view.shape(0)));
  for (py::ssize_t i = 0; i < view.shape(0); ++i) {
    part.notes.push_back({view(i, 0), view(i, 1), static_cast<int>(view(i, 2)),
                          static_cast<int>(view(i, 3)), static_cast<int>(view(i, 4))});
  }
}

void add_events(SmfPart& part, const Int64Array& ticks, const Int64Array& starts,
                const std::string& data) {
  require(ticks.ndim() == 1 && starts.ndim() == 1 && starts.size() == ticks.size() + 1,
          "events need n ticks and n + 1 starts");
  part.ticks.assign(ticks.data(), ticks.data() + ticks.size());
  part.starts.assign(starts.data(), starts.data() + starts.size());
  part.data.assign(data.begin(), data.end());
  const bool ascending = std::is_sorted(part.starts.begin(), part.starts.end());
  const auto size = static_cast<std::int64_t>(part.data.size());
  require(ascending && part.starts.front() >= 0 && part.starts.back() <= size,
          "event starts do not lie inside the data");
}

SmfPart part_from(const py::handle& item) {
  const auto fields = py::cast<py::tuple>(item);
  require(fields.size() == 6, "a part is (channel, program, notes, ticks, starts, data)");
  SmfPart part;
  part.channel = py::cast<int>(fields[0]);
  part.program = py::cast<int>(fields[1]);
  add_notes(part, py::cast<Int64Array>(fields[2]));
  add_events(part, py::cast<Int64Array>(fields[3]), py::cast<Int64Array>(fields[4]),
             py::cast<std::string>(fields[5]));
  require(part.channel >= -1 && part.channel <= 15, "a part's channel is -1..15");
  require(part.channel >= 0 || part.notes.empty(), "notes need a channel");
  return part;
}

py::bytes write_smf_chunks(int format, int division, const py::list& chunks) {
  std::vector<SmfOutChunk> out;
  for (const py::handle item : chunks) {
    const auto fields = py::cast<py::tuple>(item);
    require(fields.size() == 2, "a chunk is (end, parts)");
    SmfOutChunk& chunk = out.emplace_back();
    chunk.end = py::cast<std::int64_t>(fields[0]);
    for (const py::handle part : py::cast<py::list>(fields[1])) {
      chunk.parts.push_back(part_from(part));
    }
  }
  std::vector<std::uint8_t> bytes;
  {
    const py::gil_scoped_release release;
    bytes = write_smf(format, division, out);
  }
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void register_smf(py::module_& module) {
  module.def("read_smf", &read_smf, py::kw_only(), py::arg("data"), py::arg("resolution"),
             "Parts of a score from the bytes of a MIDI file; resolution 0 is the file's own.");
  module.def("write_smf", &write_smf_chunks, py::kw_only(), py::arg("format"), py::arg("division"),
             py::arg("chunks"), "The bytes of a MIDI file from its chunks.");
}

}  // namespace descant::bindings
