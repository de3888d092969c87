// Walks the nodes of a document and tells them as events, resolving aliases and merge keys on the
// way.
#include "json/host/yaml.h"

#include <algorithm>
#include <unordered_map>

#include "base/secret.h"
#include "json/host/yaml_document.h"
#include "json/host/yaml_scalar.h"

namespace weir::json {
namespace {

constexpr std::string_view kMergeKey = "<<";

class Teller {
 public:
  Teller(YamlDocument& document, Handler& handler) : nodes_(document.nodes), handler_(handler) {}

  bool tell(std::uint32_t index, std::size_t depth) {
    YamlNode& node = nodes_[index];
    if (++told_ > kYamlNodesMax) return too_many(node.place);
    const bool scalar_like = node.kind == YamlNode::Kind::kNull ||
                             node.kind == YamlNode::Kind::kScalar ||
                             node.kind == YamlNode::Kind::kAlias;
    if (!scalar_like && depth >= kDepthMax) return too_deep(node.place);
    switch (node.kind) {
      case YamlNode::Kind::kNull: return told(handler_.null(node.place), node.place);
      case YamlNode::Kind::kScalar: return scalar(node);
      case YamlNode::Kind::kAlias:
        if (nodes_[node.target].open) {
          return fail(node.place, "an alias inside of what it stands for");
        }
        return tell(node.target, depth);
      case YamlNode::Kind::kSequence: return sequence(index, depth);
      case YamlNode::Kind::kMap: return map(index, depth);
    }
    return false;
  }
  EventError take_error() { return std::move(error_); }

 private:
  // A name of a map, with what it maps to.
  struct Entry {
    std::uint32_t name;
    std::uint32_t value;
  };
  struct Entries {
    std::vector<Entry> list;
    std::unordered_map<std::string_view, std::size_t> index;
  };

  bool fail(Place place, std::string message) {
    error_ = {{place, std::move(message)}, false};
    return false;
  }
  bool too_many(Place place) {
    return fail(place, fmt::format("aliases expand to more than {} nodes", kYamlNodesMax));
  }
  bool too_deep(Place place) {
    return fail(place, fmt::format("nested deeper than {} levels", kDepthMax));
  }
  bool told(bool go_on, Place place) {
    if (!go_on) error_ = {{place, "stopped"}, true};
    return go_on;
  }

  bool scalar(const YamlNode& node) {
    std::string problem;
    auto value = resolve_yaml_scalar(node.tag, node.text, &problem);
    if (!value) return fail(node.place, problem);
    const bool go_on = [&] {
      switch (value->kind) {
        case Kind::kNull: return handler_.null(node.place);
        case Kind::kBool: return handler_.boolean(value->truth, node.place);
        case Kind::kNumber: return handler_.number(value->text, node.place);
        default: return handler_.string(value->text, node.place);
      }
    }();
    wipe(value->text);
    return told(go_on, node.place);
  }

  bool check_tag(const YamlNode& node, std::string_view allowed) {
    if (node.tag.empty() || node.tag == "?" || node.tag == "!" || node.tag == allowed) return true;
    return fail(node.place, "a tag that is not of the core schema; remove it");
  }

  bool sequence(std::uint32_t index, std::size_t depth) {
    YamlNode& node = nodes_[index];
    if (!check_tag(node, "tag:yaml.org,2002:seq")) return false;
    if (!told(handler_.begin_array(node.place), node.place)) return false;
    node.open = true;
    for (const std::uint32_t item : node.children) {
      if (!tell(item, depth + 1)) return false;
    }
    node.open = false;
    return told(handler_.end_array(), node.place);
  }

  bool map(std::uint32_t index, std::size_t depth) {
    YamlNode& node = nodes_[index];
    if (!check_tag(node, "tag:yaml.org,2002:map")) return false;
    Entries entries;
    node.open = true;
    if (!collect(index, &entries, depth)) return false;
    if (!told(handler_.begin_object(node.place), node.place)) return false;
    for (const Entry& entry : entries.list) {
      const YamlNode& name = nodes_[entry.name];
      if (!told(handler_.name(name.text, name.place), name.place)) return false;
      if (!tell(entry.value, depth + 1)) return false;
    }
    node.open = false;
    return told(handler_.end_object(), node.place);
  }

  std::uint32_t resolved(std::uint32_t index) const {
    const YamlNode& node = nodes_[index];
    return node.kind == YamlNode::Kind::kAlias ? node.target : index;
  }

  // Adds the entries of a map: its own names, then those of its merge keys; what is there already
  // stands.
  bool collect(std::uint32_t index, Entries* entries, std::size_t depth) {
    const YamlNode& node = nodes_[index];
    const std::size_t before = entries->list.size();
    std::vector<std::uint32_t> merges;
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const std::uint32_t name_index = resolved(node.children[i]);
      const YamlNode& name = nodes_[name_index];
      if (++told_ > kYamlNodesMax) return too_many(name.place);
      if (name.kind != YamlNode::Kind::kScalar) {
        return fail(nodes_[node.children[i]].place,
                    "a name must be text; put it in quotes if it should be");
      }
      if (name.tag == "?" && name.text == kMergeKey) {
        merges.push_back(node.children[i + 1]);
        continue;
      }
      const auto [found, added] = entries->index.emplace(name.text, entries->list.size());
      if (added) {
        entries->list.push_back({name_index, node.children[i + 1]});
      } else if (found->second >= before) {
        const Place first = nodes_[entries->list[found->second].name].place;
        return fail(name.place,
                    fmt::format("the name \"{}\" stands twice in this map, first at {}:{}",
                                name.text, first.line, first.column));
      }
    }
    for (const std::uint32_t merge : merges) {
      if (!merge_in(merge, entries, depth + 1)) return false;
    }
    return true;
  }

  // Adds the entries of a map, or of each map of a list.
  bool merge_in(std::uint32_t index, Entries* entries, std::size_t depth) {
    const Place place = nodes_[index].place;
    YamlNode& node = nodes_[resolved(index)];
    const bool list = node.kind == YamlNode::Kind::kSequence;
    if (!list && node.kind != YamlNode::Kind::kMap) {
      return fail(place, "<< takes a map or a list of maps");
    }
    if (node.open) return fail(place, "a map that merges itself");
    if (depth >= kDepthMax) return too_deep(place);
    if (++told_ > kYamlNodesMax) return too_many(place);
    node.open = true;
    if (!list) {
      if (!collect(resolved(index), entries, depth)) return false;
    } else {
      for (const std::uint32_t item : node.children) {
        if (nodes_[resolved(item)].kind != YamlNode::Kind::kMap) {
          return fail(nodes_[item].place, "<< takes a map or a list of maps");
        }
        if (!merge_in(item, entries, depth + 1)) return false;
      }
    }
    node.open = false;
    return true;
  }

  std::vector<YamlNode>& nodes_;
  Handler& handler_;
  std::size_t told_ = 0;
  EventError error_;
};

}  // namespace

namespace {

// What a document was read from may be secret, and the nodes hold copies of its texts.
struct Wiped {
  explicit Wiped(YamlDocument& document_) : document(document_) {}
  ~Wiped() {
    for (YamlNode& node : document.nodes) wipe(node.text);
  }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  YamlDocument& document;
};

}  // namespace

tl::expected<void, EventError> parse_yaml_events(std::string_view text, Handler& handler,
                                                 std::vector<YamlBlock>* blocks) {
  auto document = read_yaml_document(text);
  if (!document) return tl::unexpected<EventError>(EventError{document.error(), false});
  const Wiped wiped(*document);
  if (document->nodes.empty()) {
    const Place start{1, 1};
    if (handler.null(start)) return {};
    return tl::unexpected<EventError>(EventError{{start, "stopped"}, true});
  }
  Teller teller(*document, handler);
  if (!teller.tell(0, 0)) return tl::unexpected<EventError>(teller.take_error());
  if (blocks != nullptr) *blocks = std::move(document->blocks);
  return {};
}

tl::expected<Value, SyntaxError> parse_yaml(std::string_view text, Arena& arena,
                                            std::vector<YamlBlock>* blocks) {
  TreeBuilder builder(arena);
  auto parsed = parse_yaml_events(text, builder, blocks);
  if (parsed) return builder.take();
  if (!parsed.error().stopped) return tl::unexpected<SyntaxError>(parsed.error().error);
  return tl::unexpected<SyntaxError>(SyntaxError{builder.error_place(), builder.error()});
}

}  // namespace weir::json
