#include "store/merge_patch.h"

#include <rocksdb/merge_operator.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace weir::store {

namespace {

using Json = nlohmann::json;

std::string joined(const std::string* base, const std::vector<std::string_view>& operands) {
  std::string out = base == nullptr ? "" : *base;
  for (const std::string_view operand : operands) {
    if (!out.empty()) out += '\n';
    out += operand;
  }
  return out;
}

// Partial merges leave several documents in one operand. nullopt-like: false where one is no JSON.
bool append_documents(std::string_view text, std::vector<Json>& out) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    Json parsed = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded()) return false;
    out.push_back(std::move(parsed));
  }
  return true;
}

class JsonSchemaMerge : public rocksdb::MergeOperator {
 public:
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    std::vector<std::string_view> operands;
    for (const rocksdb::Slice& operand : in.operand_list) {
      operands.emplace_back(operand.data(), operand.size());
    }
    if (in.existing_value == nullptr) {
      out->new_value = apply_patches(nullptr, operands);
    } else {
      const std::string base = in.existing_value->ToString();
      out->new_value = apply_patches(&base, operands);
    }
    return true;
  }

  bool PartialMerge(const rocksdb::Slice&, const rocksdb::Slice& left, const rocksdb::Slice& right,
                    std::string* out, rocksdb::Logger*) const override {
    *out = left.ToString() + '\n' + right.ToString();
    return true;
  }

  const char* Name() const override { return "json-schema"; }
};

}  // namespace

std::string apply_patches(const std::string* base, const std::vector<std::string_view>& operands) {
  std::vector<Json> documents;
  bool good = base == nullptr || append_documents(*base, documents);
  for (const std::string_view operand : operands) {
    good = good && append_documents(operand, documents);
  }
  if (!good || documents.empty()) return joined(base, operands);
  Json out = std::move(documents.front());
  for (std::size_t i = 1; i < documents.size(); ++i) out.merge_patch(documents[i]);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::shared_ptr<rocksdb::MergeOperator> make_json_schema_merge() {
  return std::make_shared<JsonSchemaMerge>();
}

}  // namespace weir::store
