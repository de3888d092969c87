// The browser's side of json/host/yaml_document.h: the page's YAML parser reads the text and hands
// the nodes over, and what they mean is decided here as on the host.
#include "json/host/yaml_document.h"

#include <cstdlib>
#include <memory>

#include "json/number.h"

namespace weir::json {
namespace {

// The nodes as a JSON text, which is the callee's to free, or nullptr where the page has no parser:
// [line, column, message] of what is wrong, or an array of nodes in the order of the text:
//   ["scalar", line, column, tag, text]     tag "?" plain, "!" quoted, or in full
//   ["alias", line, column, index of the node it stands for]
//   ["sequence" or "map", line, column, tag, [indexes of children]]
__attribute__((import_module("weir"), import_name("parse_yaml"))) extern "C" char* weir_parse_yaml(
    const char* text, std::size_t size, std::size_t* answer_size);

std::uint32_t number_of(const Value& value) {
  const auto number = value.is_number() ? to_int64(value.number_text()) : std::nullopt;
  return number ? static_cast<std::uint32_t>(*number) : 0;
}

std::string text_of(const Value& value) {
  return std::string(value.is_string() ? value.as_string() : "");
}

tl::unexpected<SyntaxError> failure(Place place, std::string message) {
  return tl::unexpected<SyntaxError>(SyntaxError{place, std::move(message)});
}

// nullopt: not of the form above.
std::optional<YamlNode> node_of(const Value& value, std::size_t count) {
  if (!value.is_array() || value.size() < 4) return std::nullopt;
  const auto items = value.items();
  const std::string kind = text_of(items[0]);
  YamlNode node;
  node.place = {number_of(items[1]), number_of(items[2])};
  if (kind == "alias") {
    node.kind = YamlNode::Kind::kAlias;
    node.target = number_of(items[3]);
    return node.target < count ? std::optional(std::move(node)) : std::nullopt;
  }
  node.tag = text_of(items[3]);
  if (items.size() < 5) return std::nullopt;
  if (kind == "scalar") {
    node.kind = YamlNode::Kind::kScalar;
    node.text = text_of(items[4]);
    return node;
  }
  node.kind = kind == "map" ? YamlNode::Kind::kMap : YamlNode::Kind::kSequence;
  if (!items[4].is_array()) return std::nullopt;
  for (const Value& child : items[4].items()) {
    node.children.push_back(number_of(child));
    if (node.children.back() >= count) return std::nullopt;
  }
  return node;
}

}  // namespace

tl::expected<YamlDocument, SyntaxError> read_yaml_document(std::string_view text) {
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> answer(
      weir_parse_yaml(text.data(), text.size(), &size), &std::free);
  const Place start{1, 1};
  if (answer == nullptr) return failure(start, "there is no YAML parser");
  Arena arena;
  const auto root = parse({answer.get(), size}, arena);
  if (!root || !root->is_array()) return failure(start, "the YAML parser's answer is no list");
  const auto items = root->items();
  if (items.size() == 3 && items[0].is_number()) {
    return failure({number_of(items[0]), number_of(items[1])}, text_of(items[2]));
  }
  if (items.size() > kYamlNodesMax) {
    return failure(start, fmt::format("more than {} nodes", kYamlNodesMax));
  }
  YamlDocument document;
  for (const Value& item : items) {
    auto node = node_of(item, items.size());
    if (!node) return failure(start, "the YAML parser's answer has a node of another form");
    document.nodes.push_back(*std::move(node));
  }
  return document;
}

}  // namespace weir::json
