#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/read.h"
#include "json/number.h"

namespace weir::catalog {
namespace {

// Of a binding that a file laid over others adds, though it may have meant to change one.
constexpr std::string_view kMeetsNone =
    "Write it; or, if this is to change a binding of the files before, write the source of that "
    "one.";

using Partitions = std::map<std::string, std::vector<std::string>>;

class BindingReader {
 public:
  BindingReader(const Node& node, const Materialization& materialization,
                const std::map<std::string, Collection>& collections, ReadContext& context)
      : node_(node),
        materialization_(materialization),
        collections_(collections),
        context_(context) {}

  BindingModel read() {
    ObjectReader object(node_, "a binding", context_.problems);
    out_.location = node_.location();
    read_source(object);
    read_resource(object);
    out_.disable = object.boolean("disable").value_or(false);
    out_.priority = object.count("priority").value_or(0);
    out_.backfill = object.count("backfill").value_or(0);
    if (out_.backfill > 0 && out_.not_before) {
      context_.problems.add("W110", out_.source_location,
                            "the table is filled anew, without documents of before \"notBefore\"");
    }
    object.choice("onIncompatibleSchemaChange",
                  {"abort", "backfill", "disableBinding", "disableTask"});
    if (const auto fields = object.object("fields")) read_fields(*fields);
    object.require({"resource", "source"}, node_.is_added() ? kMeetsNone : std::string_view());
    object.finish();
    return std::move(out_);
  }

 private:
  void read_source(ObjectReader& object) {
    auto source = object.any("source");
    if (!source) return;
    // A name alone, laid over an object of that name, only says which binding is meant.
    if (const auto full = node_.child_of_kind("source", json::Kind::kObject)) {
      const auto name = full->child_of_kind("name", json::Kind::kString);
      const bool again = name && source->tree().is_string() &&
                         name->tree().as_string() == source->tree().as_string();
      if (again || source->tree().is_object()) source = full;
    }
    out_.source_location = source->location();
    if (source->tree().is_string()) {
      out_.source = source->tree().as_string();
    } else {
      ObjectReader full(*source, "the source", context_.problems);
      out_.source = full.text("name").value_or("");
      out_.not_before = full.time("notBefore");
      out_.not_after = full.time("notAfter");
      check_times(*source);
      find_collection();
      if (const auto partitions = full.object("partitions")) read_partitions(*partitions);
      full.require({"name"});
      full.finish();
      if (out_.source.empty()) return;
    }
    find_collection();
    if (collection_ != nullptr) return;
    std::vector<std::string_view> names;
    for (const auto& [name, collection] : collections_) names.push_back(name);
    context_.problems.add(
        "E403", out_.source_location,
        fmt::format("materialization \"{}\" binds unknown collection \"{}\"{}",
                    materialization_.name, out_.source, did_you_mean(out_.source, names)));
  }

  void find_collection() {
    const auto it = collections_.find(out_.source);
    collection_ = it == collections_.end() ? nullptr : &it->second;
  }

  void check_times(const Node& source) {
    Timestamp before, after;
    if (!out_.not_before || !out_.not_after) return;
    if (!parse_timestamp(*out_.not_before, &before) || !parse_timestamp(*out_.not_after, &after))
      return;
    if (before > after) {
      context_.problems.add("E409", source.location(), "\"notBefore\" is later than \"notAfter\"");
    }
  }

  void read_partitions(const Node& node) {
    ObjectReader object(node, "\"partitions\"", context_.problems);
    if (const auto include = object.object("include"))
      read_selector(*include, out_.partitions_include);
    if (const auto exclude = object.object("exclude"))
      read_selector(*exclude, out_.partitions_exclude);
    object.finish();
  }

  void read_selector(const Node& node, Partitions& out) {
    for (const auto& [field, values] : node.members()) {
      if (collection_ != nullptr && collection_->usable) check_partition(field, values);
      if (!values.tree().is_array()) {
        context_.problems.add("E203", values.location(),
                              fmt::format("the values of \"{}\" must be a list", field));
        continue;
      }
      for (const Node& value : values.items()) {
        if (value.tree().is_array() || value.tree().is_object()) {
          context_.problems.add("E203", value.location(),
                                "the value of a partition must be scalar");
        }
        out[std::string(field)].push_back(value.json());
      }
    }
  }

  void check_partition(std::string_view field, const Node& node) {
    const auto& names = collection_->spec.partition_fields;
    if (std::find(names.begin(), names.end(), field) != names.end()) return;
    const std::vector<std::string_view> views(names.begin(), names.end());
    context_.problems.add("E411", node.name_location(),
                          fmt::format("\"{}\" is no partition of \"{}\"{}", field, out_.source,
                                      did_you_mean(field, views)));
  }

  void read_resource(ObjectReader& object) {
    const auto named = object.whole("resource");
    if (!named) return;
    const auto resource = follow_path(*named, context_);
    if (!resource) return;
    out_.resource_location = resource->location();
    out_.resource_json = resource->json();
    if (!materialization_.endpoint ||
        *materialization_.endpoint == protocol::EndpointKind::kLocal ||
        *materialization_.endpoint == protocol::EndpointKind::kConnector) {
      if (!resource->tree().is_object()) {
        object.problem("E203", *resource, "\"resource\" must be an object");
      }
      return;
    }
    ObjectReader table(*resource, "the resource", context_.problems);
    const auto name = table.of_kind("table", json::Kind::kString);
    table.require({"table"});
    table.boolean("delta_updates");
    if (*materialization_.endpoint == protocol::EndpointKind::kPostgres)
      table.ignore({"schema", "additional_table_create_sql"});
    table.finish(
        "Correct the name or remove the member; or give the binding another resource in a file "
        "that is laid over this one.");
    if (!name) return;
    out_.table = name->tree().as_string();
    out_.table_location = name->location();
    check_table(*name);
  }

  void check_table(const Node& node) {
    constexpr std::string_view kReserved = "sqlite_";
    constexpr std::size_t kTableBytes = 512;
    std::string folded = out_.table;
    for (char& c : folded) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    const bool good = !folded.empty() && folded.size() <= kTableBytes &&
                      !folded.starts_with(kReserved) && folded.find('\0') == std::string::npos;
    if (good) return;
    context_.problems.add("E405", node.location(),
                          folded.empty()
                              ? std::string("\"table\" is empty")
                              : fmt::format("there cannot be a table \"{}\"", out_.table));
  }

  void read_fields(const Node& node) {
    ObjectReader object(node, "\"fields\"", context_.problems);
    if (const auto recommended = object.any("recommended")) read_recommended(*recommended);
    for (const std::string_view name : {"require", "include"}) {
      const auto require = object.object(name);
      if (!require) continue;
      for (const auto& [field, config] : require->members()) {
        out_.fields.require.emplace(field, config.json());
        out_.fields.require_locations.emplace(field, config.name_location());
        check_field(field, config.name_location());
      }
    }
    each_field(object, "exclude", [this](const std::string& field, const Location& at) {
      out_.fields.exclude.push_back(field);
      out_.fields.exclude_locations.emplace(field, at);
    });
    each_field(object, "groupBy", [this](const std::string& field, const Location& at) {
      out_.fields.group_by.push_back(field);
      out_.fields.group_by_locations.push_back(at);
    });
    object.finish();
  }

  void read_recommended(const Node& node) {
    const json::Value& value = node.tree();
    Fields& fields = out_.fields;
    if (value.is_bool()) {
      fields.recommended_all = value.as_bool();
      fields.recommended_depth = value.as_bool() ? UINT32_MAX : 0;
      return;
    }
    const auto depth =
        value.is_number() ? json::integral_uint64(value.number_text()) : std::nullopt;
    if (!depth || *depth > UINT32_MAX) {
      context_.problems.add(value.is_number() ? "E204" : "E203", node.location(),
                            "\"recommended\" must be true, false or a depth from 0 up");
      return;
    }
    fields.recommended_all = false;
    fields.recommended_depth = static_cast<std::uint32_t>(*depth);
  }

  template <typename Take>
  void each_field(ObjectReader& object, std::string_view name, Take take) {
    const auto list = object.array(name);
    if (!list) return;
    for (const Node& item : list->items()) {
      if (!item.tree().is_string()) {
        context_.problems.add("E203", item.location(),
                              fmt::format("an item of \"{}\" must be a field's name", name));
        continue;
      }
      const std::string field(item.tree().as_string());
      check_field(field, item.location());
      take(field, item.location());
    }
  }

  void check_field(std::string_view field, const Location& location) {
    if (collection_ == nullptr || !collection_->usable ||
        collection_->spec.find_projection(field) != nullptr)
      return;
    std::vector<std::string_view> names;
    for (const protocol::Projection& p : collection_->spec.projections) names.push_back(p.field);
    context_.problems.add("E406", location,
                          fmt::format("collection \"{}\" has no field \"{}\"{}", out_.source, field,
                                      did_you_mean(field, names)));
  }

  const Node& node_;
  const Materialization& materialization_;
  const std::map<std::string, Collection>& collections_;
  ReadContext& context_;
  const Collection* collection_ = nullptr;
  BindingModel out_;
};

}  // namespace

BindingModel read_binding(const Node& node, const Materialization& materialization,
                          const std::map<std::string, Collection>& collections,
                          ReadContext& context) {
  return BindingReader(node, materialization, collections, context).read();
}

}  // namespace weir::catalog
