// Collecting problems while reading, so that one pass reports them all. Private to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/codes.h"
#include "catalog/spec.h"

namespace weir::catalog {

class Problems {
 public:
  // `published`: hold the catalog to the published model, see LoadOptions.
  explicit Problems(bool published = false) : published_(published) {}

  // The severity is that of the code; an empty remedy stands for the code's own. Beyond
  // kProblemsMax only counted.
  void add(std::string_view code, Location location, std::string message, std::string remedy = {});
  // E209 where the catalog is held to the published model. `what`: "\"name\" of a trigger".
  void own(Location location, std::string_view what);
  bool published() const { return published_; }

  std::size_t errors() const { return errors_; }
  std::size_t dropped() const { return dropped_; }
  std::vector<Problem> take() { return std::move(problems_); }

 private:
  const bool published_;
  std::vector<Problem> problems_;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

// A name of the catalog for a message: quoted if it looks like a name. In confidential places a
// slip of the pen can turn a value into a key, so what does not look like a name there is called "a
// member".
std::string quoted_name(std::string_view name, bool confidential);
bool looks_like_a_name(std::string_view text);

}  // namespace weir::catalog
