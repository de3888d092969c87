// Edits of a TextDocument: scalars, names, and whole members.
#include <algorithm>

#include "base/secret_text.h"
#include "secrets/text_document.h"

namespace weir::secrets {
namespace {

tl::unexpected<Error> not_here(json::Place place, std::string_view why) {
  return error(Code::kInvalid, "{}:{}: {}", place.line, place.column, why);
}

Result<const ScalarText*> editable(const TextDocument& document, json::Place place) {
  const ScalarText* scalar = document.scalar_at(place);
  if (scalar == nullptr || scalar->odd)
    return not_here(place, "the value cannot be changed where it stands");
  if (scalar->shared) {
    return not_here(place, "an alias stands for this value; write it out where it is used");
  }
  return scalar;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

Result<Edit> TextDocument::replace(const json::Value& scalar, std::string_view envelope) const {
  WEIR_TRY(const ScalarText* at, editable(*this, scalar.place()));
  const bool quotes = format_ == Format::kJson || at->flow;
  return Edit{at->span, Secret(quotes ? fmt::format("\"{}\"", envelope) : std::string(envelope))};
}

Result<Edit> TextDocument::replace(const json::Value& scalar, SopsType type,
                                   const Secret& plain) const {
  WEIR_TRY(const ScalarText* at, editable(*this, scalar.place()));
  auto opened = json_literal(type, plain);
  if (!opened) return not_here(scalar.place(), opened.error().message);
  Secret literal = *std::move(opened);
  if (format_ == Format::kYaml && type == SopsType::kTime) literal = plain;
  if (format_ == Format::kYaml && type == SopsType::kString) {
    // A block ends its line: what stands behind the value needs it in quotes.
    const std::size_t behind = text().find_first_not_of(" \t\r", at->span.end);
    const bool last = behind == std::string_view::npos || text()[behind] == '\n';
    literal = yaml_text(plain.reveal(), at->flow || !last, at->indent);
  }
  return Edit{at->span, std::move(literal)};
}

Result<Edit> TextDocument::rename(const json::Member& member, std::string_view name) const {
  WEIR_TRY(const ScalarText* at, editable(*this, member.place));
  if (format_ == Format::kYaml && at->style != '"') {
    return Edit{at->span, yaml_text(name, true, 0)};
  }
  SecretText quoted;
  quoted.append_quoted(name);
  return Edit{at->span, quoted.take()};
}

// The lines of a member of a block map, with the end of the last one.
Span TextDocument::member_lines(const json::Member& member) const {
  const std::size_t name = offset_of(member.place);
  const std::size_t column = member.place.column - 1;
  const bool block_list = member.value.is_array() && !is_flow(member.value);
  const std::size_t least = value_end(member.value);
  Span out{line_start(name), name};
  std::size_t at = out.begin;
  bool first = true;
  while (at < text().size()) {
    const std::size_t end = std::min(text().find('\n', at), text().size());
    const std::string_view line = text().substr(at, end - at);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view content = line.substr(indent);
    const bool blank = content.empty() || content == "\r";
    const bool item =
        block_list && indent == column && (content == "-" || content.starts_with("- "));
    if (!first && !blank && indent <= column && !item && at >= least) break;
    first = false;
    if (!blank || at <= least) out.end = std::min(end + 1, text().size());
    at = end + 1;
  }
  return out;
}

// A member of a map in braces, with the comma that goes with it.
Span TextDocument::flow_member(const json::Value& map, std::size_t index) const {
  const auto members = map.members();
  const std::size_t begin = offset_of(members[index].place);
  const std::size_t end = value_end(members[index].value);
  if (index > 0) return {value_end(members[index - 1].value), end};
  if (members.size() > 1) return {begin, offset_of(members[1].place)};
  std::size_t at = end;
  while (at < text().size() && (is_space(text()[at]) || text()[at] == ',')) ++at;
  return {skip_properties(offset_of(map.place())) + 1, at};
}

Result<Edit> TextDocument::remove(const json::Value& map, std::string_view name) const {
  const json::Member* member = map.find_member(name);
  if (member == nullptr) return not_here(map.place(), "the member is not there");
  const auto index = static_cast<std::size_t>(member - map.members().data());
  if (scalar_at(map.place()) != nullptr && scalar_at(map.place())->shared) {
    return not_here(map.place(), "an alias stands for this map; write it out where it is used");
  }
  // A map that is nested in braces is in braces, too.
  const ScalarText* at = scalar_at(member->place);
  if (at == nullptr || at->shared) {
    return not_here(member->place, "an alias stands for this map; write it out where it is used");
  }
  if (at->flow) return Edit{flow_member(map, index), Secret()};
  Span lines = member_lines(*member);
  const std::size_t name_at = offset_of(member->place);
  const bool alone_on_line =
      text().substr(lines.begin, name_at - lines.begin).find_first_not_of(' ') ==
      std::string_view::npos;
  if (!alone_on_line) {
    return not_here(member->place, "put another member before this one in its list item");
  }
  std::string left;
  if (map.members().size() == 1) left = std::string(name_at - lines.begin, ' ') + "{}\n";
  return Edit{lines, Secret(left)};
}

std::string TextDocument::unit_of_indent() const {
  for (std::size_t line = 1; line < lines_.size(); ++line) {
    const std::string_view rest = text().substr(lines_[line]);
    if (rest.starts_with('\t')) return "\t";
    const std::size_t spaces = std::min(rest.find_first_not_of(' '), rest.size());
    if (spaces > 0) return std::string(spaces, ' ');
  }
  return "\t";
}

// JSON, over lines like what stands around it: `line_of` is the offset of the name before it.
std::string TextDocument::flow_text(const json::Value& value, std::size_t line_of) const {
  const std::size_t start = line_start(line_of);
  const std::string_view margin = text().substr(start, line_of - start);
  if (format_ != Format::kJson || margin.find_first_not_of(" \t") != std::string_view::npos) {
    return json::to_text(value);
  }
  // to_pretty_text indents by two spaces; the file has its own unit.
  const std::string unit = unit_of_indent();
  std::string out;
  const std::string pretty = json::to_pretty_text(value);
  bool line_begins = false;
  for (std::size_t i = 0; i + 1 < pretty.size(); ++i) {
    if (line_begins) {
      out += margin;
      for (; pretty.compare(i, 2, "  ") == 0; i += 2) out += unit;
      line_begins = false;
    }
    out += pretty[i];
    line_begins = pretty[i] == '\n';
  }
  return out;
}

Result<Edit> TextDocument::append(const json::Value& map, std::string_view name,
                                  const json::Value& value) const {
  SecretText quoted;
  quoted.append_quoted(name);
  const auto members = map.members();
  if (members.empty()) {
    const std::size_t open = skip_properties(offset_of(map.place()));
    if (open >= text().size() || text()[open] != '{') {
      return not_here(map.place(), "an empty map cannot be encrypted where it stands");
    }
    return Edit{{open + 1, open + 1},
                Secret(fmt::format("{}:{}", quoted.view(), json::to_text(value)))};
  }
  const json::Member& last = members.back();
  const ScalarText* at = scalar_at(last.place);
  if (at == nullptr || at->shared) {
    return not_here(last.place, "an alias stands for this map; write it out where it is used");
  }
  if (!at->flow) {
    const Span lines = member_lines(last);
    const std::size_t column = last.place.column - 1;
    const bool ended = lines.end > 0 && text()[lines.end - 1] == '\n';
    return Edit{{lines.end, lines.end},
                Secret(fmt::format("{}{}{}:{}", ended ? "" : "\n", std::string(column, ' '), name,
                                   yaml_block(value, column + 2)))};
  }
  const std::size_t end = value_end(last.value);
  const std::size_t name_at = offset_of(last.place);
  const std::size_t line = line_start(name_at);
  const std::string_view margin = text().substr(line, name_at - line);
  const bool own_line = line > 0 && margin.find_first_not_of(" \t") == std::string_view::npos;
  const std::string separator = own_line ? fmt::format(",\n{}", margin) : ", ";
  return Edit{{end, end},
              Secret(fmt::format("{}{}: {}", separator, quoted.view(), flow_text(value, name_at)))};
}

Result<Edit> TextDocument::replace_member(const json::Value& map, std::string_view name,
                                          const json::Value& value) const {
  const json::Member* member = map.find_member(name);
  if (member == nullptr) return append(map, name, value);
  const ScalarText* at = scalar_at(member->place);
  if (at == nullptr || at->shared) {
    return not_here(member->place, "an alias stands for this map; write it out where it is used");
  }
  if (at->flow || is_flow(member->value)) {
    return Edit{{skip_properties(offset_of(member->value.place())), value_end(member->value)},
                Secret(flow_text(value, offset_of(member->place)))};
  }
  const Span lines = member_lines(*member);
  return Edit{{at->span.end, lines.end}, Secret(":" + yaml_block(value, member->place.column + 1))};
}

}  // namespace weir::secrets
