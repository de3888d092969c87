#include "app/init_sample.h"

#include <unistd.h>

#include <cerrno>
#include <memory>

#include "document/shape_schema.h"
#include "io/file.h"
#include "journal/input.h"
#include "json/events.h"
#include "json/number.h"
#include "json/pointer.h"

namespace weir::app {
namespace {

using document::Types;

const journal::CsvTypes kAllTexts = [](std::string_view) { return Types(Types::kString); };

bool is_integer(std::string_view cell) {
  return json::is_integer_text(cell) && json::to_int64(cell).has_value();
}
bool is_number(std::string_view cell) {
  return json::is_number_text(cell) && json::exact_as_double(cell);
}
bool is_boolean(std::string_view cell) {
  return journal::csv_value(cell, Types::kBoolean).front() != '"';
}

}  // namespace

Status Sample::read(const std::string& name, journal::ByteSource source) {
  journal::DetectedInput found;
  journal::DocumentSourceOptions options;
  options.csv = kAllTexts;
  const journal::ByteSource documents =
      journal::make_document_source(std::move(source), options, &found);
  journal::InputReader reader(documents, name);
  json::Arena arena;
  std::uint64_t bytes = 0;
  std::uint64_t last_line = 0;
  for (;;) {
    WEIR_TRY(const auto document, reader.next());
    if (!document) break;
    if (bytes > kSampleBytesMax || schema_.documents() == kSampleDocumentsMax) {
      cut_short_ = true;
      break;
    }
    bytes += document->text.size();
    lines_ = lines_ && !document->spans_lines && document->line != last_line;
    last_line = document->line;
    arena.reset();
    const auto parsed = json::parse(document->text, arena);
    if (!parsed) {
      const json::Place at = parsed.error().place;
      return tl::unexpected(reader.at(document->line + at.line - 1,
                                      at.line == 1 ? document->column + at.column - 1 : at.column,
                                      Error{Code::kInvalid, parsed.error().message}));
    }
    if (const Status added = add(*parsed, found.format == journal::InputFormat::kCsv); !added)
      return tl::unexpected(reader.at(document->line, document->column, added.error()));
  }
  if (found.format != journal::InputFormat::kObjects) lines_ = false;
  return {};
}

Status Sample::add(const json::Value& document, bool row) {
  schema_.add(document);
  keys_.add(document);
  documents_too_ = documents_too_ || !row;
  if (row) {
    for (const json::Member& cell : document.members()) add_cell(cell);
  }
  return {};
}

void Sample::add_cell(const json::Member& cell) {
  auto column = columns_.find(cell.name);
  if (column == columns_.end()) column = columns_.emplace(cell.name, Column{}).first;
  const std::string_view text = cell.value.as_string();
  column->second.integers = column->second.integers && is_integer(text);
  column->second.numbers = column->second.numbers && is_number(text);
  column->second.booleans = column->second.booleans && is_boolean(text);
}

std::string Sample::schema_json() const {
  if (columns_.empty() || documents_too_) return schema_.schema_json();
  document::Shape root = *schema_.shape();
  for (auto& [name, property] : root.properties) {
    const auto column = columns_.find(name);
    if (column == columns_.end()) continue;
    document::Shape shape = *property;
    if (column->second.integers) {
      shape.types = Types::kInteger;
    } else if (column->second.numbers) {
      shape.types = Types::kInteger | Types::kFractional;
    } else if (column->second.booleans) {
      shape.types = Types::kBoolean;
    }
    if (!shape.types.has(Types::kString)) shape.format.clear();
    property = std::make_shared<const document::Shape>(std::move(shape));
  }
  json::Arena arena;
  return json::to_text(
      document::schema_of_shape(arena, std::make_shared<const document::Shape>(std::move(root))));
}

std::vector<std::string> Sample::proposed_key() const {
  // Fractions are no keys.
  return keys_.best([this](const std::string& pointer) {
    const auto column = columns_.find(std::string_view(pointer).substr(1));
    return column == columns_.end() || column->second.integers || !column->second.numbers;
  });
}

Status Sample::check_key(const std::string& pointer) const {
  WEIR_TRY(const json::Pointer parsed, json::Pointer::parse(pointer));
  document::ShapePtr at = schema_.shape();
  for (const std::string& token : parsed.tokens()) {
    const auto found = at->properties.find(token);
    if (found == at->properties.end() && at->additional != nullptr)
      return error(Code::kInvalid,
                   "an object of more than {} names is taken for a map, and {} is in one",
                   document::kInferredPropertiesMax, pointer);
    if (found == at->properties.end()) return error(Code::kInvalid, "no document has {}", pointer);
    if (!at->required.contains(token))
      return error(Code::kInvalid, "some documents lack {}, and a key is in all of them", pointer);
    at = found->second;
  }
  constexpr unsigned kKeyable = Types::kInteger | Types::kString | Types::kBoolean;
  if (parsed.tokens().empty() || !at->types.only(kKeyable))
    return error(Code::kInvalid, "{} is not always a text, an integer or a boolean, as keys are",
                 pointer.empty() ? "the document" : pointer);
  return {};
}

std::string name_of_input(const std::string& file) {
  return file == "-" ? "standard input" : file;
}

Result<journal::ByteSource> open_byte_source(const std::string& file) {
  const std::string name = name_of_input(file);
  auto opened = std::make_shared<io::File>();
  if (file != "-") {
    WEIR_TRY(*opened, io::File::open(file, io::File::Open::kRead));
  }
  return [opened, name](std::span<char> out) -> Result<std::size_t> {
    const int descriptor = opened->is_open() ? opened->descriptor() : STDIN_FILENO;
    for (;;) {
      const ssize_t got = ::read(descriptor, out.data(), out.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return tl::unexpected(io::errno_error(errno, "cannot read " + name));
    }
  };
}

}  // namespace weir::app
