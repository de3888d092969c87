// The root keeps its own references as they are; a reference that leaves it becomes "#/$defs/NAME",
// and what it names is embedded under that name, with its references rewritten in the same way.
// Embedding by target and not by file keeps whatever else stands in a file, such as credentials,
// out of specifications.
#include "catalog/schema_bundle.h"

#include <algorithm>
#include <memory>

#include "catalog/paths.h"
#include "json/pointer.h"

namespace weir::catalog {
namespace {

constexpr std::string_view kWellKnownScheme = "flow://";

bool is_literal(std::string_view keyword) {  // keywords whose values are data, not schemas
  return keyword == "const" || keyword == "enum" || keyword == "default" || keyword == "examples";
}
// Keywords whose value maps names of the user's to schemas.
bool is_schema_map(std::string_view keyword) {
  return keyword == "properties" || keyword == "patternProperties" || keyword == "$defs" ||
         keyword == "definitions" || keyword == "dependentSchemas";
}
bool is_reference(std::string_view keyword) {
  return keyword == "$ref" || keyword == "$dynamicRef" || keyword == "$recursiveRef";
}
// Keywords that name a place; in an embedded definition nothing refers to them any more.
bool is_name(std::string_view keyword) {
  return keyword == "$id" || keyword == "$anchor" || keyword == "$dynamicAnchor" ||
         keyword == "$recursiveAnchor" || keyword == "$schema";
}

std::string unescaped(std::string_view fragment) {
  std::string out;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < fragment.size(); ++i) {
    const bool escaped = fragment[i] == '%' && i + 2 < fragment.size() &&
                         digit(fragment[i + 1]) >= 0 && digit(fragment[i + 2]) >= 0;
    out += escaped ? static_cast<char>(digit(fragment[i + 1]) * 16 + digit(fragment[i + 2]))
                   : fragment[i];
    if (escaped) i += 2;
  }
  return out;
}

// A JSON pointer as a URI fragment.
std::string fragment_of(std::string_view pointer) {
  constexpr std::string_view kPlain = "-._~!$&'()*+,;=:@/";
  std::string out;
  for (const char c : pointer) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kPlain.find(c) != kPlain.npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

struct Found {
  const json::Value* value = nullptr;
  std::string pointer;
};

// The subschema that says `keyword: text`, depth first. `map`: the names of `value` are the user's.
bool find_named(const json::Value& value, std::string_view keyword, std::string_view text,
                Found& found, bool map = false) {
  if (value.is_object() && !map) {
    const json::Value* name = value.find(keyword);
    if (name != nullptr && name->is_string() && name->as_string() == text) {
      found.value = &value;
      return true;
    }
  }
  const std::size_t length = found.pointer.size();
  const auto descend = [&](std::string_view token, const json::Value& child, bool child_map) {
    json::append_token(found.pointer, token);
    if (find_named(child, keyword, text, found, child_map)) return true;
    found.pointer.resize(length);
    return false;
  };
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      if (!map && is_literal(member.name)) continue;
      if (descend(member.name, member.value, !map && is_schema_map(member.name))) return true;
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      if (descend(fmt::format("{}", i), value.items()[i], false)) return true;
    }
  }
  return false;
}

// One token of the pointer of what is being rewritten, while it is.
class Step {
 public:
  Step(std::string& pointer, std::string_view token) : pointer_(pointer), length_(pointer.size()) {
    json::append_token(pointer_, token);
  }
  ~Step() { pointer_.resize(length_); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  std::string& pointer_;
  const std::size_t length_;
};

json::Value copy_span(json::Arena& arena, const std::vector<json::Member>& members,
                      json::Place place) {
  json::Member* out = arena.array<json::Member>(members.size());
  std::uninitialized_copy(members.begin(), members.end(), out);
  json::Value value = json::Value::object({out, members.size()});
  value.set_place(place);
  return value;
}

}  // namespace

Location BundledSchema::locate(std::string_view pointer) const {
  Location at = location;
  const auto parsed = json::Pointer::parse(pointer);
  if (!parsed) return at;
  const auto& tokens = parsed->tokens();
  std::size_t skip = 0;
  if (tokens.size() >= 2 && tokens[0] == "$defs") {
    if (const auto it = embedded.find(tokens[1]); it != embedded.end()) {
      at = it->second;
      skip = 2;
    }
  }
  // The deepest place that is known, for some values were made here.
  json::Pointer walked;
  for (std::size_t i = 0; i <= tokens.size(); ++i) {
    const json::Value* found = walked.find(value);
    if (found == nullptr) break;
    if (i >= skip && found->place().line != 0) at.place = found->place();
    if (i == tokens.size()) break;
    walked = walked.child(tokens[i]);
    if (i >= skip) json::append_token(at.pointer, tokens[i]);
  }
  return at;
}

std::optional<BundledSchema> SchemaBundler::bundle(const Node& node, const WellKnown& well_known) {
  well_known_ = &well_known;
  named_.clear();
  definitions_.clear();
  BundledSchema out;
  out.location = node.location();
  root_document_ = {&node.file(), &node.tree(), node.pointer()};
  root_pointer_.clear();
  const json::Value* root = &node.tree();
  if (root->is_string()) {
    const auto target =
        resolve(root->as_string(), {&node.file(), &node.file().root, ""}, node.location());
    if (!target) return std::nullopt;
    root_document_ = target->document;
    root_pointer_ = target->pointer;
    root = target->value;
    out.location = location_of(*root, root_document_);
    out.location.pointer += root_pointer_;
  }
  if (!root->is_object() && !root->is_bool()) {
    problems_.add("E203", node.location(), "a schema must be an object, or true or false");
    return std::nullopt;
  }
  root_ = root;
  at_ = root_pointer_;
  const json::Value rewritten = rewrite(*root, root_document_, true);
  std::vector<json::Member> members;
  for (std::size_t i = 0; i < definitions_.size(); ++i) {  // grows while it is walked
    const Definition definition = definitions_[i];
    at_ = definition.pointer;
    const json::Value value = rewrite(*definition.target, definition.document, false);
    members.push_back({arena_.copy(definition.name), value, definition.target->place()});
    Location at = location_of(*definition.target, definition.document);
    at.pointer += definition.pointer;
    out.embedded.emplace(definition.name, std::move(at));
  }
  out.value = with_definitions(rewritten, std::move(members));
  out.json = json::to_text(out.value);
  out.named = named_;
  return out;
}

Location SchemaBundler::location_of(const json::Value& value, const Document& document) const {
  return {document.file->path, value.place(), document.pointer};
}

json::Value SchemaBundler::with_definitions(const json::Value& root,
                                            std::vector<json::Member> definitions) {
  if (definitions.empty() || !root.is_object()) return root;
  std::vector<json::Member> members(root.members().begin(), root.members().end());
  const auto own = std::find_if(members.begin(), members.end(),
                                [](const json::Member& m) { return m.name == "$defs"; });
  if (own == members.end()) {
    members.push_back({"$defs", copy_span(arena_, definitions, {}), {}});
  } else {
    std::vector<json::Member> all(own->value.members().begin(), own->value.members().end());
    all.insert(all.end(), definitions.begin(), definitions.end());
    own->value = copy_span(arena_, all, own->value.place());
  }
  return copy_span(arena_, members, root.place());
}

json::Value SchemaBundler::rewrite(const json::Value& value, const Document& document,
                                   bool is_root) {
  if (value.is_object()) return rewrite_object(value, document, is_root);
  if (!value.is_array()) return value;
  json::Value* items = arena_.array<json::Value>(value.size());
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    const Step step(at_, fmt::format("{}", i));
    std::construct_at(items + i, rewrite(value.items()[i], document, is_root));
  }
  json::Value out = json::Value::array({items, value.size()});
  out.set_place(value.place());
  return out;
}

json::Value SchemaBundler::rewrite_map(const json::Value& value, const Document& document,
                                       bool is_root) {
  if (!value.is_object()) return value;
  std::vector<json::Member> members(value.members().begin(), value.members().end());
  for (json::Member& member : members) {
    const Step step(at_, member.name);
    member.value = rewrite(member.value, document, is_root);
  }
  return copy_span(arena_, members, value.place());
}

json::Value SchemaBundler::rewrite_object(const json::Value& value, const Document& document,
                                          bool is_root) {
  std::vector<json::Member> members;
  for (const json::Member& member : value.members()) {
    const Step step(at_, member.name);
    json::Member next = member;
    if (is_reference(member.name) && member.value.is_string()) {
      const std::string reference = rewrite_reference(member.value, document);
      next.value = json::Value::copied_string(arena_, reference);
      next.value.set_place(member.value.place());
      if (reference != member.value.as_string()) next.name = "$ref";
    } else if (is_schema_map(member.name)) {
      next.value = rewrite_map(member.value, document, is_root);
    } else if (is_name(member.name)) {
      if (!is_root) continue;
    } else if (!is_literal(member.name)) {
      next.value = rewrite(member.value, document, is_root);
    }
    members.push_back(next);
  }
  return copy_span(arena_, members, value.place());
}

std::string SchemaBundler::rewrite_reference(const json::Value& reference,
                                             const Document& document) {
  const std::string_view text = reference.as_string();
  const bool in_root = document == root_document_;
  // Within an inline schema, or a whole file, references to itself stand as they are.
  if (in_root && root_pointer_.empty() && text.starts_with('#')) return std::string(text);
  Found by_id;
  const std::string_view name = text.substr(0, text.find('#'));
  if (in_root && root_pointer_.empty() && !name.empty() &&
      find_named(*document.root, "$id", name, by_id)) {
    if (name.starts_with(kWellKnownScheme)) named_.insert_or_assign(std::string(name), by_id.value);
    return std::string(text);
  }
  Location at = location_of(reference, document);
  at.pointer += at_;
  const auto target = resolve(text, document, at);
  if (!target) return definition_of({{}, nullptr, ""});
  if (target->document == root_document_ &&
      (target->pointer == root_pointer_ || target->pointer.starts_with(root_pointer_ + "/"))) {
    return "#" + fragment_of(std::string_view(target->pointer).substr(root_pointer_.size()));
  }
  return definition_of(*target);
}

// What the document itself calls by that name.
std::optional<SchemaBundler::Document> SchemaBundler::defined(const Document& document,
                                                              std::string_view uri) {
  Found by_id;
  if (find_named(*document.root, "$id", uri, by_id))
    return Document{document.file, by_id.value, document.pointer + by_id.pointer};
  const json::Value* definitions = document.root->find("$defs");
  const json::Value* own = definitions != nullptr ? definitions->find(uri) : nullptr;
  if (own == nullptr || !uri.starts_with(kWellKnownScheme)) return std::nullopt;
  std::string pointer = document.pointer + "/$defs";
  json::append_token(pointer, uri);
  return Document{document.file, own, std::move(pointer)};
}

std::optional<SchemaBundler::Target> SchemaBundler::inside(const Document& document,
                                                           std::string_view fragment) {
  const std::string text = unescaped(fragment);
  if (text.empty() || text.starts_with('/')) {
    const auto pointer = json::Pointer::parse(text);
    const json::Value* value = pointer ? pointer->find(*document.root) : nullptr;
    if (value == nullptr) return std::nullopt;
    return Target{document, value, pointer->text()};
  }
  for (const std::string_view keyword : {"$anchor", "$dynamicAnchor"}) {
    Found found;
    if (find_named(*document.root, keyword, text, found))
      return Target{document, found.value, found.pointer};
  }
  return std::nullopt;
}

std::optional<SchemaBundler::Target> SchemaBundler::resolve(std::string_view reference,
                                                            const Document& document,
                                                            const Location& at) {
  const std::size_t hash = reference.find('#');
  const std::string uri(reference.substr(0, hash));
  const std::string_view fragment =
      hash == std::string_view::npos ? "" : reference.substr(hash + 1);
  const auto nothing = [&](std::string message) {
    problems_.add("E302", at, std::move(message));
    return std::nullopt;
  };
  Document there = document;
  const bool flow = uri.starts_with(kWellKnownScheme);
  if (uri.empty()) {
    // The same document.
  } else if (const auto own = defined(document, uri)) {
    there = *own;
    if (flow) named_.insert_or_assign(uri, own->root);
    // A member of `$defs` is referred to where it stands.
    if (flow && own->root->find("$id") == nullptr) {
      const auto target = inside(there, fragment);
      if (!target) return nothing(fmt::format("the reference \"{}\" leads nowhere", reference));
      const std::string above = there.pointer.substr(document.pointer.size());
      return Target{document, target->value, above + target->pointer};
    }
  } else if (flow) {
    named_.try_emplace(uri, nullptr);
    const auto it = well_known_->find(uri);
    if (it == well_known_->end()) return nothing(fmt::format("there is no schema {}", uri));
    if (!it->second.warning.empty()) problems_.add("W112", at, it->second.warning);
    there = {document.file, &it->second.value, uri};
  } else if (is_remote(uri)) {
    problems_.add("E105", at, fmt::format("the schema {} is not on disk", uri));
    return std::nullopt;
  } else {
    const std::string path = join_path(document.file->folder(), without_file_scheme(uri));
    const SourceFile* file = sources_.open(path, at);
    if (file == nullptr) return std::nullopt;
    there = {file, &file->root, ""};
  }
  auto target = inside(there, fragment);
  if (!target) return nothing(fmt::format("the reference \"{}\" leads nowhere", reference));
  return target;
}

// Letters, digits and "-_." of where it came from: a definition's name never needs escaping in a
// reference.
std::string SchemaBundler::definition_name(const Target& target) const {
  if (target.value == nullptr) return "unresolved";
  const bool named = target.document.pointer.starts_with(kWellKnownScheme);
  std::string from =
      named ? target.document.pointer : target.document.file->path + target.document.pointer;
  from += target.pointer;
  std::string name;
  for (const char c : from) {
    const bool kept = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '_' || c == '.';
    if (kept) name += c;
    if (!kept && !name.empty() && name.back() != '-') name += '-';
  }
  return name.empty() ? "schema" : name;
}

std::string SchemaBundler::definition_of(const Target& target) {
  static const json::Value kTrue = json::Value::boolean(true);
  const json::Value* value = target.value != nullptr ? target.value : &kTrue;
  for (const Definition& definition : definitions_) {
    const bool same = definition.document == target.document || target.value == nullptr;
    const std::string_view rest = target.pointer;
    if (!same || !rest.starts_with(definition.pointer)) continue;
    const std::string_view below = rest.substr(definition.pointer.size());
    if (target.value == nullptr ? definition.target == value
                                : below.empty() || below.front() == '/') {
      return "#/$defs/" + definition.name + fragment_of(below);
    }
  }
  if (definitions_.size() == kEmbeddedMax) {
    problems_.add(
        "E103", location_of(*root_document_.root, root_document_),
        fmt::format("the schema takes more than {} definitions from elsewhere", kEmbeddedMax));
  }
  if (definitions_.size() > kEmbeddedMax) return "#";
  const json::Value* own = root_->find("$defs");
  const std::string base = definition_name(target);
  std::string name = base;
  const auto taken = [&] {
    return (own != nullptr && own->find(name) != nullptr) ||
           std::any_of(definitions_.begin(), definitions_.end(),
                       [&](const Definition& d) { return d.name == name; });
  };
  for (int n = 2; taken(); ++n) name = fmt::format("{}-{}", base, n);
  definitions_.push_back(
      {name, value, target.value != nullptr ? target.document : root_document_, target.pointer});
  return "#/$defs/" + name;
}

}  // namespace weir::catalog
