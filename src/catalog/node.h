// A place of the catalog: a value, or several laid over each other where more than one FLOW file
// says it, with the file and pointer that messages name. Nodes are cheap values over the Sources,
// which must outlive them. Private to this folder.
#pragma once

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
};

class Node {
 public:
  Node(std::vector<Layer> layers, std::string pointer, bool confidential = false)
      : layers_(std::move(layers)), pointer_(std::move(pointer)), confidential_(confidential) {}
  static Node of_file(const SourceFile& file) { return Node({{&file, &file.root, {}}}, ""); }

  // The last layer alone: for what replaces rather than merges.
  Node top() const { return Node({layers_.back()}, pointer_, confidential_); }

  // The value that counts: the last layer's.
  const json::Value& tree() const { return *layers_.back().value; }
  const SourceFile& file() const { return *layers_.back().file; }
  json::Kind kind() const { return tree().kind(); }
  Location location() const;       // of the value
  Location name_location() const;  // of the member's name, where it has one
  const std::string& pointer() const { return pointer_; }
  // Does it lie in `triggers` or in an endpoint's config? Then messages never quote its value.
  bool confidential() const { return confidential_; }
  void make_confidential() { confidential_ = true; }

  // All members by name, in the order in which they first appear.
  std::vector<std::pair<std::string_view, Node>> members() const;
  std::vector<Node> items() const;
  // The value as compact JSON, layers merged.
  std::string json() const;

 private:
  Node child(std::string_view name) const;
  void write(std::string& out) const;
  std::vector<Layer> layers_;
  std::string pointer_;
  bool confidential_;
};

}  // namespace weir::catalog
