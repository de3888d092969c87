// A FLOW file and what it imports form a group, in which each name is defined once. Groups are laid
// over each other: a name that several groups define becomes one node of several layers.
#include "catalog/load.h"

#include <algorithm>
#include <set>

#include "catalog/paths.h"
#include "catalog/read.h"
#include "catalog/validate.h"
#include "json/pointer.h"

namespace weir::catalog {

Result<std::string> MemoryFiles::read(const std::string& path) {
  const auto it = files_.find(path);
  if (it == files_.end()) return error(Code::kNotFound, "no such file");
  return it->second;
}

bool Loaded::ok() const {
  return !has_errors(problems);
}

namespace {

using Layers = std::map<std::string, std::vector<Layer>>;

class Loader {
 public:
  explicit Loader(const LoadOptions& options)
      : options_(options), problems_(options.published), sources_(options, problems_) {}

  Loaded load(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      load_group(path);
      over_ = true;
    }
    ReadContext context{sources_, problems_, options_, out_.catalog.ignored};
    Catalog& catalog = out_.catalog;
    for (const auto& [name, layers] : collections_) {
      const auto shown = visible(layers);
      if (shown.empty()) continue;
      catalog.collections.emplace(name, read_collection(name, Node(shown), context));
    }
    for (const auto& [name, layers] : materializations_) {
      const auto shown = visible(layers);
      if (shown.empty()) continue;
      catalog.materializations.emplace(
          name, read_materialization(name, Node(shown), catalog.collections, context));
    }
    check_shared_tables(catalog.materializations, problems_);
    catalog.files = sources_.paths();
    const std::size_t dropped = problems_.dropped();
    out_.problems = problems_.take();
    sort_problems(out_.problems);
    if (dropped > 0) note_dropped(dropped);
    return std::move(out_);
  }

 private:
  void load_group(const std::string& path) {
    Layers collections, materializations;
    std::set<const SourceFile*> seen;
    const std::string root = join_path("", path);
    std::vector<std::pair<std::string, Location>> due = {{root, {root, {}, ""}}};
    for (std::size_t i = 0; i < due.size(); ++i) {  // grows with the imports
      const auto [file_path, from] = due[i];
      const SourceFile* file = sources_.open(file_path, from);
      if (file == nullptr || !seen.insert(file).second) continue;
      const bool first_visit = visited_.insert(file).second;
      read_root(*file, first_visit, collections, materializations, due);
    }
    lay_over(collections, collections_);
    lay_over(materializations, materializations_);
  }

  void read_root(const SourceFile& file, bool first_visit, Layers& collections,
                 Layers& materializations, std::vector<std::pair<std::string, Location>>& due) {
    // A file that two groups share is checked once.
    Problems unheard;
    Problems& problems = first_visit ? problems_ : unheard;
    ObjectReader object(Node::of_file(file), "the catalog", problems);
    for (const std::string_view name : {"captures", "tests", "storageMappings", "resources"}) {
      const auto node = object.object(name);
      if (node && first_visit)
        out_.catalog.ignored.push_back({std::string(name), node->name_location()});
    }
    object.ignore({"$schema"});
    if (const auto imports = object.array("import")) {
      for (const Node& item : imports->items()) add_import(item, file, problems, due);
    }
    if (const auto node = object.object("collections"))
      add_members(*node, file, collections, "collection", problems);
    if (const auto node = object.object("materializations")) {
      add_members(*node, file, materializations, "materialization", problems);
    }
    object.finish();
  }

  static void add_import(const Node& item, const SourceFile& file, Problems& problems,
                         std::vector<std::pair<std::string, Location>>& due) {
    if (!item.tree().is_string()) {
      problems.add("E203", item.location(), "an item of \"import\" must be a path");
      return;
    }
    const std::string_view path = item.tree().as_string();
    if (is_remote(path)) {
      problems.add("E105", item.location(), fmt::format("the import {} is not on disk", path));
      return;
    }
    due.emplace_back(join_path(file.folder(), without_file_scheme(path)), item.location());
  }

  void add_members(const Node& node, const SourceFile& file, Layers& out, std::string_view kind,
                   Problems& problems) {
    for (const json::Member& member : node.tree().members()) {
      std::vector<Layer>& layers = out[std::string(member.name)];
      std::string pointer = node.pointer();
      json::append_token(pointer, member.name);
      if (layers.empty()) {
        layers.push_back({&file, &member.value, member.place, std::move(pointer), over_});
        continue;
      }
      problems.add("E104", {file.path, member.place, pointer},
                   fmt::format("the {} \"{}\" is already defined in {}", kind, member.name,
                               layers.front().file->path));
    }
  }

  static void lay_over(const Layers& group, Layers& all) {
    for (const auto& [name, layers] : group) {
      std::vector<Layer>& below = all[name];
      const json::Value* value = layers.front().value;
      const bool again = std::any_of(below.begin(), below.end(),
                                     [value](const Layer& layer) { return layer.value == value; });
      if (!again) below.push_back(layers.front());
    }
  }

  void note_dropped(std::size_t dropped) {
    Problem& last = out_.problems.back();
    last.message += fmt::format(" (and {} problems more that are not shown)", dropped);
  }

  const LoadOptions& options_;
  bool over_ = false;  // the group is laid over others
  Problems problems_;
  Sources sources_;
  Layers collections_, materializations_;
  std::set<const SourceFile*> visited_;
  Loaded out_;
};

}  // namespace

Loaded load(const std::vector<std::string>& paths, const LoadOptions& options) {
  return Loader(options).load(paths);
}

}  // namespace weir::catalog
