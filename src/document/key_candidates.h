// Which locations of some documents could be their key: scalars of one type that no document lacks
// and whose values differ in all of them, alone or as a pair. A proposal only: what is unique in a
// sample need not be in the data, so names that people give to keys count more than values.
//
// Memory is bounded: 64-bit digests of values, at most kKeyLocationsMax of the first
// kKeyDocumentsMax documents. Documents beyond are still looked at for locations that they lack.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "json/value.h"

namespace weir::document {

inline constexpr std::size_t kKeyLocationsMax = 64;       // the first that a document has
inline constexpr std::size_t kKeyDocumentsMax = 100'000;  // compared with each other
inline constexpr std::size_t kKeyTextBytesMax = 512;      // a location with a longer text is none
inline constexpr std::size_t kKeyLocationDepthMax = 4;    // members deep
inline constexpr std::size_t kKeyPairLocationsMax = 12;   // the best, tried as pairs

class KeyCandidates {
 public:
  // Nothing of the document is kept. Members of `_meta` are never candidates.
  void add(const json::Value& document);

  std::uint64_t documents() const { return documents_; }
  std::uint64_t compared() const;  // documents whose values were compared

  // JSON pointers of the best key, one or two; empty: nothing is unique. `admits`, if given, may
  // rule locations out.
  std::vector<std::string> best(
      const std::function<bool(const std::string& pointer)>& admits = {}) const;

 private:
  struct Location {
    std::string pointer;
    std::string name;
    std::size_t depth = 0;
    bool text = false;        // else an integer
    std::uint64_t count = 0;  // of documents that have it
    std::size_t longest = 0;
    bool looks_like_time = true;
    std::vector<std::uint64_t> digests;  // of the first documents, one each
  };
  void discover(const json::Value& object, std::string& pointer, std::size_t depth);
  void take(Location& location, const json::Value* value);
  enum class As { kAlone, kOneOfTwo };
  static int rank(const Location& location, As as);
  std::vector<const Location*> ranked(As as) const;

  std::vector<Location> locations_;
  std::uint64_t documents_ = 0;
};

}  // namespace weir::document
