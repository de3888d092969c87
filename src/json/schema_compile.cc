// Nodes are made by a work list, so that neither depth nor cycles of a schema matter.
#include "json/schema_compile.h"

#include <algorithm>

#include "json/pointer.h"
#include "json/uri.h"

namespace weir::json {
namespace {

constexpr std::size_t kNodesMax = 1'000'000;

struct KnownDialect {
  std::string_view uri;  // without "#"
  std::uint8_t dialect;
};
constexpr KnownDialect kDialects[] = {
    {"https://json-schema.org/draft/2020-12/schema", kDialect2020},
    {"https://json-schema.org/draft/2019-09/schema", kDialect2019},
    {"http://json-schema.org/draft-07/schema", kDialect7},
    {"http://json-schema.org/draft-06/schema", kDialect7},
    {"http://json-schema.org/draft-04/schema", kDialect7},
};

struct KnownVocabulary {
  std::string_view name;  // behind https://json-schema.org/draft/2020-12/vocab/
  std::uint8_t bit;
  bool asserts_formats;
};
constexpr KnownVocabulary kVocabularies[] = {
    {"core", kVocabularyCore, false},
    {"applicator", kVocabularyApplicator, false},
    {"unevaluated", kVocabularyUnevaluated, false},
    {"validation", kVocabularyValidation, false},
    {"meta-data", kVocabularyOther, false},
    {"content", kVocabularyOther, false},
    {"format", kVocabularyOther, false},
    {"format-annotation", kVocabularyOther, false},
    {"format-assertion", kVocabularyOther, true},
};
constexpr std::string_view kVocabularyPrefix2020 = "https://json-schema.org/draft/2020-12/vocab/";
constexpr std::string_view kVocabularyPrefix2019 = "https://json-schema.org/draft/2019-09/vocab/";

const KnownVocabulary* find_vocabulary(std::string_view name) {
  for (const KnownVocabulary& vocabulary : kVocabularies) {
    if (vocabulary.name == name) return &vocabulary;
  }
  return nullptr;
}

}  // namespace

Status SchemaCompiler::run(std::string_view uri) {
  const SchemaResource* root = registry_.find(uri);
  if (root == nullptr) root = builtin_schemas().find(uri);
  if (root == nullptr) {
    return error(Code::kInvalid, "no schema is registered under {}", without_fragment(uri));
  }
  WEIR_TRY(const SchemaPlace place, resolve(*root, "#" + std::string(fragment_of(uri))));
  node_at(place);
  while (!jobs_.empty()) {
    while (!jobs_.empty()) {
      const Job job = std::move(jobs_.back());
      jobs_.pop_back();
      WEIR_RETURN_IF_ERROR(compile(job));
      if (out_.nodes.size() > kNodesMax) {
        return error(Code::kLimit, "{}: more than {} subschemas", uri, kNodesMax);
      }
    }
    add_dynamic_candidates();
  }
  return {};
}

tl::unexpected<Error> SchemaCompiler::refuse(const Context& at, std::string_view keyword,
                                             std::string_view message) const {
  return error(Code::kInvalid, "{}/{}: {}", at.node.location, encode_fragment(keyword), message);
}

SchemaNode* SchemaCompiler::node_at(const SchemaPlace& place) {
  const auto [known, added] = by_value_.emplace(place.schema, nullptr);
  if (!added) return known->second;
  auto node = std::make_unique<SchemaNode>();
  node->id = static_cast<std::uint32_t>(out_.nodes.size());
  node->resource = place.resource->id;
  node->location = place.resource->uri + "#" + encode_fragment(place.pointer);
  node->source = *place.schema;
  known->second = node.get();
  out_.nodes.push_back(std::move(node));
  if (used_.emplace(place.resource->id, place.resource).second) {
    used_registry_[place.resource->id] = place.registry;
    out_.documents.push_back(place.resource->document);
  }
  jobs_.push_back({known->second, place});
  return known->second;
}

Status SchemaCompiler::compile(const Job& job) {
  SchemaNode& node = *job.node;
  const Value& schema = *job.place.schema;
  if (schema.is_bool()) {
    node.form = schema.as_bool() ? SchemaNode::Form::kAnything : SchemaNode::Form::kNothing;
    return {};
  }
  if (!schema.is_object()) {
    return error(Code::kInvalid, "{}: a schema is an object or a boolean, not {}", node.location,
                 name_of(schema.kind()));
  }
  WEIR_TRY(const DialectProfile* profile, profile_of(*job.place.resource));
  const Context at{node, job.place, *profile};
  for (const Member& member : schema.members()) {
    const SchemaKeyword* keyword = find_schema_keyword(member.name);
    if (keyword != nullptr && ((keyword->dialects & profile->dialect) == 0 ||
                               (keyword->vocabulary & profile->vocabularies) == 0)) {
      keyword = nullptr;
    }
    if (keyword != nullptr && keyword->compile != nullptr) {
      WEIR_RETURN_IF_ERROR(keyword->compile(*this, at, member.value));
    }
    if (wanted(member.name, keyword == nullptr || keyword->annotates)) {
      WEIR_RETURN_IF_ERROR(annotate(at, member, keyword == nullptr ? kTypeAny : keyword->types));
    }
  }
  finish_node(node);
  return {};
}

bool SchemaCompiler::wanted(std::string_view keyword, bool annotates) const {
  if (options_.keywords.empty()) return annotates;
  return std::find(options_.keywords.begin(), options_.keywords.end(), keyword) !=
         options_.keywords.end();
}

Status SchemaCompiler::annotate(const Context& at, const Member& keyword, TypeSet types) {
  if (keyword.name == "contentSchema" && at.node.keyword("contentMediaType") == nullptr) return {};
  const auto site = static_cast<std::uint32_t>(out_.sites.size());
  out_.sites.push_back({site, std::string(keyword.name), keyword.value, at.node.location});
  at.node.annotations.push_back({site, types});
  return {};
}

const SchemaNode* SchemaCompiler::subschema(const Context& at, const Value& schema,
                                            std::string_view keyword, std::string_view token) {
  SchemaPlace place = at.place;
  place.schema = &schema;
  if (const SchemaResource* inner = at.place.registry->rooted_at(schema)) {
    place.resource = inner;
    place.pointer.clear();
  } else {
    append_token(place.pointer, keyword);
    if (token.data() != nullptr) append_token(place.pointer, token);
  }
  return node_at(place);
}

Result<std::vector<const SchemaNode*>> SchemaCompiler::subschemas(const Context& at,
                                                                  const Value& list,
                                                                  std::string_view keyword) {
  if (!list.is_array() || list.items().empty()) {
    return refuse(at, keyword, "must be a list of at least one schema");
  }
  std::vector<const SchemaNode*> nodes;
  for (const Value& item : list.items()) {
    nodes.push_back(subschema(at, item, keyword, std::to_string(nodes.size())));
  }
  return nodes;
}

Result<std::unique_ptr<Regex>> SchemaCompiler::regex(const Context& at, std::string_view keyword,
                                                     std::string_view pattern) const {
  auto compiled = options_.regex(pattern);
  if (!compiled) return refuse(at, keyword, compiled.error().message);
  return compiled;
}

Result<SchemaPlace> SchemaCompiler::resolve(const SchemaResource& base,
                                            std::string_view reference) const {
  const std::string uri = resolve_uri(base.uri, reference);
  const std::string fragment = percent_decode(fragment_of(uri));
  const SchemaRegistry* registry = &registry_;
  const SchemaResource* target = registry_.find(uri);
  if (without_fragment(uri) == base.uri) target = &base;
  if (target == nullptr) target = builtin_schemas().find(uri);
  if (target == nullptr) {
    return error(Code::kInvalid, "no schema is registered under {}", without_fragment(uri));
  }
  if (builtin_schemas().rooted_at(*target->root) != nullptr) registry = &builtin_schemas();
  return registry->locate(*target, fragment);
}

Status SchemaCompiler::reference(const Context& at, std::string_view keyword, const Value& value) {
  if (!value.is_string()) return refuse(at, keyword, "must be the URI of a schema");
  auto place = resolve(*at.place.resource, value.as_string());
  if (!place) return refuse(at, keyword, place.error().message);
  const SchemaNode* target = node_at(*place);
  if (at.node.ref == nullptr) {
    at.node.ref = target;
  } else {
    at.node.all_of.push_back(target);  // $ref and $dynamicRef beside each other
  }
  return {};
}

Status SchemaCompiler::dynamic_reference(const Context& at, std::string_view keyword,
                                         const Value& value) {
  if (!value.is_string()) return refuse(at, keyword, "must be the URI of a schema");
  auto place = resolve(*at.place.resource, value.as_string());
  if (!place) return refuse(at, keyword, place.error().message);
  std::string anchor;
  bool dynamic = false;
  if (keyword == "$recursiveRef") {
    dynamic = place->resource->recursive_anchor && place->pointer.empty();
  } else {
    anchor = percent_decode(fragment_of(value.as_string()));
    const auto found = place->resource->anchors.find(anchor);
    dynamic = found != place->resource->anchors.end() && found->second.dynamic;
  }
  if (!dynamic) return reference(at, keyword, value);
  at.node.dynamic_ref = std::make_unique<DynamicReference>();
  at.node.dynamic_ref->initial = node_at(*place);
  out_.dynamic = true;
  dynamic_.push_back({at.node.dynamic_ref.get(), std::move(anchor)});
  return {};
}

// A dynamic reference may lead to any resource that some way can pass through. Compiling a
// candidate may bring in further resources: the caller repeats until nothing is new.
void SchemaCompiler::add_dynamic_candidates() {
  const auto used = used_;
  for (const PendingDynamic& pending : dynamic_) {
    auto& candidates = pending.reference->candidates;
    for (const auto& [id, resource] : used) {
      const auto same = [&, wanted_id = id](const auto& c) { return c.first == wanted_id; };
      if (std::any_of(candidates.begin(), candidates.end(), same)) continue;
      SchemaPlace place{used_registry_[id], resource->root, resource, ""};
      if (pending.anchor.empty()) {
        if (!resource->recursive_anchor) continue;
      } else {
        const auto anchor = resource->anchors.find(pending.anchor);
        if (anchor == resource->anchors.end() || !anchor->second.dynamic) continue;
        place.schema = anchor->second.schema;
        place.pointer = anchor->second.pointer;
      }
      candidates.emplace_back(id, node_at(place));
    }
  }
}

Result<const DialectProfile*> SchemaCompiler::profile_of(const SchemaResource& resource) {
  if (const auto known = profiles_.find(&resource); known != profiles_.end()) return &known->second;
  const SchemaResource* says = &resource;
  while (says->dialect.empty() && says->parent != nullptr) says = says->parent;
  WEIR_TRY(DialectProfile profile, profile_by_uri(says->dialect, 0));
  profile.assert_formats |= options_.assert_formats;
  return &(profiles_[&resource] = profile);
}

Result<DialectProfile> SchemaCompiler::profile_by_uri(std::string_view uri, int depth) const {
  DialectProfile profile;
  profile.dialect = options_.dialect == Dialect::k2019_09 ? kDialect2019 : kDialect2020;
  for (const KnownDialect& known : kDialects) {
    if (known.uri != without_fragment(uri)) continue;
    profile.dialect = known.dialect;
    return profile;
  }
  // Other meta-schemas count if they are registered; else the schema is read as the options say.
  const SchemaResource* meta = uri.empty() || depth > 8 ? nullptr : registry_.find(uri);
  if (meta == nullptr) return profile;
  return profile_of_meta_schema(*meta, depth);
}

Result<DialectProfile> SchemaCompiler::profile_of_meta_schema(const SchemaResource& meta,
                                                              int depth) const {
  WEIR_TRY(DialectProfile profile, profile_by_uri(meta.dialect, depth + 1));
  const Value* vocabularies = meta.root->find("$vocabulary");
  if (vocabularies == nullptr || !vocabularies->is_object()) return profile;
  profile.vocabularies = kVocabularyCore;
  for (const Member& member : vocabularies->members()) {
    const bool is_2019 = member.name.starts_with(kVocabularyPrefix2019);
    const bool is_2020 = member.name.starts_with(kVocabularyPrefix2020);
    static_assert(kVocabularyPrefix2019.size() == kVocabularyPrefix2020.size());
    const KnownVocabulary* known =
        is_2019 || is_2020 ? find_vocabulary(member.name.substr(kVocabularyPrefix2019.size()))
                           : nullptr;
    if (known == nullptr) {
      if (!member.value.is_bool() || !member.value.as_bool()) continue;
      return error(Code::kInvalid, "{} requires the vocabulary {}, which is not supported",
                   meta.uri, member.name);
    }
    if (known->bit == kVocabularyCore) profile.dialect = is_2019 ? kDialect2019 : kDialect2020;
    profile.vocabularies |= known->bit;
    profile.assert_formats |= known->asserts_formats;
  }
  // In 2019-09 these keywords are part of the applicator vocabulary.
  if (profile.dialect == kDialect2019 && (profile.vocabularies & kVocabularyApplicator) != 0) {
    profile.vocabularies |= kVocabularyUnevaluated;
  }
  return profile;
}

}  // namespace weir::json
