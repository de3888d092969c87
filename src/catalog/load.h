// Reading catalog files into the model. FLOW files name each other by `import`, and schemas,
// configs and resources may stand in files of their own; each file is read once, so files may
// import each other. Several FLOW files are laid over each other from left to right: objects merge
// member by member, anything else replaces.
//
// Loading never stops at the first problem: it reports all of them and keeps what is usable. Pure
// but for the FileReader; not thread-safe.
#pragma once

#include <functional>
#include <map>
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

struct LoadOptions {
  FileReader* files = nullptr;  // required
  YamlParser yaml;              // files not named *.json; without it every file is read as JSON
  json::RegexFactory regex;     // required: patterns of schemas
};

struct Loaded {
  Catalog catalog;
  std::vector<Problem> problems;  // by file, line and column; warnings included
  bool ok() const;                // no errors
};

Loaded load(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace weir::catalog
