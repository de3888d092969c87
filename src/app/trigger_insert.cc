#include "app/trigger_insert.h"

#include <fmt/format.h>

#include "app/secret_parts.h"
#include "secrets/sealed_part.h"

namespace weir::app {
namespace {

using json::Member;
using json::Value;

tl::unexpected<Error> left_alone(const Value& at, std::string_view why) {
  return error(Code::kInvalid, "{}:{}: {}", at.place().line, at.place().column, why);
}

Value object_of(json::Arena& arena, std::string_view name, const Value& value) {
  const Member member[] = {{name, value, {}}};
  return json::deep_copy(arena, Value::object(member));
}

Value list_of(json::Arena& arena, const Value& item) {
  const Value items[] = {item};
  return json::deep_copy(arena, Value::array(items));
}

const Value* materialization_in(const Value& root, std::string_view name) {
  const Value* all = root.is_object() ? root.find("materializations") : nullptr;
  return all != nullptr && all->is_object() ? all->find(name) : nullptr;
}

// JSON over lines, those behind the first indented by `margin` and by the unit that it is made of.
std::string pretty(const Value& value, const std::string& margin) {
  std::string out;
  const std::string text = json::to_pretty_text(value);
  const std::string unit = margin.starts_with('\t') ? "\t" : margin.size() % 4 == 0 ? "    " : "  ";
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    out += text[i];
    if (text[i] != '\n') continue;
    out += margin;
    for (; text.compare(i + 1, 2, "  ") == 0; i += 2) out += unit;
  }
  return out;
}

// A member whose value is null or empty gets one. A comment behind it would end up elsewhere.
Result<secrets::Edit> fill(const secrets::TextDocument& document, const Value& map,
                           std::string_view name, const Value& value) {
  const Member& member = *map.find_member(name);
  const std::size_t begin = document.offset_of(member.place);
  const std::size_t end = std::min(document.text().find('\n', begin), document.text().size());
  const std::string_view line = document.text().substr(begin, end - begin);
  if (document.format() == secrets::Format::kYaml && line.find('#') != std::string_view::npos) {
    return left_alone(map, fmt::format("a comment stands behind the empty \"{}\"", name));
  }
  const secrets::ScalarText* at = document.scalar_at(member.place);
  if (document.format() == secrets::Format::kJson || at == nullptr || at->shared || at->flow)
    return document.replace_member(map, name, value);
  const std::string_view rest =
      document.text().substr(at->span.end, end - at->span.end);  // ": []", ":"
  if (rest.find_first_not_of(":[]{} ~nul\r") != std::string_view::npos)
    return left_alone(map, fmt::format("\"{}\" is empty in a way that is not known", name));
  std::string block = ":" + secrets::yaml_block(value, member.place.column + 1);
  block.pop_back();  // the line's own end stays
  return secrets::Edit{{at->span.end, end - (rest.ends_with('\r') ? 1 : 0)}, Secret(block)};
}

// Puts an item behind the last one of a list, where that one is a map. Something that went into
// that map would stand at its end: before the brace that closes it, or behind its lines.
Result<secrets::Edit> append_item(const secrets::TextDocument& document, const Value& list,
                                  const Value& item) {
  const Value& last = list.items().back();
  if (!last.is_object() || last.size() == 0) return left_alone(last, "the last trigger is no map");
  WEIR_TRY(const secrets::Edit inside, document.append(last, "x", Value()));
  const std::string_view text = document.text();
  const std::size_t begin = document.offset_of(last.place());
  const std::size_t line = text.rfind('\n', begin) + 1;  // npos + 1 is 0
  const std::string margin(text.substr(line, begin - line));
  const bool own_line = margin.find_first_not_of(" \t") == std::string::npos;
  if (text[begin] == '{') {
    const std::size_t end = text.find_first_not_of(" \t\r\n", inside.span.begin);
    if (end == std::string_view::npos || text[end] != '}')
      return left_alone(last, "what ends the last trigger is not known");
    if (document.format() == secrets::Format::kYaml || !own_line)
      return secrets::Edit{{end + 1, end + 1},
                           Secret((own_line ? ",\n" + margin : ", ") + json::to_text(item))};
    return secrets::Edit{{end + 1, end + 1}, Secret(",\n" + margin + pretty(item, margin))};
  }
  const std::size_t dash = text.find_first_not_of(' ', line);
  if (text[dash] != '-' || text.find_first_not_of(' ', dash + 1) != begin)
    return left_alone(last, "the last trigger does not begin on the line of its dash");
  const std::string block = secrets::yaml_block(Value::array({&item, 1}), dash - line);
  const bool ended = inside.span.begin > 0 && text[inside.span.begin - 1] == '\n';
  return secrets::Edit{inside.span, Secret((ended ? "" : "\n") + block.substr(1))};
}

Result<secrets::Edit> edit_of(const secrets::TextDocument& document, const Value& materialization,
                              const Value& item, json::Arena& arena) {
  if (!materialization.is_object()) return left_alone(materialization, "it is no map");
  const Value config = list_of(arena, item);
  const Value* triggers = materialization.find("triggers");
  if (triggers == nullptr)
    return document.append(materialization, "triggers", object_of(arena, "config", config));
  const bool empty = triggers->is_null() || (triggers->is_object() && triggers->size() == 0);
  if (empty) return fill(document, materialization, "triggers", object_of(arena, "config", config));
  if (!triggers->is_object())
    return left_alone(*triggers, "the triggers do not stand here, or are no map");
  if (secrets::is_sealed(*triggers)) {
    return left_alone(*triggers,
                      "the triggers are encrypted; `weir secrets edit` opens them, and the block "
                      "goes in there");
  }
  const Value* list = triggers->find("config");
  if (list == nullptr) return document.append(*triggers, "config", config);
  if (list->is_null() || (list->is_array() && list->size() == 0))
    return fill(document, *triggers, "config", config);
  if (!list->is_array()) return left_alone(*list, "\"config\" is no list");
  return append_item(document, *list, item);
}

// Is `after` the map `before`, but for the member, of which `same` judges?
template <typename Same>
bool same_but(const Value& before, const Value& after, std::string_view name, const Same& same) {
  if (!before.is_object() || !after.is_object()) return false;
  const std::size_t more = before.find(name) == nullptr ? 1 : 0;
  if (after.size() != before.size() + more || after.find(name) == nullptr) return false;
  for (const Member& member : before.members()) {
    const Value* now = after.find(member.name);
    if (now == nullptr) return false;
    if (member.name != name && !json::equal(member.value, *now)) return false;
  }
  static const Value kNothing;
  const Value* was = before.find(name);
  return same(was == nullptr ? kNothing : *was, *after.find(name));
}

bool only_adds(const Value& before, const Value& after, std::string_view materialization,
               const Value& item) {
  const auto list = [&](const Value& was, const Value& now) {
    const std::size_t count = was.is_array() ? was.size() : 0;
    if (!now.is_array() || now.size() != count + 1) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!json::equal(was.items()[i], now.items()[i])) return false;
    }
    return json::equal(now.items().back(), item);
  };
  const auto triggers = [&](const Value& was, const Value& now) {
    return same_but(was.is_object() ? was : Value::object({}), now, "config", list);
  };
  const auto one = [&](const Value& was, const Value& now) {
    return same_but(was, now, "triggers", triggers);
  };
  const auto all = [&](const Value& was, const Value& now) {
    return same_but(was, now, materialization, one);
  };
  return same_but(before, after, "materializations", all);
}

}  // namespace

Result<Secret> with_trigger(const std::string& path, const secrets::TextDocument& document,
                            std::string_view materialization, const json::Value& item) {
  std::size_t found = document.roots().size();
  for (std::size_t i = 0; i < document.roots().size(); ++i) {
    if (materialization_in(document.roots()[i], materialization) == nullptr) continue;
    if (found < document.roots().size())
      return error(Code::kInvalid, "{}: several of its documents have {}", path, materialization);
    found = i;
  }
  if (found == document.roots().size())
    return error(Code::kNotFound, "{}: there is no {} in it", path, materialization);
  const Value& root = document.roots()[found];
  json::Arena arena;
  auto edit = edit_of(document, *materialization_in(root, materialization), item, arena);
  if (!edit) return error(Code::kInvalid, "{}:{}", path, edit.error().message);
  std::vector<secrets::Edit> edits;
  edits.push_back(*std::move(edit));
  Secret text = document.edited(std::move(edits));

  const auto again = parse_document(path, Secret(std::string(text.reveal())));
  const bool sure = again && (*again)->roots().size() == document.roots().size() &&
                    only_adds(root, (*again)->roots()[found], materialization, item);
  if (!sure) {
    return error(Code::kInvalid, "{}: the triggers of {} are laid out in a way that is not known",
                 path, materialization);
  }
  return text;
}

std::string block_to_paste(const json::Value& item) {
  json::Arena arena;
  return "triggers:" + secrets::yaml_block(object_of(arena, "config", list_of(arena, item)), 2);
}

}  // namespace weir::app
