#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "descant/error.h"
#include "descant/score.h"

namespace descant::bindings {

// int32 arrays that arrive from Python: converted to C order when they are not.
using IntArray = pybind11::array_t<std::int32_t, pybind11::array::c_style>;

// Columns of a note row at the border.
inline constexpr pybind11::ssize_t kNoteColumns = 5;  // pitch, velocity, onset, duration, delta

// BadScore unless the array has two dimensions and at least `columns` columns.
inline void require_rows(const IntArray& array, pybind11::ssize_t columns, const char* what) {
  if (array.ndim() == 2 && array.shape(1) >= columns) return;
  throw BadScore(std::string(what) + " need an int32 array of shape (n, " +
                 std::to_string(columns) + " or more)");
}

// Rows `begin` to `end` as notes; further columns are left alone.
inline std::vector<Note> notes_from(const IntArray& rows, pybind11::ssize_t begin,
                                    pybind11::ssize_t end) {
  const std::int32_t* row = rows.data() + begin * rows.shape(1);
  std::vector<Note> notes(static_cast<std::size_t>(end - begin));
  for (Note& note : notes) {
    note = {row[0], row[1], row[2], row[3], row[4]};
    row += rows.shape(1);
  }
  return notes;
}

inline void write_note(const Note& note, std::int32_t* row) {
  row[0] = note.pitch;
  row[1] = note.velocity;
  row[2] = note.onset;
  row[3] = note.duration;
  row[4] = note.delta;
}

// (n, 5) rows of notes.
inline IntArray rows_from(std::span<const Note> notes) {
  IntArray rows({static_cast<pybind11::ssize_t>(notes.size()), kNoteColumns});
  std::int32_t* row = rows.mutable_data();
  for (const Note& note : notes) {
    write_note(note, row);
    row += kNoteColumns;
  }
  return rows;
}

inline IntArray array_from(const std::vector<std::int32_t>& values) {
  return IntArray(static_cast<pybind11::ssize_t>(values.size()), values.data());
}

}  // namespace descant::bindings
