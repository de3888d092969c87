#include "journal/csv.h"

#include <algorithm>

#include "base/text.h"
#include "json/events.h"
#include "json/number.h"
#include "json/value.h"

namespace weir::journal {
namespace {

using document::Types;

std::string_view as_boolean(std::string_view cell) {
  if (cell == "true" || cell == "TRUE" || cell == "True") return "true";
  if (cell == "false" || cell == "FALSE" || cell == "False") return "false";
  return {};
}

std::string as_text(std::string_view cell) {
  std::string out;
  json::write_string(cell, out);
  return out;
}

// On one line: white space outside of its texts may hold newlines.
std::string as_container(std::string_view cell) {
  const auto tree = json::parse_tree(cell, json::Duplicates::kRefuse);
  return tree ? json::to_text(tree->root) : std::string();
}

}  // namespace

std::string csv_value(std::string_view cell, Types types) {
  if (types.has(Types::kString)) return as_text(cell);
  if (types.has(Types::kInteger) || types.has(Types::kFractional)) {
    if (json::is_number_text(cell)) return std::string(cell);
  }
  if (types.has(Types::kBoolean)) {
    if (const std::string_view word = as_boolean(cell); !word.empty()) return std::string(word);
  }
  if ((types.has(Types::kObject) && cell.starts_with('{')) ||
      (types.has(Types::kArray) && cell.starts_with('['))) {
    if (std::string value = as_container(cell); !value.empty()) return value;
  }
  return as_text(cell);
}

Error CsvReader::at(std::uint64_t line, std::uint64_t column, std::string message) const {
  return Error{Code::kInvalid, fmt::format("{}:{}: {}", line, column, message)};
}

Status CsvReader::add(std::string_view& piece, std::string& out) {
  while (!piece.empty() && out.size() < kCsvOutBytes) {
    const char c = piece.front();
    piece.remove_prefix(1);
    WEIR_RETURN_IF_ERROR(take(c, out));
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
  }
  return {};
}

Status CsvReader::finish(std::string& out) {
  if (state_ == State::kQuoted)
    return tl::unexpected(
        at(cell_.line, cell_.column, "the quoted cell that begins here does not end"));
  if (state_ != State::kCellStart || !row_.empty()) {
    end_cell();
    WEIR_RETURN_IF_ERROR(end_row(out));
  }
  // One word and nothing else is more likely a mistake than a table.
  if (has_rows_ || names_.size() != 1) return {};
  return tl::unexpected(at(1, 1, "neither a JSON object, nor an array of them, nor a table"));
}

Status CsvReader::take(char c, std::string& out) {
  if (++row_bytes_ > kCsvRowBytesMax)
    return error(Code::kLimit, "{}:1: a row of more than {} bytes; is a quote left open?",
                 row_line_, kCsvRowBytesMax);
  switch (state_) {
    case State::kCarriageReturn:
      if (c != '\n')
        return tl::unexpected(at(line_, column_, "a carriage return that ends no line"));
      return end_row(out);
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        cell_.text += c;
      }
      return {};
    case State::kQuoteInQuoted:
      if (c == '"') {
        cell_.text += c;
        state_ = State::kQuoted;
        return {};
      }
      break;
    case State::kCellStart:
      cell_ = {{}, c == '"', line_, column_};
      if (c == '"') {
        state_ = State::kQuoted;
        return {};
      }
      state_ = State::kPlain;
      break;
    case State::kPlain: break;
  }
  // Outside of quotes. What stands behind the first name, if that is quoted, separates.
  const bool first_name = state_ == State::kQuoteInQuoted && !has_header_ && row_.empty();
  if (first_name && (c == ';' || c == '\t')) separator_ = c;
  if (c == separator_) {
    end_cell();
    state_ = State::kCellStart;
    return {};
  }
  if (c == '\n') {
    end_cell();
    return end_row(out);
  }
  if (c == '\r') {
    end_cell();
    state_ = State::kCarriageReturn;
    return {};
  }
  if (state_ == State::kQuoteInQuoted)
    return tl::unexpected(at(line_, column_, "text behind a closing quote"));
  if (c == '"' && opens_a_later_name()) return {};
  if (c == '"')
    return tl::unexpected(at(line_, column_,
                             "a quote inside a cell that is not quoted; write the cell in quotes, "
                             "and the quote twice"));
  cell_.text += c;
  return {};
}

// Before a separator, a line end, or the end of the input.
void CsvReader::end_cell() {
  if (state_ == State::kCarriageReturn) return;
  if (state_ == State::kCellStart) cell_ = {{}, false, line_, column_};
  row_.push_back(std::move(cell_));
  cell_ = {};
}

Status CsvReader::end_row(std::string& out) {
  state_ = State::kCellStart;
  const std::uint64_t newlines = line_ - row_line_ + 1;
  const bool blank = row_.size() == 1 && row_[0].text.empty() && !row_[0].quoted;
  if (!blank) {
    if (has_header_) {
      WEIR_RETURN_IF_ERROR(write_row(out));
    } else {
      WEIR_RETURN_IF_ERROR(take_header());
    }
  }
  out.append(newlines, '\n');
  row_.clear();
  row_bytes_ = 0;
  row_line_ = line_ + 1;
  return {};
}

// A quote behind names without one, as in `id;"na;me"`: what it follows separates.
bool CsvReader::opens_a_later_name() {
  const std::string& text = cell_.text;
  if (has_header_ || !row_.empty() || (!text.ends_with(';') && !text.ends_with('\t'))) return false;
  separator_ = text.back();
  split_names(cell_);
  cell_ = {{}, true, line_, column_};
  row_.pop_back();  // the one that begins here
  state_ = State::kQuoted;
  return true;
}

// A header of one cell may be one that something else than a comma separates.
void CsvReader::find_separator() {
  if (row_.size() != 1 || row_[0].quoted) return;
  const Cell whole = row_[0];
  const char found = whole.text.find('\t') != std::string::npos  ? '\t'
                     : whole.text.find(';') != std::string::npos ? ';'
                                                                 : ',';
  if (found == ',') return;
  separator_ = found;
  row_.clear();
  split_names(whole);
}

void CsvReader::split_names(const Cell& whole) {
  std::uint64_t column = whole.column;
  for (const std::string_view part : split(whole.text, separator_)) {
    row_.push_back({std::string(part), false, whole.line, column});
    column += part.size() + 1;
  }
}

Status CsvReader::take_header() {
  find_separator();
  if (row_.size() > kCsvColumnsMax)
    return tl::unexpected(
        at(row_line_, 1,
           fmt::format("{} columns, where {} are possible", row_.size(), kCsvColumnsMax)));
  std::vector<std::string_view> seen;
  for (const Cell& cell : row_) {
    if (cell.text.empty())
      return tl::unexpected(
          at(cell.line, cell.column, "the header has a column without a name; write one there"));
    if (!valid_utf8(cell.text))
      return tl::unexpected(at(cell.line, cell.column,
                               "the text is not UTF-8; iconv -f latin1 -t utf-8 may mend it"));
    if (std::find(seen.begin(), seen.end(), cell.text) != seen.end())
      return tl::unexpected(
          at(cell.line, cell.column,
             fmt::format("the header has \"{}\" twice; rename one of them", cell.text)));
    seen.push_back(cell.text);
    column_types_.push_back(types_ ? types_(cell.text) : Types::any());
    names_.push_back(as_text(cell.text) + ":");
  }
  has_header_ = true;
  return {};
}

Status CsvReader::write_row(std::string& out) {
  if (row_.size() != names_.size()) {
    const bool more = row_.size() > names_.size();
    const Cell& cell = more ? row_[names_.size()] : row_.back();
    return tl::unexpected(at(cell.line, cell.column,
                             fmt::format("the row has {} cell{}, where the header has {}",
                                         row_.size(), row_.size() == 1 ? "" : "s", names_.size())));
  }
  has_rows_ = true;
  out += '{';
  bool first = true;
  for (std::size_t i = 0; i < row_.size(); ++i) {
    const Cell& cell = row_[i];
    if (cell.text.empty() && !cell.quoted) continue;
    if (!valid_utf8(cell.text))
      return tl::unexpected(at(cell.line, cell.column,
                               "the text is not UTF-8; iconv -f latin1 -t utf-8 may mend it"));
    if (!first) out += ',';
    first = false;
    out += names_[i];
    out += csv_value(cell.text, column_types_[i]);
  }
  out += '}';
  return {};
}

}  // namespace weir::journal
