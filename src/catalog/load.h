// Reading catalog files into the model. FLOW files name each other by `import`, and schemas,
// configs and resources may stand in files of their own; each file is read once, so files may
// import each other.
//
// Several FLOW files are laid over each other from left to right: objects merge member by member,
// and null takes away what the files before said. Triggers merge with the one of the same `name`,
// else of the same URL and method; bindings with the one of the same source. An `endpoint`, a
// `resource`, a schema and every other list or value is replaced.
//
// Loading never stops at the first problem: it reports all of them and keeps what is usable. Pure
// but for the FileReader; not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/model.h"
#include "json/events.h"
#include "json/schema.h"

namespace weir::catalog {

inline constexpr std::size_t kFilesMax = 1024;           // files of one catalog
inline constexpr std::size_t kFileBytesMax = 16u << 20;  // one file
inline constexpr std::size_t kProblemsMax = 1000;        // reported; the rest is counted

// Where the bytes of a catalog come from: the disk, or memory in tests and in the browser.
class FileReader {
 public:
  virtual ~FileReader() = default;
  // `path` is as the user or a catalog file wrote it, joined to the folder of the file that said
  // it, with "." and ".." taken out. kNotFound where there is none; the message of any other error
  // says why it cannot be read.
  virtual Result<std::string> read(const std::string& path) = 0;
};

class MemoryFiles : public FileReader {
 public:
  explicit MemoryFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  Result<std::string> read(const std::string& path) override;

 private:
  std::map<std::string, std::string> files_;
};

// Reads YAML into a value with places; json::parse_yaml is one. The message must not quote values
// of the text.
using YamlParser = std::function<tl::expected<json::Value, json::SyntaxError>(std::string_view text,
                                                                              json::Arena& arena)>;

// What flow://inferred-schema stands for where the catalog does not inline it.
struct InferredSchema {
  std::string schema_json;
  std::uint64_t documents = 0;  // it was inferred from
  bool complete = false;        // there were no more
};
// nullopt: the collection has no documents. Called for collections whose read schema asks for it,
// which have little more than their names and files then.
using InferredSchemaOf = std::function<std::optional<InferredSchema>(const Collection& collection)>;

// Does the read schema of a loaded collection hold such a schema, or the placeholder for it?
bool is_inferred(const protocol::CollectionSpec& collection);

struct LoadOptions {
  FileReader* files = nullptr;  // required
  YamlParser yaml;              // files not named *.json; without it every file is read as JSON
  json::RegexFactory regex;     // required: patterns of schemas
  // Hold the catalog to the published model: what is weir's own is a problem (E209), endpoints that
  // weir cannot run are none, and warnings of what is well there are not given.
  bool published = false;
  InferredSchemaOf inferred_schema;  // without it the schema admits anything
};

struct Loaded {
  Catalog catalog;
  std::vector<Problem> problems;  // by file, line and column; warnings included
  bool ok() const;                // no errors
};

Loaded load(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace weir::catalog
