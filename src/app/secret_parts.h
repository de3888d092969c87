// The parts of catalog files that can be encrypted: endpoint configs and `triggers` blocks, where
// they stand in the files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "secrets/sealed_part.h"

namespace weir::app {

struct SecretPart {
  std::string place;  // "triggers of orders", "endpoint.sqlite of orders"
  secrets::PartKind kind = secrets::PartKind::kConfig;
  const json::Value* value = nullptr;  // in the file's document
  std::string schema;                  // JSON Schema; empty: this build does not know it
  bool sealed = false;
  bool whole_file = false;  // the config is a file by itself
};

struct SecretFile {
  std::string path;
  std::unique_ptr<secrets::TextDocument> document;
  std::vector<SecretPart> parts;
};

inline constexpr std::size_t kSecretFileMax = 16u << 20;

// A file as text with a tree over it. The messages name the path and never a value.
Result<std::unique_ptr<secrets::TextDocument>> read_document(const std::string& path);
Result<std::unique_ptr<secrets::TextDocument>> parse_document(const std::string& path, Secret text);

// The parts of the given files, of what they import, and of the files that hold configs by
// themselves; files without parts are left out. `connector_schema`: of connectors whose schema this
// build does not know; may be empty.
Result<std::vector<SecretFile>> find_secret_files(const std::vector<std::string>& flow,
                                                  const std::string& connector_schema);
// Of one text, without following imports: what `path` says stays relative to it.
Result<SecretFile> secret_file_of(const std::string& path, Secret text);

// Puts a text in the place of a file's, with the file's mode, at once or not at all.
Status replace_file(const std::string& path, const Secret& text);

}  // namespace weir::app
