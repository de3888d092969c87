// For the tests of this folder: compiled schemas, reductions as text, documents in buffers.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/combiner.h"
#include "document/reduce.h"
#include "document/strategy.h"
#include "json/events.h"
#include "json/host/document_parser.h"
#include "json/host/re2_regex.h"
#include "json/schema.h"

namespace weir::document {

inline std::shared_ptr<const json::Schema> compile_schema(std::string_view text) {
  const auto tree = json::parse_tree(text);
  EXPECT_TRUE(tree) << text;
  json::SchemaStore store;
  EXPECT_TRUE(store.add("test:schema", tree->root));
  json::SchemaOptions options;
  options.keywords = kReductionKeywords;
  options.regex = json::re2_regex_factory();
  auto schema = store.compile("test:schema", options);
  EXPECT_TRUE(schema) << (schema ? "" : schema.error().message);
  return *schema;
}

// Reductions under one schema, from text to text.
class TextReducer {
 public:
  explicit TextReducer(std::string_view schema) : schema_(compile_schema(schema)) {
    auto reductions = Reductions::compile(*schema_);
    EXPECT_TRUE(reductions) << (reductions ? "" : reductions.error().message);
    reductions_ = *std::move(reductions);
  }

  // The result as JSON, "deleted " before it; "apart"; "invalid"; or "error: …".
  std::string reduce(Mode mode, std::string_view left_text, std::string_view right_text) const {
    json::Arena arena;
    const auto left = json::parse_text(left_text, arena);
    const auto right = json::parse_text(right_text, arena);
    EXPECT_TRUE(left && right) << left_text << ' ' << right_text;
    Annotations of_left;
    Annotations of_right;
    if (!annotate(*right, &of_right) || !annotate(*left, &of_left)) return "invalid";
    Reducer reducer(arena, mode, {&*left, &of_left}, {&*right, &of_right});
    const auto reduced = reducer.run();
    if (!reduced) return "error: " + reduced.error().message;
    if (!*reduced) return "apart";
    return ((*reduced)->deleted ? "deleted " : "") + json::to_text((*reduced)->value);
  }
  std::string full(std::string_view left, std::string_view right) const {
    return reduce(Mode::kFull, left, right);
  }
  std::string associative(std::string_view left, std::string_view right) const {
    return reduce(Mode::kAssociative, left, right);
  }

 private:
  bool annotate(const json::Value& value, Annotations* out) const {
    json::Outcome outcome;
    schema_->validate(value, outcome);
    out->assign(outcome, reductions_);
    return outcome.valid;
  }

  std::shared_ptr<const json::Schema> schema_;
  Reductions reductions_;
};

// A buffer of documents, each with the room behind it that walks ask for.
inline std::pair<Buffer, std::vector<std::string_view>> buffer_of(
    const std::vector<std::string>& documents) {
  std::string bytes;
  for (const std::string& document : documents) bytes += document + '\n';
  bytes.append(json::kDocumentPadding, '~');
  const auto buffer = std::make_shared<const std::string>(std::move(bytes));
  std::vector<std::string_view> views;
  std::size_t at = 0;
  for (const std::string& document : documents) {
    views.push_back(std::string_view(*buffer).substr(at, document.size()));
    at += document.size() + 1;
  }
  return {buffer, std::move(views)};
}

class MemorySpill : public SpillFile {
 public:
  Status append(std::string_view bytes) override {
    if (bytes_.size() + bytes.size() > bytes_max) return error(Code::kFull, "no room");
    bytes_.append(bytes);
    return {};
  }
  Status read(std::uint64_t offset, std::span<char> out) override {
    EXPECT_LE(offset + out.size(), bytes_.size());
    bytes_.copy(out.data(), out.size(), offset);
    return {};
  }
  Status reset() override {
    bytes_.clear();
    return {};
  }
  std::size_t size() const { return bytes_.size(); }
  std::size_t bytes_max = ~std::size_t{0};

 private:
  std::string bytes_;
};

}  // namespace weir::document
