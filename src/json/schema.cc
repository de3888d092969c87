#include "json/schema.h"

#include "json/number.h"
#include "json/schema_compile.h"
#include "json/schema_registry.h"
#include "json/schema_validate.h"

namespace weir::json {

struct SchemaStore::Impl {
  SchemaRegistry registry;
};

SchemaStore::SchemaStore() : impl_(std::make_unique<Impl>()) {}
SchemaStore::~SchemaStore() = default;
SchemaStore::SchemaStore(SchemaStore&&) noexcept = default;
SchemaStore& SchemaStore::operator=(SchemaStore&&) noexcept = default;

Status SchemaStore::add(std::string_view uri, const Value& document) {
  return impl_->registry.add(uri, document);
}

bool SchemaStore::has(std::string_view uri) const {
  return impl_->registry.find(uri) != nullptr;
}

Result<std::shared_ptr<const Schema>> SchemaStore::compile(std::string_view uri,
                                                           const SchemaOptions& options) const {
  WEIR_CHECK(options.regex != nullptr);
  auto compiled = std::make_unique<Schema::Impl>();
  compiled->regex = options.regex;
  SchemaCompiler compiler(impl_->registry, options, *compiled);
  WEIR_RETURN_IF_ERROR(compiler.run(uri));
  return std::make_shared<const Schema>(std::move(compiled));
}

Schema::Schema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Schema::~Schema() = default;

void Schema::validate(const Value& instance, Outcome& out) const {
  out.annotations.clear();
  out.marks.clear();
  out.problems.clear();
  out.valid = Validation<ValidateMode::kCollect>(*impl_, out).run(instance);
  if (out.valid) return;
  out.annotations.clear();
  out.marks.clear();
  static_cast<void>(Validation<ValidateMode::kExplain>(*impl_, out).run(instance));
}

bool Schema::is_valid(const Value& instance) const {
  Outcome unused;
  return Validation<ValidateMode::kFlag>(*impl_, unused).run(instance);
}

std::span<const AnnotationSite> Schema::sites() const {
  return impl_->sites;
}

const SchemaNode& Schema::root() const {
  return *impl_->nodes.front();
}

std::size_t Schema::node_count() const {
  return impl_->nodes.size();
}

TypeSet type_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return kTypeNull;
    case Kind::kBool: return kTypeBoolean;
    case Kind::kNumber: return is_integral(value.number_text()) ? kTypeInteger : kTypeNumber;
    case Kind::kString: return kTypeString;
    case Kind::kArray: return kTypeArray;
    case Kind::kObject: return kTypeObject;
  }
  return 0;
}

std::string name_of_types(TypeSet types) {
  struct Name {
    TypeSet type;
    std::string_view name;
  };
  constexpr Name kNames[] = {{kTypeNull, "null"},       {kTypeBoolean, "boolean"},
                             {kTypeInteger, "integer"}, {kTypeNumber, "number"},
                             {kTypeString, "string"},   {kTypeArray, "array"},
                             {kTypeObject, "object"}};
  // "number" says both.
  if ((types & kTypeNumber) != 0) types &= static_cast<TypeSet>(~kTypeInteger);
  std::string out;
  for (const Name& name : kNames) {
    if ((types & name.type) == 0) continue;
    types &= static_cast<TypeSet>(~name.type);
    if (!out.empty()) out += types == 0 ? " or " : ", ";
    out += name.name;
  }
  return out;
}

}  // namespace weir::json
