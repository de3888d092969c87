#include <algorithm>
#include <utility>

#include "base/glob.h"
#include "catalog/paths.h"
#include "catalog/projections.h"
#include "catalog/read.h"
#include "catalog/schema_bundle.h"
#include "catalog/well_known.h"
#include "document/strategy.h"

namespace weir::catalog {
namespace {

// URI under which a schema is compiled; it appears in no message.
constexpr std::string_view kSchemaUri = "weir://schema";

// "weir://schema#/properties/a" → "/properties/a".
std::string pointer_of(std::string_view schema_location) {
  const std::size_t hash = schema_location.find('#');
  if (hash == std::string_view::npos) return "";
  const std::string_view fragment = schema_location.substr(hash + 1);
  return fragment.starts_with('/') ? std::string(fragment) : "";
}

// A compiler's message is "URI: what is wrong", and may name the URI again.
struct SchemaMessage {
  std::string pointer;  // of the keyword
  std::string plain;    // without the location
  std::string text;     // with the keyword's name
};

SchemaMessage understand(std::string message) {
  SchemaMessage out;
  if (message.starts_with(kSchemaUri)) {
    const std::size_t colon = message.find(": ", kSchemaUri.size());
    out.pointer = pointer_of(std::string_view(message).substr(0, colon));
    if (colon != std::string::npos) message.erase(0, colon + 2);
  }
  for (std::size_t at; (at = message.find(kSchemaUri)) != std::string::npos;) {
    message.replace(at, kSchemaUri.size(), "the schema");
  }
  out.plain = message;
  const std::size_t slash = out.pointer.rfind('/');
  out.text = slash == std::string::npos
                 ? "the schema: " + message
                 : fmt::format("\"{}\" of the schema: {}", out.pointer.substr(slash + 1), message);
  return out;
}

class CollectionReader {
 public:
  CollectionReader(std::string name, const Node& node, ReadContext& context)
      : node_(node), context_(context), problems_(context.problems) {
    out_.spec.name = std::move(name);
    out_.location = node.name_location();
  }

  Collection read() {
    const std::size_t errors = problems_.errors();
    check_name("collection", out_.spec.name, out_.location, problems_);
    ObjectReader object(node_, fmt::format("the collection \"{}\"", out_.spec.name), problems_);
    read_files(object);
    read_schemas(object);
    read_key(object);
    read_projections(object);
    if (const auto derive = object.any("derive")) {
      context_.ignored.push_back(
          {fmt::format("the derivation of \"{}\"", out_.spec.name), derive->name_location()});
    }
    object.ignore({"expectPubId", "delete", "reset"});
    object.object("journals");
    object.finish();
    if (read_shape_ != nullptr) build();
    out_.usable = problems_.errors() == errors && read_shape_ != nullptr;
    return std::move(out_);
  }

 private:
  void read_schemas(ObjectReader& object) {
    const auto schema = object.whole("schema");
    const auto write = object.whole("writeSchema");
    const auto read = object.whole("readSchema");
    if (schema && (write || read)) {
      object.problem("E204", *schema,
                     fmt::format("{} has \"schema\" beside \"{}\"", object.what(),
                                 write ? "writeSchema" : "readSchema"),
                     "Write either schema, or writeSchema and readSchema.");
    }
    const std::optional<Node>& first = schema ? schema : write;
    if (!first) {
      if (!object.is_object()) return;
      return object.problem(
          "E202", object.node(), fmt::format("{} has no \"schema\"", object.what()),
          "Add schema: with a JSON schema, or the path of a file that holds one.");
    }
    SchemaBundler bundler(context_.sources, problems_, arena_);
    WellKnown well_known = {
        {std::string(kInferredSchema), {any_object(), not_inlined(kInferredSchema)}},
        {std::string(kConnectorSchema), {any_object(), not_inlined(kConnectorSchema)}}};
    const std::size_t errors = problems_.errors();
    const auto written = bundler.bundle(*first, well_known);
    if (!written) return;
    out_.spec.write_schema_json = written->json;
    const bool write_good = check_schema(*written, problems_.errors() == errors);
    if (schema || !read) {
      if (write_good) read_shape_ = document::infer_shape(written->value);
      return;
    }
    fill_in(*read, written->value, well_known);
    const std::size_t before = problems_.errors();
    const auto reading = bundler.bundle(*read, well_known);
    if (!reading) return;
    out_.spec.read_schema_json = reading->json;
    if (!check_schema(*reading, problems_.errors() == before) || !write_good) return;
    write_shape_ = document::infer_shape(written->value);
    read_shape_ = document::infer_shape(reading->value);
  }

  static std::string not_inlined(std::string_view name) {
    return fmt::format("{} is not inlined: it admits anything", name);
  }

  // What the read schema refers to. The write schema is relaxed unless an inferred schema is asked
  // for and not known: what a relaxed schema leaves out, the inferred one says.
  void fill_in(const Node& read, const json::Value& written, WellKnown& well_known) {
    Problems unheard;  // the same again when it is read for good
    const auto seen = SchemaBundler(context_.sources, unheard, arena_).bundle(read, well_known);
    if (!seen) return;
    WellKnownSchema inferred{inferred_placeholder(), {}};
    bool known = true;
    if (const auto it = seen->named.find(kInferredSchema); it != seen->named.end()) {
      const json::Value* inlined = it->second;
      known = inlined != nullptr ? !is_placeholder(*inlined) : infer(inferred, written);
      if (inlined != nullptr && !known) {
        problems_.add(
            "W112", read.location(),
            fmt::format("{} is inlined as the placeholder that no document fits", kInferredSchema));
      }
    }
    well_known.insert_or_assign(std::string(kInferredSchema), inferred);
    well_known.insert_or_assign(std::string(kWriteSchema), WellKnownSchema{written, {}});
    well_known.insert_or_assign(
        std::string(kRelaxedWriteSchema),
        WellKnownSchema{known ? relaxed_schema(arena_, written) : written, {}});
  }

  // Our own inference, from the documents that are there. Without any, the write schema tells what
  // there may be.
  bool infer(WellKnownSchema& inferred, const json::Value& written) {
    const auto& from_documents = context_.options.inferred_schema;
    if (from_documents == nullptr) {
      inferred = {written, not_inlined(kInferredSchema)};
      return false;
    }
    const auto found = from_documents(out_);
    const auto parsed = found ? json::parse_text(arena_.copy(found->schema_json), arena_,
                                                 json::Duplicates::kLastWins)
                              : Result<json::Value>(inferred.value);
    if (parsed) inferred.value = found ? *parsed : both_of(arena_, written, *parsed);
    if (found && found->complete) return true;
    inferred.warning =
        found ? fmt::format("{} is inferred from the first {} documents alone", kInferredSchema,
                            found->documents)
              : fmt::format("{} is not known: no documents of \"{}\" were found to infer it from",
                            kInferredSchema, out_.spec.name);
    return found.has_value();
  }

  // `resolved`: every reference of it leads somewhere. Without that, little more can be said of it.
  bool check_schema(const BundledSchema& schema, bool resolved) {
    const std::size_t errors = problems_.errors();
    json::SchemaStore store;
    json::SchemaOptions options;
    options.keywords = {"reduce", "redact"};
    options.regex = context_.options.regex;
    if (const Status added = store.add(kSchemaUri, schema.value); !added) {
      bad_schema(schema, added.error());
      return false;
    }
    const auto compiled = store.compile(kSchemaUri, options);
    if (!compiled) {
      bad_schema(schema, compiled.error());
      return false;
    }
    for (const json::AnnotationSite& site : (*compiled)->sites()) {
      if (site.keyword == "redact") note_redaction(schema, site);
      if (site.keyword != "reduce") continue;
      const auto reduction = document::parse_reduction(site);
      if (reduction) continue;
      problems_.add(
          "E311", schema.locate(pointer_of(site.schema_location) + "/reduce"),
          fmt::format("\"reduce\" of the schema: {}", understand(reduction.error().message).plain));
    }
    if (!resolved) return false;
    const document::ShapePtr shape = document::infer_shape(schema.value);
    if (!shape->types.only(document::Types::kObject) || shape->types.empty()) {
      problems_.add("E303", schema.location,
                    fmt::format("the schema of \"{}\" admits {}", out_.spec.name,
                                shape->types.empty() ? "no document at all"
                                                     : "documents that are no objects"));
    }
    return problems_.errors() == errors;
  }

  // Captures carry it out, before documents are in a journal.
  void note_redaction(const BundledSchema& schema, const json::AnnotationSite& site) {
    if (std::exchange(redaction_noted_, true)) return;
    context_.ignored.push_back({fmt::format("\"redact\" in the schema of \"{}\"", out_.spec.name),
                                schema.locate(pointer_of(site.schema_location) + "/redact")});
  }

  void bad_schema(const BundledSchema& schema, const Error& error) {
    const SchemaMessage message = understand(error.message);
    problems_.add("E301", schema.locate(message.pointer), message.text);
  }

  void read_key(ObjectReader& object) {
    const auto key = object.array("key");
    if (!key) {
      if (!object.has("key") && object.is_object()) {
        object.problem("E304", object.node(), fmt::format("{} has no \"key\"", object.what()));
      }
      return;
    }
    if (key->tree().size() == 0)
      object.problem("E304", *key, fmt::format("the key of \"{}\" is empty", out_.spec.name));
    for (const Node& item : key->items()) {
      if (!item.tree().is_string()) {
        object.problem("E203", item, "an item of \"key\" must be a text, a JSON pointer");
        continue;
      }
      std::string pointer(item.tree().as_string());
      const bool again =
          std::find(out_.spec.key.begin(), out_.spec.key.end(), pointer) != out_.spec.key.end();
      if (again) object.problem("E313", item, fmt::format("{} stands twice in the key", pointer));
      out_.spec.key.push_back(pointer);
      if (!again) key_.push_back({std::move(pointer), item.location()});
    }
  }

  void read_projections(ObjectReader& object) {
    const auto projections = object.object("projections");
    if (!projections) return;
    for (const auto& [field, node] : projections->members()) {
      WrittenProjection written;
      written.field = field;
      written.location = node.location();
      if (field.empty())
        object.problem("E204", node, "a projection needs a name", "Give it a name.");
      if (node.tree().is_string()) {
        written.pointer = node.tree().as_string();
      } else {
        ObjectReader projection(node, fmt::format("the projection \"{}\"", field), problems_);
        const auto location = projection.text("location");
        projection.require({"location"});
        written.partition = projection.boolean("partition").value_or(false);
        projection.finish();
        if (!location) continue;
        written.pointer = *location;
      }
      projections_.push_back(std::move(written));
    }
  }

  void read_files(ObjectReader& object) {
    object.own({"files"});
    const auto files = object.array("files");
    if (!files) return;
    FileSource source;
    source.folder = files->file().folder();
    if (files->tree().size() == 0)
      object.problem("E204", *files, "\"files\" names no file",
                     "Write a pattern such as data/*.jsonl, or remove files: to read journals.");
    for (const Node& item : files->items()) {
      if (!item.tree().is_string()) {
        object.problem("E203", item,
                       "an item of \"files\" must be a text, a pattern of file names");
        continue;
      }
      const std::string_view pattern = item.tree().as_string();
      if (is_remote(pattern)) {
        object.problem("E105", item, "this names files that are not on disk");
      } else if (const Status good = check_file_pattern(pattern); !good) {
        object.problem(
            "E210", item,
            fmt::format("\"{}\" is no pattern of file names: {}", pattern, good.error().message));
      }
      source.patterns.emplace_back(pattern);
    }
    out_.files = std::move(source);
  }

  void build() {
    const CollectionShapes shapes{read_shape_, write_shape_, &context_.options.regex};
    for (const WrittenKey& key : key_)
      check_key_location(key.pointer, "the key", key.location, shapes, problems_);
    out_.spec.projections = make_projections(projections_, key_, shapes, problems_);
    for (const protocol::Projection& projection : out_.spec.projections) {
      if (projection.is_partition_key) out_.spec.partition_fields.push_back(projection.field);
    }
  }

  const Node& node_;
  ReadContext& context_;
  Problems& problems_;
  json::Arena arena_;
  Collection out_;
  document::ShapePtr read_shape_, write_shape_;
  std::vector<WrittenKey> key_;
  std::vector<WrittenProjection> projections_;
  bool redaction_noted_ = false;
};

}  // namespace

Collection read_collection(const std::string& name, const Node& node, ReadContext& context) {
  return CollectionReader(name, node, context).read();
}

std::optional<Node> follow_path(const Node& node, ReadContext& context) {
  if (!node.tree().is_string()) return node;
  const std::string path = without_file_scheme(node.tree().as_string());
  if (is_remote(path)) {
    context.problems.add("E105", node.location(), "this names a file that is not on disk");
    return std::nullopt;
  }
  const SourceFile* file =
      context.sources.open(join_path(node.file().folder(), path), node.location(),
                           node.confidential() ? Mention::kNothing : Mention::kPath);
  if (file == nullptr) return std::nullopt;
  Node root = Node::of_file(*file);
  if (node.confidential()) root.make_confidential();
  return root;
}

void check_name(std::string_view kind, std::string_view name, const Location& location,
                Problems& problems) {
  constexpr std::size_t kNameBytes = 512;
  bool good = !name.empty() && name.size() <= kNameBytes;
  for (std::string_view rest = name; good;) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    good = !part.empty() && part != "." && part != "..";
    for (const char c : part) {
      const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80 ||
                          std::string_view("-_+.").find(c) != std::string_view::npos;
      good = good && letter;
    }
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (!good) problems.add("E205", location, fmt::format("\"{}\" is no name for a {}", name, kind));
}

}  // namespace weir::catalog
