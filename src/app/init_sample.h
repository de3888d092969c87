// Sample documents of `weir init`: what they are, which schema they have in common, and by what
// they could be told apart.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "document/key_candidates.h"
#include "document/schema_inference.h"
#include "journal/append.h"
#include "journal/document_source.h"

namespace weir::app {

// Of one collection, plain bytes. What lies beyond is not looked at, and that is said.
inline constexpr std::uint64_t kSampleBytesMax = 256u << 20;
inline constexpr std::uint64_t kSampleDocumentsMax = 1'000'000;

// What is learned of one collection, from one input or several.
class Sample {
 public:
  // Reads an input. kInvalid names its line and column.
  Status read(const std::string& name, journal::ByteSource source);

  std::uint64_t documents() const { return schema_.documents(); }
  // More was there than was looked at.
  bool cut_short() const { return cut_short_; }
  // Could all inputs be read where they lie: one JSON object a line?
  bool lines() const { return lines_; }

  std::string schema_json() const;  // of a table, with the types that its columns have
  // JSON pointers; empty: nothing is unique.
  std::vector<std::string> proposed_key() const;
  std::uint64_t compared() const { return keys_.compared(); }
  // kInvalid says why a location cannot be a part of the key.
  Status check_key(const std::string& pointer) const;

 private:
  // Of a column, over all its cells that are not empty.
  struct Column {
    bool integers = true;
    bool numbers = true;
    bool booleans = true;
  };
  Status add(const json::Value& document, bool row);
  void add_cell(const json::Member& cell);

  document::SchemaInference schema_;
  document::KeyCandidates keys_;
  std::map<std::string, Column, std::less<>> columns_;  // of tables
  bool documents_too_ = false;                          // not only rows
  bool lines_ = true;
  bool cut_short_ = false;
};

// Standard input for "-", else a file. Its errors name it.
Result<journal::ByteSource> open_byte_source(const std::string& file);
// How messages call it.
std::string name_of_input(const std::string& file);

}  // namespace weir::app
