#include "catalog/node.h"

#include <algorithm>

#include "json/pointer.h"

namespace weir::catalog {

Location Node::location() const {
  const Layer& layer = layers_.back();
  const json::Place place = layer.value->place();
  return {layer.file->path, place.line != 0 ? place : layer.name_place, pointer_};
}

Location Node::name_location() const {
  const Layer& layer = layers_.back();
  return {layer.file->path, layer.name_place.line != 0 ? layer.name_place : layer.value->place(),
          pointer_};
}

Node Node::child(std::string_view name) const {
  std::vector<Layer> found;
  for (const Layer& layer : layers_) {
    const json::Member* member = layer.value->find_member(name);
    if (member == nullptr) continue;
    // Only objects merge; anything else hides what lies below.
    if (!member->value.is_object() || (!found.empty() && !found.back().value->is_object())) {
      found.clear();
    }
    found.push_back({layer.file, &member->value, member->place});
  }
  std::string pointer = pointer_;
  // A name that could be a slipped value is not shown, in the pointer neither.
  json::append_token(pointer, confidential_ && !looks_like_a_name(name) ? "…" : name);
  return Node(std::move(found), std::move(pointer), confidential_);
}

std::vector<std::pair<std::string_view, Node>> Node::members() const {
  std::vector<std::pair<std::string_view, Node>> out;
  std::vector<std::string_view> seen;
  for (const Layer& layer : layers_) {
    if (!layer.value->is_object()) continue;
    for (const json::Member& member : layer.value->members()) {
      if (layers_.size() > 1) {
        if (std::find(seen.begin(), seen.end(), member.name) != seen.end()) continue;
        seen.push_back(member.name);
      }
      out.emplace_back(member.name, child(member.name));
    }
  }
  return out;
}

std::vector<Node> Node::items() const {
  std::vector<Node> out;
  if (!tree().is_array()) return out;
  std::size_t i = 0;
  for (const json::Value& item : tree().items()) {
    out.push_back(Node({{layers_.back().file, &item, {}}}, fmt::format("{}/{}", pointer_, i++),
                       confidential_));
  }
  return out;
}

std::string Node::json() const {
  std::string out;
  write(out);
  return out;
}

void Node::write(std::string& out) const {
  if (layers_.size() == 1 || !tree().is_object()) return json::write(tree(), out);
  out += '{';
  bool first = true;
  for (const auto& [name, node] : members()) {
    if (!first) out += ',';
    first = false;
    json::write_string(name, out);
    out += ':';
    node.write(out);
  }
  out += '}';
}

}  // namespace weir::catalog
