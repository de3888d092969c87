// A JSON or YAML file as text with a tree over it: where each scalar stands, so that single values
// can be replaced while comments and layout stay as they were. Also what is needed to take the
// member `sops` out of a map and to put it in.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/events.h"
#include "json/secret_arena.h"
#include "json/value.h"
#include "secrets/sops_value.h"

namespace weir::secrets {

enum class Format { kJson, kYaml };

// Reads one YAML document into a value with places. Its messages must not quote values.
using YamlParser = std::function<tl::expected<json::Value, json::SyntaxError>(std::string_view text,
                                                                              json::Arena& arena)>;

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct ScalarText {
  Span span;
  char style = 0;          // '"', '\'', '|', '>' or, where it is plain, 0
  bool flow = false;       // inside of { } or [ ]
  bool shared = false;     // stands in the tree more than once, by an alias
  bool odd = false;        // what stands there is not what was read: it is left alone
  std::size_t indent = 0;  // that a block below it would need
};

struct Edit {
  Span span;
  Secret text;
};

class TextDocument {
 public:
  // `file` starts the messages. YAML may hold several documents. kInvalid: bad syntax, with place.
  static Result<std::unique_ptr<TextDocument>> parse(std::string_view file, Secret text,
                                                     Format format, const YamlParser& yaml);

  Format format() const { return format_; }
  std::string_view text() const { return text_.reveal(); }
  std::span<const json::Value> roots() const { return roots_; }

  std::size_t offset_of(json::Place place) const;
  // nullptr: null, or not of this document. Names of members are found by their place, too.
  const ScalarText* scalar_at(json::Place place) const;
  // What a scalar is to SOPS: in YAML by its spelling.
  std::optional<Typed> type_of(const json::Value& value, BigIntegers big) const;

  // An edit that puts other text in place of a scalar: an envelope, or a value that was opened.
  // kInvalid where an alias stands for it.
  Result<Edit> replace(const json::Value& scalar, std::string_view envelope) const;
  Result<Edit> replace(const json::Value& scalar, SopsType type, const Secret& text) const;
  Result<Edit> rename(const json::Member& member, std::string_view name) const;
  // Takes the member out, with its lines and its comma.
  Result<Edit> remove(const json::Value& map, std::string_view name) const;
  // Puts a member behind the last one.
  Result<Edit> append(const json::Value& map, std::string_view name,
                      const json::Value& value) const;
  // Another value for an existing member: a container of the same layout.
  Result<Edit> replace_member(const json::Value& map, std::string_view name,
                              const json::Value& value) const;
  // The text with the edits made, their lines ended as those of the file are; edits inside of what
  // is taken out are left. Other edits that overlap are a programmer error.
  Secret edited(std::vector<Edit> edits) const;
  // Some text of the file, for a document of its own.
  std::string_view slice(Span span) const {
    return text().substr(span.begin, span.end - span.begin);
  }

  // Comments of YAML, without those of `sops`: the span starts at the '#'.
  std::vector<Span> comments() const;

 private:
  TextDocument() = default;
  Status parse_parts(std::string_view file, const YamlParser& yaml);
  void index(const json::Value& value, bool flow, std::size_t indent);
  void index_scalar(json::Place place, const json::Value* value, bool flow, std::size_t indent);
  bool is_spelled(const Span& span, std::string_view value) const;
  bool is_flow(const json::Value& container) const;
  std::size_t skip_properties(std::size_t at) const;
  std::size_t null_end(json::Place place) const;
  std::size_t value_end(const json::Value& value) const;
  Span member_lines(const json::Member& member) const;
  Span flow_member(const json::Value& map, std::size_t index) const;
  std::size_t line_start(std::size_t at) const;
  std::string flow_text(const json::Value& value, std::size_t line_of) const;
  std::string unit_of_indent() const;

  Format format_ = Format::kJson;
  Secret text_;
  json::SecretArena arena_;
  std::vector<json::Value> roots_;
  std::vector<std::size_t> lines_;  // offsets of their starts
  std::map<std::pair<std::uint32_t, std::uint32_t>, ScalarText> scalars_;
};

// The format that a file's name tells: JSON for *.json, else YAML.
Format format_of(std::string_view file);

// A string as a YAML scalar: plain where every reader takes it as a string, else in quotes; a block
// below `indent` where it has lines.
Secret yaml_text(std::string_view text, bool flow, std::size_t indent);
// A value as block YAML behind "name:", each line indented by `indent` and ended.
std::string yaml_block(const json::Value& value, std::size_t indent);

}  // namespace weir::secrets
