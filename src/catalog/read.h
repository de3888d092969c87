// Reading the parts of a catalog: one function per kind, all in the same manner: they report what
// is wrong, and return what is usable. Private to this folder.
#pragma once

#include <map>
#include <string>

#include "catalog/model.h"
#include "catalog/node.h"
#include "catalog/object_reader.h"

namespace weir::catalog {

struct ReadContext {
  Sources& sources;
  Problems& problems;
  const LoadOptions& options;
  std::vector<Ignored>& ignored;
};

Collection read_collection(const std::string& name, const Node& node, ReadContext& context);

// `collections` are all of the catalog: bindings name them.
Materialization read_materialization(const std::string& name, const Node& node,
                                     const std::map<std::string, Collection>& collections,
                                     ReadContext& context);

// E404 where two materializations write to one table of one database file; the later is broken.
void check_shared_tables(std::map<std::string, Materialization>& all, Problems& problems);

// `endpoint` of a materialization, into its endpoint, config_json and base_dir. Returns the kind if
// this build cannot run it.
std::string read_endpoint(const Node& node, Materialization& out, ReadContext& context);
BindingModel read_binding(const Node& node, const Materialization& materialization,
                          const std::map<std::string, Collection>& collections,
                          ReadContext& context);

// The `triggers` block, into triggers and triggers_json.
void read_triggers(const Node& node, Materialization& out, ReadContext& context);

// A value that may be given by the path of a file that holds it: the file's root, or the node
// itself. nullopt: no such file, or a broken one.
std::optional<Node> follow_path(const Node& node, ReadContext& context);

// A name of a collection or materialization.
void check_name(std::string_view kind, std::string_view name, const Location& location,
                Problems& problems);

}  // namespace weir::catalog
