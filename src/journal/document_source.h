// Input in the formats that people have, made into what InputReader takes apart: JSON objects,
// separated by white space. Told by content alone, never by a name:
//
// - gzip and zstd, by their first bytes, are made plain first.
// - JSON lines, or objects separated by any white space, pass as they are.
// - One JSON array: its brackets and the commas between its items become blanks, so every line and
//   column of it stays where it was.
// - Anything else that is text is CSV with a header (csv.h), if `csv` is given: each row becomes an
//   object on the line where the row begins.
//
// A byte order mark is taken off. Memory is bounded by one read, or one row. What comes out can be
// longer than what went in, compressed or not: each row of a table repeats the names of its
// columns.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "journal/append.h"
#include "journal/csv.h"
#include "journal/fragment.h"

namespace weir::journal {

enum class InputFormat { kUnknown, kObjects, kArray, kCsv };
std::string_view name_of(InputFormat format);  // "JSON", "a JSON array", "CSV"

struct DocumentSourceOptions {
  // The types of columns; empty: CSV is left to the reader of documents, which refuses it.
  CsvTypes csv;
  std::uint64_t bytes_max = UINT64_MAX;  // of what comes out; beyond it kLimit
  bool decompress = true;  // false: compressed streams are left to the reader of documents as well
};

// What was found out, once the first bytes were read.
struct DetectedInput {
  InputFormat format = InputFormat::kUnknown;  // kUnknown: nothing but white space
  Compression compression = Compression::kNone;
};

// kInvalid with "LINE:COLUMN: …" for an array or a table that is none; kCorrupt for a
// compressed stream that is damaged or cut off. `detected`, if given, must outlive the source.
ByteSource make_document_source(ByteSource input, const DocumentSourceOptions& options = {},
                                DetectedInput* detected = nullptr);

// By the first bytes of a content. kInvalid for UTF-16, and for some files that are packed in
// another way, with what to do.
Status check_encoding(std::string_view first_bytes);
Compression detect_compression(std::string_view first_bytes);

}  // namespace weir::journal
