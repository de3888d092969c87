// A place of the catalog: a value, or several laid over each other where more than one FLOW file
// says it, with the file and pointer that messages name. Nodes are cheap values over the Sources,
// which must outlive them. Private to this folder.
//
// Objects merge member by member, and null in a file that is laid over others takes a member away
// (RFC 7396). Lists and all else replace what lies below, but for lists that are told by
// merge_items() how their items are known again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/sources.h"

namespace weir::catalog {

struct Layer {
  const SourceFile* file = nullptr;
  const json::Value* value = nullptr;
  json::Place name_place;  // of the member's name; zero where it is no member
  std::string pointer;     // inside the file
  bool over = false;       // of a file that is laid over others: null takes away

  bool takes_away() const { return over && value->is_null(); }
};

// Those that still count: the last one, and what lies below it as long as both are objects, or both
// lists. None if the last one takes away.
std::vector<Layer> visible(std::vector<Layer> layers);

class Node {
 public:
  explicit Node(std::vector<Layer> layers, bool confidential = false)
      : layers_(std::move(layers)), confidential_(confidential) {}
  static Node of_file(const SourceFile& file) { return Node({{&file, &file.root, {}, "", false}}); }

  // The last layer alone, and as it stands there: for what replaces rather than merges.
  Node top() const;
  // Does a file that is laid over others say it, or a part of it?
  bool is_layered() const { return layers_.size() > 1; }
  // Is it said by a file that is laid over others, and by none of those?
  bool is_added() const { return layers_.size() == 1 && layers_.front().over; }
  const std::vector<Layer>& layers() const { return layers_; }

  // The value that counts: the last layer's.
  const json::Value& tree() const { return *layers_.back().value; }
  const SourceFile& file() const { return *layers_.back().file; }
  json::Kind kind() const { return tree().kind(); }
  Location location() const;       // of the value
  Location name_location() const;  // of the member's name, where it has one
  const std::string& pointer() const { return layers_.back().pointer; }
  // Does it lie in `triggers` or in an endpoint's config? Then messages never quote its value.
  bool confidential() const { return confidential_; }
  void make_confidential() { confidential_ = true; }

  std::optional<Node> child(std::string_view name) const { return find(name, std::nullopt); }
  // The member, as the last layers say it that say one of this kind.
  std::optional<Node> child_of_kind(std::string_view name, json::Kind kind) const {
    return find(name, kind);
  }
  // All members by name, in the order in which they first appear.
  std::vector<std::pair<std::string_view, Node>> members() const;
  std::vector<Node> items() const;
  // From now on the items of this list are those of all its layers: an item merges with the one
  // below that `likeness` gives most for, the first of them, and comes last if it gives 0 for all.
  // No two items of one file merge.
  using Likeness = int (*)(const Node& below, const json::Value& above);
  void merge_items(Likeness likeness) { likeness_ = likeness; }
  // The value as compact JSON, layers merged.
  std::string json() const;

 private:
  std::optional<Node> find(std::string_view name, std::optional<json::Kind> kind) const;
  void add_items(const Layer& layer, std::vector<Node>& out) const;
  void write(std::string& out) const;
  std::vector<Layer> layers_;
  bool confidential_;
  Likeness likeness_ = nullptr;
};

}  // namespace weir::catalog
