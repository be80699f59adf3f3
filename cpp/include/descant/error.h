#pragma once

#include <stdexcept>
#include <string>

namespace descant {

// Root of every error the core raises on purpose.  Messages name the value given, what is allowed,
// and where (track, bar, token position) when that is known.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class BadFile : public Error {  // a MIDI file or checkpoint that cannot be read
 public:
  using Error::Error;
};

class BadWeights : public Error {  // tensors that are not those of the network they should make
 public:
  using Error::Error;
};

class BadScore : public Error {  // music outside what the file format or the encoder can hold
 public:
  using Error::Error;
};

class BadVocabulary : public Error {  // encoder settings that do not make a vocabulary
 public:
  using Error::Error;
};

class BadRequest : public Error {  // a wish that cannot be met; found late, after checking
 public:
  using Error::Error;
};

class IllegalToken : public Error {  // a token outside the vocabulary or the grammar
 public:
  using Error::Error;
};

class NoLegalToken : public Error {  // constraints left nothing to draw
 public:
  using Error::Error;
};

}  // namespace descant
