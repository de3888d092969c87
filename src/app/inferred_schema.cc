#include "app/inferred_schema.h"

#include "app/wiring.h"
#include "document/schema_inference.h"
#include "json/events.h"

namespace weir::app {
namespace {

std::map<std::string, catalog::FileSource> files_of(const catalog::Collection& collection) {
  if (!collection.files) return {};
  return {{collection.spec.name, *collection.files}};
}

class Inference {
 public:
  Inference(const std::string& root, const catalog::Collection& collection)
      : journals_(make_journals(root, files_of(collection), true)) {}

  std::optional<catalog::InferredSchema> of(const std::string& collection) {
    const auto names = journals_->list(collection);
    if (!names) return std::nullopt;
    for (const std::string& name : *names) {
      const auto reader = journals_->open(name, {});
      if (reader) read_all(**reader);
    }
    if (inference_.documents() == 0) return std::nullopt;
    return catalog::InferredSchema{inference_.schema_json(), inference_.documents(), complete_};
  }

 private:
  void read_all(journal::Reader& reader) {
    while (complete_) {
      const auto batch = reader.next();
      if (!batch || !*batch) return;
      for (const journal::Document& document : (*batch)->documents) {
        if (inference_.documents() == kInferenceDocumentsMax || bytes_ >= kInferenceBytesMax) {
          complete_ = false;
          return;
        }
        add(document.json);
      }
    }
  }

  void add(std::string_view json) {
    arena_.reset();
    const auto value = json::parse_text(json, arena_, json::Duplicates::kLastWins);
    if (value) inference_.add(*value);
    bytes_ += json.size();
  }

  const std::unique_ptr<journal::Journals> journals_;
  document::SchemaInference inference_;
  json::Arena arena_;
  std::size_t bytes_ = 0;
  bool complete_ = true;
};

}  // namespace

catalog::InferredSchemaOf inferred_from_journals(std::string root) {
  return [root = std::move(root)](const catalog::Collection& collection) {
    return Inference(root, collection).of(collection.spec.name);
  };
}

}  // namespace weir::app
