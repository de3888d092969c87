#include "catalog/node.h"

#include <algorithm>

#include "json/pointer.h"

namespace weir::catalog {

Node Node::top() const {
  Layer layer = layers_.back();
  layer.over = false;
  return Node({std::move(layer)}, confidential_);
}

Location Node::location() const {
  const Layer& layer = layers_.back();
  const json::Place place = layer.value->place();
  return {layer.file->path, place.line != 0 ? place : layer.name_place, layer.pointer};
}

Location Node::name_location() const {
  const Layer& layer = layers_.back();
  return {layer.file->path, layer.name_place.line != 0 ? layer.name_place : layer.value->place(),
          layer.pointer};
}

std::vector<Layer> visible(std::vector<Layer> layers) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const json::Value& value = *layers[i].value;
    const bool merges = (value.is_object() || value.is_array()) && i > first &&
                        layers[i - 1].value->kind() == value.kind();
    if (layers[i].takes_away()) first = i + 1;
    if (!layers[i].takes_away() && !merges) first = i;
  }
  layers.erase(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(first));
  return layers;
}

std::optional<Node> Node::find(std::string_view name, std::optional<json::Kind> kind) const {
  std::vector<Layer> found;
  for (const Layer& layer : layers_) {
    const json::Member* member = layer.value->find_member(name);
    if (member == nullptr) continue;
    const bool takes_away = layer.over && member->value.is_null();
    if (kind && member->value.kind() != *kind && !takes_away) continue;
    std::string pointer = layer.pointer;
    // A name that could be a slipped value is not shown, in the pointer neither.
    json::append_token(pointer, confidential_ && !looks_like_a_name(name) ? "…" : name);
    found.push_back({layer.file, &member->value, member->place, std::move(pointer), layer.over});
  }
  found = visible(std::move(found));
  if (found.empty()) return std::nullopt;
  return Node(std::move(found), confidential_);
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
      if (auto node = child(member.name)) out.emplace_back(member.name, *std::move(node));
    }
  }
  return out;
}

std::vector<Node> Node::items() const {
  std::vector<Node> out;
  if (!tree().is_array()) return out;
  if (likeness_ == nullptr) {
    add_items(layers_.back(), out);
    return out;
  }
  for (const Layer& layer : layers_) {
    std::vector<Node> own;
    add_items(layer, own);
    const std::size_t below = out.size();
    std::vector<bool> met(below, false);
    for (Node& item : own) {
      std::size_t best = below;
      int most = 0;
      for (std::size_t i = 0; i < below; ++i) {
        const int likeness = met[i] ? 0 : likeness_(out[i], item.tree());
        if (likeness > most) best = i;
        most = std::max(most, likeness);
      }
      if (best == below) {
        out.push_back(std::move(item));
        continue;
      }
      met[best] = true;
      out[best].layers_.push_back(item.layers_.front());
    }
  }
  return out;
}

void Node::add_items(const Layer& layer, std::vector<Node>& out) const {
  std::size_t i = 0;
  for (const json::Value& item : layer.value->items()) {
    out.push_back(
        Node({{layer.file, &item, {}, fmt::format("{}/{}", layer.pointer, i++), layer.over}},
             confidential_));
  }
}

std::string Node::json() const {
  std::string out;
  write(out);
  return out;
}

void Node::write(std::string& out) const {
  const bool merged = layers_.size() > 1 || layers_.front().over;
  if (merged && tree().is_array() && likeness_ != nullptr) {
    out += '[';
    bool first = true;
    for (const Node& node : items()) {
      if (!first) out += ',';
      first = false;
      node.write(out);
    }
    out += ']';
    return;
  }
  if (!merged || !tree().is_object()) return json::write(tree(), out);
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
