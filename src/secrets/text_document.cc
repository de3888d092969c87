#include "secrets/text_document.h"

#include <algorithm>

#include "base/check.h"
#include "base/secret_text.h"
#include "base/text.h"
#include "secrets/scalar_end.h"
#include "secrets/sops_stanza.h"

namespace weir::secrets {
namespace {

std::pair<std::uint32_t, std::uint32_t> key_of(json::Place place) {
  return {place.line, place.column};
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool starts_document(std::string_view line) {
  return line.starts_with("---") && (line.size() == 3 || is_blank(line[3]));
}

}  // namespace

Format format_of(std::string_view file) {
  return file.ends_with(".json") ? Format::kJson : Format::kYaml;
}

Result<std::unique_ptr<TextDocument>> TextDocument::parse(std::string_view file, Secret text,
                                                          Format format, const YamlParser& yaml) {
  std::unique_ptr<TextDocument> out(new TextDocument());
  out->format_ = format;
  out->text_ = std::move(text);
  out->lines_.push_back(0);
  for (std::size_t i = 0; i < out->text().size(); ++i) {
    if (out->text()[i] == '\n') out->lines_.push_back(i + 1);
  }
  WEIR_RETURN_IF_ERROR(out->parse_parts(file, yaml));
  for (const json::Value& root : out->roots_) out->index(root, false, 0);
  return out;
}

Status TextDocument::parse_parts(std::string_view file, const YamlParser& yaml) {
  const auto bad = [&](const json::SyntaxError& e) {
    return error(Code::kInvalid, "{}:{}:{}: {}", file, e.place.line, e.place.column, e.message);
  };
  if (format_ == Format::kJson) {
    auto value = arena_.parse(text());
    if (!value) return bad(value.error());
    roots_.push_back(*value);
    return {};
  }
  // Each document with as many empty lines before it as there are lines, so that places are those
  // of the file.
  arena_.reserve(text().size());
  std::vector<std::size_t> starts{0};
  bool content = false;
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const std::string_view rest = text().substr(lines_[line]);
    const std::string_view now = rest.substr(0, rest.find('\n'));
    if (starts_document(now) && content) starts.push_back(line);
    const std::size_t first = now.find_first_not_of(" \t\r");
    content = content || starts_document(now) ||
              (first != std::string_view::npos && now[first] != '#' && now[0] != '%');
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t begin = lines_[starts[i]];
    const std::size_t end = i + 1 < starts.size() ? lines_[starts[i + 1]] : text().size();
    SecretText part(starts[i] + end - begin + 1);
    part.append(std::string(starts[i], '\n'));
    part.append(text().substr(begin, end - begin));
    auto value = yaml(part.view(), arena_.arena());
    if (!value) return bad(value.error());
    roots_.push_back(*value);
  }
  return {};
}

std::size_t TextDocument::offset_of(json::Place place) const {
  if (place.line == 0 || place.line > lines_.size()) return text().size();
  return std::min(lines_[place.line - 1] + place.column - 1, text().size());
}

std::size_t TextDocument::line_start(std::size_t at) const {
  return *std::prev(std::upper_bound(lines_.begin(), lines_.end(), at));
}

// Anchors and tags stand before what they belong to.
std::size_t TextDocument::skip_properties(std::size_t at) const {
  while (format_ == Format::kYaml && at < text().size() &&
         (text()[at] == '&' || text()[at] == '!')) {
    while (at < text().size() && !is_blank(text()[at])) ++at;
    while (at < text().size() && is_blank(text()[at])) ++at;
  }
  return at;
}

bool TextDocument::is_flow(const json::Value& container) const {
  if (format_ == Format::kJson) return true;
  const std::size_t at = skip_properties(offset_of(container.place()));
  return at < text().size() && (text()[at] == '{' || text()[at] == '[');
}

// White space aside, which is folded in a scalar of several lines.
bool TextDocument::is_spelled(const Span& span, std::string_view value) const {
  const std::string_view spelled = slice(span);
  std::size_t at = 0;
  for (const char c : value) {
    if (is_blank(c)) continue;
    while (at < spelled.size() && is_blank(spelled[at])) ++at;
    if (at == spelled.size() || spelled[at] != c) return false;
    ++at;
  }
  return at == spelled.size();
}

void TextDocument::index_scalar(json::Place place, const json::Value* value, bool flow,
                                std::size_t indent) {
  const auto [found, added] = scalars_.try_emplace(key_of(place));
  ScalarText& scalar = found->second;
  if (!added) {
    scalar.shared = true;
    return;
  }
  scalar.flow = flow;
  scalar.indent = indent;
  const std::size_t at = skip_properties(offset_of(place));
  const char c = at < text().size() ? text()[at] : '\0';
  scalar.span.begin = at;
  if (c == '"' || c == '\'') {
    scalar.style = c;
    scalar.span.end = end_of_quoted(text(), at);
  } else if ((c == '|' || c == '>') && !flow) {
    scalar.style = c;
    scalar.span.end = end_of_block(text(), at);
  } else {
    const bool text_value = value != nullptr && value->is_string();
    scalar.span.end = end_of_plain(text(), at, flow, text_value ? value->as_string().size() : 0);
    scalar.odd = text_value && !is_spelled(scalar.span, value->as_string());
  }
}

void TextDocument::index(const json::Value& value, bool flow, std::size_t indent) {
  switch (value.kind()) {
    case json::Kind::kNull: return;
    case json::Kind::kObject:
      flow = flow || is_flow(value);
      for (const json::Member& member : value.members()) {
        const json::Value name = json::Value::string(member.name);
        index_scalar(member.place, &name, flow, 0);
        index(member.value, flow, member.place.column + 1);
      }
      return;
    case json::Kind::kArray:
      flow = flow || is_flow(value);
      for (const json::Value& item : value.items()) {
        index(item, flow, std::max<std::size_t>(item.place().column, 1) - 1);
      }
      return;
    default: index_scalar(value.place(), &value, flow, indent);
  }
}

const ScalarText* TextDocument::scalar_at(json::Place place) const {
  const auto found = scalars_.find(key_of(place));
  return found == scalars_.end() ? nullptr : &found->second;
}

std::optional<Typed> TextDocument::type_of(const json::Value& value, BigIntegers big) const {
  const ScalarText* scalar = scalar_at(value.place());
  if (format_ == Format::kJson || scalar == nullptr) return typed_json(value, big);
  if (value.is_string() && scalar->style != 0) return typed_json(value, big);
  const std::string_view spelled = slice(scalar->span);
  // A scalar of several lines is no number and no date.
  if (value.is_string() && spelled != value.as_string()) return typed_json(value, big);
  return typed_yaml_scalar(spelled, big);
}

// A null that is not written stands where the next token does: it ends with what is before that.
std::size_t TextDocument::null_end(json::Place place) const {
  std::size_t at = skip_properties(offset_of(place));
  for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
    if (!text().substr(at).starts_with(word)) continue;
    const std::string_view rest = text().substr(at + word.size());
    const char next = rest.empty() ? '\n' : rest[0];
    if (!is_blank(next) && next != ',' && next != ']' && next != '}') continue;
    const std::size_t behind = rest.find_first_not_of(" \t");
    if (behind == std::string_view::npos || rest[behind] != ':') return at + word.size();
  }
  at = offset_of(place);
  while (at > 0 && is_blank(text()[at - 1])) --at;
  return at;
}

std::size_t TextDocument::value_end(const json::Value& value) const {
  if (value.is_null()) return null_end(value.place());
  if (const ScalarText* scalar = scalar_at(value.place());
      scalar != nullptr && !value.is_object() && !value.is_array()) {
    return scalar->span.end;
  }
  std::size_t at = skip_properties(offset_of(value.place()));
  if (value.is_object() || value.is_array()) {
    const bool flow = is_flow(value);
    if (flow) ++at;
    if (value.is_object() && value.size() > 0) at = value_end(value.members().back().value);
    if (value.is_array() && value.size() > 0) at = value_end(value.items().back());
    if (!flow) return at;
    const char close = value.is_object() ? '}' : ']';
    while (at < text().size() && text()[at] != close) {
      const bool comment = text()[at] == '#';
      at = comment ? std::min(text().find('\n', at), text().size()) : at + 1;
    }
    return std::min(at + 1, text().size());
  }
  return at;
}

std::vector<Span> TextDocument::comments() const {
  std::vector<Span> taken;
  for (const auto& [place, scalar] : scalars_) taken.push_back(scalar.span);
  for (const json::Value& root : roots_) {
    const json::Member* stanza = root.find_member(kStanzaName);
    if (stanza != nullptr) taken.push_back(member_lines(*stanza));
  }
  std::sort(taken.begin(), taken.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> out;
  auto next = taken.begin();
  for (std::size_t at = 0; at < text().size(); ++at) {
    while (next != taken.end() && next->begin < at) ++next;
    if (next != taken.end() && next->begin == at && next->end > at) {
      at = next->end - 1;
      continue;
    }
    if (text()[at] != '#' || (at > 0 && !is_blank(text()[at - 1]))) continue;
    std::size_t end = std::min(text().find('\n', at), text().size());
    if (end > at && text()[end - 1] == '\r') --end;
    out.push_back({at, end});
    at = end;
  }
  return out;
}

namespace {

// With the ends of lines that the file has.
void append_lines(std::string_view text, bool crlf, SecretText& out) {
  while (crlf) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    out.append(text.substr(0, end));
    out.append("\r\n");
    text.remove_prefix(end + 1);
  }
  out.append(text);
}

}  // namespace

Secret TextDocument::edited(std::vector<Edit> edits) const {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
  SecretText out(text().size() * 2 + 1024);
  std::size_t at = 0;
  bool removing = false;
  const bool crlf = lines_.size() > 1 && lines_[1] > 1 && text()[lines_[1] - 2] == '\r';
  for (const Edit& edit : edits) {
    // What is taken out needs no edits inside.
    if (removing && edit.span.begin < at && edit.span.end <= at) continue;
    WEIR_CHECK(edit.span.begin >= at && edit.span.end >= edit.span.begin);
    removing = edit.text.empty();
    out.append(text().substr(at, edit.span.begin - at));
    append_lines(edit.text.reveal(), crlf, out);
    at = edit.span.end;
  }
  out.append(text().substr(at));
  return out.take();
}

}  // namespace weir::secrets
