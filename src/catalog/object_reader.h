// Reading an object of the catalog member by member: wrong types, missing and unknown members
// become problems, and the reader goes on with defaults. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/node.h"

namespace weir::catalog {

class ObjectReader {
 public:
  // `what` is how messages call the object: "a binding", "the collection \"orders\"". A node that
  // is no object is a problem, and reads as an empty one.
  ObjectReader(const Node& node, std::string what, Problems& problems);

  bool is_object() const { return is_object_; }
  const Node& node() const { return node_; }
  const std::string& what() const { return what_; }

  // The member, whatever it is; null counts as absent unless the member may be null.
  std::optional<Node> any(std::string_view name);
  // The same as the last file has it, whatever the files below say.
  std::optional<Node> whole(std::string_view name);
  // The member if it is of that kind; another kind is a problem.
  std::optional<Node> of_kind(std::string_view name, json::Kind kind);
  std::optional<Node> object(std::string_view name) { return of_kind(name, json::Kind::kObject); }
  std::optional<Node> array(std::string_view name) { return of_kind(name, json::Kind::kArray); }
  std::optional<std::string> text(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::uint32_t> count(std::string_view name);  // 0 … 4294967295
  std::optional<std::chrono::milliseconds> duration(std::string_view name);
  std::optional<std::string> time(std::string_view name);  // RFC 3339
  // The place of a text among `choices`; another text is a problem.
  std::optional<std::size_t> choice(std::string_view name,
                                    std::initializer_list<std::string_view> choices);
  // A member that this build knows of but cannot do.
  void refuse(std::string_view name);
  // Those of these members that are there are weir's own, not the published model's.
  void own(std::initializer_list<std::string_view> names);
  // Names that are known and have no effect.
  void ignore(std::initializer_list<std::string_view> names);
  // Another name of a member: known, but not offered by "did you mean". True if it is there.
  bool has(std::string_view name) const;

  // A problem unless the member is there (of whatever kind). `remedy`: instead of that of the code.
  void require(std::initializer_list<std::string_view> names, std::string_view remedy = {});
  // Every member that was not asked for is unknown. To be called last. `remedy`: as above.
  void finish(std::string_view remedy = {});

  void problem(std::string_view code, const Node& at, std::string message, std::string remedy = {});

 private:
  const Node* find(std::string_view name) const;
  Node node_;
  std::string what_;
  Problems& problems_;
  bool is_object_;
  std::vector<std::pair<std::string_view, Node>> members_;
  std::vector<std::string_view> known_;
};

}  // namespace weir::catalog
