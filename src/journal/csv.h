// CSV with a header as JSON objects: RFC 4180's quoting, rows ended by LF or CRLF. The separator is
// the comma; a header without one may have tabs or semicolons instead.
//
// A cell that is empty and not quoted is absent. Which JSON value another one is, is up to its
// column's type:
//
// - text is admitted: the text as it stands, white space included;
// - else integer or number: the number, where the cell is one as JSON writes it;
// - else boolean: true and false, also TRUE, True, FALSE, False;
// - else object or array: the JSON that the cell holds;
// - what fits none of these stays a text, for the collection's schema to refuse with its place.
//
// Blank rows are passed over. Refused, with "LINE:COLUMN: ": a row of more or fewer cells than the
// header, a name that is empty or stands twice, a quote inside a cell that is not quoted, text
// behind a closing quote, a cell that does not end, text that is not UTF-8, and a header of one
// column without any row.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/shape.h"

namespace weir::journal {

inline constexpr std::size_t kCsvColumnsMax = 4096;
inline constexpr std::size_t kCsvRowBytesMax = 32u << 20;
// So much JSON is made at a time, and what is left of one row: names of columns may be long, and
// rows short.
inline constexpr std::size_t kCsvOutBytes = 1u << 20;

// The types that the value of a column may have; any() for a column that nothing is known of.
using CsvTypes = std::function<document::Types(std::string_view column)>;

// What a cell without quotes or with them comes to; for tests and for inference.
std::string csv_value(std::string_view cell, document::Types types);

// Takes the table in pieces of any size and gives its rows as JSON. Lines are kept: the object of a
// row begins on the line of the row, and is followed by as many newlines as the row had.
class CsvReader {
 public:
  explicit CsvReader(CsvTypes types) : types_(std::move(types)) {}
  // Takes from the front of `piece` and appends the rows that this completes to `out`, until
  // `piece` is empty or `out` has kCsvOutBytes.
  Status add(std::string_view& piece, std::string& out);
  Status finish(std::string& out);  // at the end of the input

 private:
  enum class State { kCellStart, kPlain, kQuoted, kQuoteInQuoted, kCarriageReturn };
  struct Cell {
    std::string text;
    bool quoted = false;
    std::uint64_t line = 0;
    std::uint64_t column = 0;
  };
  Status take(char c, std::string& out);
  void end_cell();
  Status end_row(std::string& out);
  Status take_header();
  Status write_row(std::string& out);
  bool opens_a_later_name();
  void find_separator();
  void split_names(const Cell& whole);
  Error at(std::uint64_t line, std::uint64_t column, std::string message) const;

  const CsvTypes types_;
  char separator_ = ',';
  bool has_header_ = false;
  bool has_rows_ = false;
  std::vector<std::string> names_;  // of the columns, as JSON texts with quotes and colon
  std::vector<document::Types> column_types_;
  std::vector<Cell> row_;
  Cell cell_;
  State state_ = State::kCellStart;
  std::size_t row_bytes_ = 0;
  std::uint64_t line_ = 1;  // of the next byte
  std::uint64_t column_ = 1;
  std::uint64_t row_line_ = 1;
};

}  // namespace weir::journal
