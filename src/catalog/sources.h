// The files of a catalog: each is read and parsed once, however many others name it. Private to
// this folder.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catalog/load.h"
#include "catalog/problems.h"

namespace weir::catalog {

struct SourceFile {
  std::string path;
  std::string text;  // may hold secrets in clear: wiped with the object
  json::Arena arena;
  json::Value root;
  bool parsed = false;

  SourceFile() = default;
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;
  ~SourceFile() { wipe(text); }
  std::string folder() const;
};

// Do messages show the path? Not where it was written in a confidential place: it may be a slipped
// value.
enum class Mention { kPath, kNothing };

class Sources {
 public:
  Sources(const LoadOptions& options, Problems& problems)
      : options_(options), problems_(problems) {}

  // nullptr if there is no such file or it cannot be parsed. A missing file is a problem at each
  // place that names it
  // (`from`); a broken one is a problem of its own, once.
  const SourceFile* open(const std::string& path, const Location& from,
                         Mention mention = Mention::kPath);
  std::vector<std::string> paths() const { return order_; }

 private:
  void parse(SourceFile& file);
  const LoadOptions& options_;
  Problems& problems_;
  std::map<std::string, std::unique_ptr<SourceFile>> files_;
  std::vector<std::string> order_;
};

// A parser's message without what it quotes of the text, which may be a secret.
std::string without_quotations(std::string_view message);

}  // namespace weir::catalog
